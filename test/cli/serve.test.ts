import { test } from "uvu";
import * as assert from "uvu/assert";
import type { StartedBroker } from "../../src/cli/io.ts";
import { type FakeWorld, runFake } from "./_fake-io.ts";
import { FakeMachine } from "../support/fake-machine.ts";
import { DEFAULTS, serveWith, until } from "./_serve.ts";

test("prints one line, on stderr, and closes the broker when it is stopped", async () => {
  const { code, out, err, settings, closed } = await serveWith(["serve"]);
  assert.equal(settings, DEFAULTS);
  assert.equal({ code, out, closed }, { code: 0, out: "", closed: 1 });
  assert.match(
    err,
    /^perch listening on http:\/\/127\.0\.0\.1:4711 \(sse \/events, ws \/ws\)\n$/,
  );
});

test("is the command when none is named", async () => {
  assert.equal((await serveWith([])).settings, DEFAULTS);
  assert.is((await serveWith(["--port", "0"])).settings?.port, 0);
});

test("takes all settings from flags", async () => {
  const flags = "--host ::1 --port 1 --pet boba --log-level debug --quiet --store memory --max-sessions 2 --max-readers 3";
  const more = ["--state-dir", "some where", "--allow-origin", "http://a.test", "--allow-origin=null", "--metrics", "loopback"];
  const { settings } = await serveWith([...flags.split(" "), ...more]);
  assert.equal(settings, {
    ...DEFAULTS,
    host: "::1",
    port: 1,
    pet: "boba",
    maxSessions: 2,
    maxReaders: 3,
    origins: ["http://a.test", "null"],
    database: undefined,
    metrics: "loopback",
  });
});

const PERCH = {
  PERCH_HOST: "127.0.0.2",
  PERCH_PORT: "2",
  PERCH_PET: "own",
  PERCH_LOG_LEVEL: "warn",
  PERCH_STORE: "memory",
  PERCH_MAX_SESSIONS: "5",
  PERCH_MAX_READERS: "6",
  PERCH_ALLOW_ORIGIN: "http://a.test,null",
  PERCH_METRICS: "loopback",
};
const PEER = {
  MAVIS_PET_BROKER_HOST: "127.0.0.3",
  MAVIS_PET_BROKER_PORT: "3",
  MAVIS_PET_DEFAULT_PET: "theirs",
  MAVIS_PET_LOG_LEVEL: "error",
};

test("takes settings from the environment, its own names before those of the peer, and flags before both", async () => {
  const peer = { ...DEFAULTS, host: "127.0.0.3", port: 3, pet: "theirs" };
  assert.equal((await serveWith([], PEER)).settings, peer);
  const own = {
    ...DEFAULTS,
    host: "127.0.0.2",
    port: 2,
    pet: "own",
    maxSessions: 5,
    maxReaders: 6,
    origins: ["http://a.test", "null"],
    database: undefined,
    metrics: "loopback",
  };
  assert.equal((await serveWith([], { ...PEER, ...PERCH })).settings, own);
  assert.equal((await serveWith(["--port", "9", "--pet", "flag"], { ...PEER, ...PERCH })).settings, {
    ...own,
    port: 9,
    pet: "flag",
  });
});

const WRONG: Readonly<Record<string, string>> = {
  "--host": "",
  "--port": "65536",
  "--pet": "",
  "--log-level": "loud",
  "--store": "disk",
  "--max-sessions": "0",
  "--max-readers": "-1",
  "--allow-origin": "http://a.test/",
  "--metrics": "all",
  "--log-format": "xml",
  "--log-file": "",
  "--log-max-bytes": "65535",
  "--log-max-files": "0",
  "--state-dir": "",
};
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  "--port": ["PERCH_PORT"],
  "--log-level": ["PERCH_LOG_LEVEL"],
  "--store": ["PERCH_STORE"],
  "--max-sessions": ["PERCH_MAX_SESSIONS"],
  "--max-readers": ["PERCH_MAX_READERS"],
  "--allow-origin": ["PERCH_ALLOW_ORIGIN"],
  "--metrics": ["PERCH_METRICS"],
  "--log-format": ["PERCH_LOG_FORMAT"],
  "--log-max-bytes": ["PERCH_LOG_MAX_BYTES"],
  "--log-max-files": ["PERCH_LOG_MAX_FILES"],
};

for (const [flag, value] of Object.entries(WRONG)) {
  test(`refuses a wrong ${flag}, with its name and value, and starts nothing`, async () => {
    for (const name of [flag, ...VARIABLES[flag] ?? []]) {
      const isFlag = name === flag;
      const { code, settings, err } = await serveWith(isFlag ? [flag, value] : [], isFlag ? {} : { [name]: value });
      assert.equal({ code, settings }, { code: 2, settings: undefined });
      assert.ok(err.startsWith(`perch: ${name} is ${JSON.stringify(value)}: it must `), err);
      assert.ok(err.endsWith(" (perch serve --help lists all)\n"), err);
    }
  });
}

test("a wrong variable of the peer is told of and does not count", async () => {
  const { code, settings, err } = await serveWith([], { MAVIS_PET_BROKER_PORT: "99999", MAVIS_PET_LOG_LEVEL: "loud\n" });
  assert.equal({ code, settings }, { code: 0, settings: DEFAULTS });
  assert.equal(err.split("\n").filter((line) => line.startsWith("perch: ")), [
    'perch: MAVIS_PET_BROKER_PORT is "99999": it must be a whole number from 0 to 65535; it is ignored',
    'perch: MAVIS_PET_LOG_LEVEL is "loud\\n": it must be one of debug, info, warn, error; it is ignored',
  ]);
});

test("listens beyond this machine only when that is said twice", async () => {
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org", "127.1"]) {
    const refused = await serveWith(["--host", host]);
    assert.equal({ code: refused.code, settings: refused.settings }, { code: 2, settings: undefined });
    assert.match(refused.err, /--insecure-http/);
    const { code, settings } = await serveWith(["--host", host, "--insecure-http"]);
    assert.equal({ code, host: settings?.host }, { code: 0, host });
  }
  for (const host of ["127.0.0.1", "127.8.9.1", "localhost", "::1"]) assert.is((await serveWith(["--host", host])).code, 0);
});

test("shows metrics to everybody only where nobody else can reach it", async () => {
  const { code, settings, err } = await serveWith(["--host", "0.0.0.0", "--insecure-http", "--metrics", "loopback"]);
  assert.equal({ code, settings }, { code: 2, settings: undefined });
  assert.match(err, /^perch: --metrics loopback would show the metrics to whoever reaches "0\.0\.0\.0": leave it out/);
});

test("a log that lasts is kept in the state folder, wherever that is", async () => {
  const databases = [
    await serveWith(["--store", "sqlite"]),
    await serveWith(["--store", "sqlite", "--state-dir", "some where"], { PERCH_STATE_DIR: "/other" }),
    await serveWith([], { PERCH_STORE: "sqlite", PERCH_STATE_DIR: "/states" }),
    await serveWith(["--store", "memory"], { PERCH_STATE_DIR: "/states" }),
  ].map(({ settings }) => settings?.database);
  const places = ["/home/me/.local/share/perch/perch.db", "/work/some where/perch.db", "/states/perch.db", undefined];
  assert.equal(databases, places);
});

test("holds the state folder while it runs, tells in it where it is, and leaves in order when it is asked to", async () => {
  const machine = new FakeMachine();
  const folder = "/home/me/.local/share/perch";
  const { code, closed } = await serveWith([], {}, async (io) => {
    const second = await runFake(["--port", "0"], { machine: new FakeMachine(2, machine) });
    assert.equal([second.code, second.out], [1, ""]);
    assert.match(
      second.err,
      /^perch: A Perch broker already runs on the state folder .*: at http:\/\/127\.0\.0\.1:4711, process 1\. /,
    );
    const startedAt = io.clock.wall();
    machine.files.put(`${folder}/leave.json`, { text: JSON.stringify({ pid: 1, startedAt }) });
    io.clock.advance(1_000);
    await until(() => machine.files.look(`${folder}/broker.json`) === undefined);
  }, { machine });
  assert.equal({ code, closed }, { code: 0, closed: 1 });
  assert.equal(machine.locks.held.size, 0);
});

test("lets go of the state folder when the port is refused", async () => {
  const machine = new FakeMachine();
  const { code } = await runFake([], { machine });
  assert.equal([code, machine.locks.held.size, machine.clock.pending], [1, 0, 0]);
});

/** What `serve` says when the system refuses the port with `code`. */
async function refusedWith(code: string, fetch?: FakeWorld["fetch"], args: readonly string[] = []) {
  const serve = (): Promise<StartedBroker> => Promise.reject(Object.assign(new Error("listen"), { code }));
  const io = await runFake(args, { serve, ...(fetch === undefined ? {} : { fetch }) });
  assert.is(io.code, 1);
  assert.is(io.out, "");
  return io;
}

const holder = (answers: Readonly<Record<string, unknown>>) => (url: string) => {
  const body = answers[new URL(url).pathname];
  return Promise.resolve(
    new Response(JSON.stringify(body ?? { error: "not_found" }), { status: body === undefined ? 404 : 200 }),
  );
};

test("names a Perch broker that holds the port, and how to look at it", async () => {
  const perch = holder({ "/v1/state": { epoch: "abcdefgh", seq: 0 }, "/status": { state: "idle", wsClients: 0 } });
  const { err } = await refusedWith("EADDRINUSE", perch);
  assert.match(
    err,
    /^perch: Port 7857 is taken by a Perch broker that is already running: use that one \("perch status" shows it\)/,
  );
  const other = await refusedWith("EADDRINUSE", perch, ["--port", "4711", "--host", "::1"]);
  assert.match(other.err, /"perch status --url http:\/\/\[::1\]:4711" shows it/);
});

test("names the mavis pet broker that holds the port", async () => {
  const { err } = await refusedWith("EADDRINUSE", holder({ "/status": { state: "idle", wsClients: 0 } }));
  assert.match(err, /^perch: Port 7857 is taken by the mavis pet broker: end it/);
});

test("calls anything else that holds the port another program", async () => {
  const others = [holder({}), holder({ "/v1/state": [], "/status": "fine" }), () => Promise.reject(new TypeError("no HTTP"))];
  for (const fetch of others) {
    const { err } = await refusedWith("EADDRINUSE", fetch);
    assert.is(err, "perch: Port 7857 is taken by another program: choose another port with --port\n");
  }
});

test("explains other refusals of the system", async () => {
  assert.match(
    (await refusedWith("EACCES", undefined, ["--port", "80"])).err,
    /^perch: Port 80 may not be used by this user: .*--port\n$/,
  );
  assert.match((await refusedWith("EADDRNOTAVAIL")).err, /^perch: 127\.0\.0\.1 is no address of this machine .*--host/);
  assert.match((await refusedWith("ENOTFOUND")).err, /^perch: 127\.0\.0\.1 is no address/);
});

test.run();
