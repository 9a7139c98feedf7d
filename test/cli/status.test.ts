import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SessionData } from "../../src/protocol/types.ts";
import { answering, FakeIo, FakeTerminal, runFake, visible } from "./_fake-io.ts";

const NOW = Date.UTC(2030, 0, 1);
const NONE = { failed: 0, waiting: 0, prompted: 0, starting: 0, ending: 0, done: 0, working: 0, unknown: 0, idle: 0 };
const session = (fields: Partial<SessionData> & { readonly id: string }): SessionData => (
  { state: "idle", pose: "idle", since: NOW, ...fields }
);
const snapshot = (
  state: string,
  counts: Partial<typeof NONE>,
  sessions: readonly SessionData[],
  slug: string | null = null,
) => (
  {
    epoch: "abcdefgh",
    seq: 3,
    state: { state, pose: "run", since: NOW, counts: { ...NONE, ...counts } },
    pet: { slug },
    sessions,
  }
);

const BUSY = snapshot("waiting", { waiting: 1, working: 1 }, [
  session({
    id: "s1",
    agent: "claude-code",
    state: "working",
    since: NOW - 61_000,
    title: "Fix it",
    tool: "bash",
    activity: "npm test",
  }),
  session({ id: "s2", agent: "codex", state: "waiting", since: NOW - 3_000 }),
], "boba");

test("shows the aggregate and an aligned table, what asks for attention first", async () => {
  const { code, out, err, asked } = await runFake(["status"], { fetch: answering(200, BUSY) });
  assert.equal({ code, err }, { code: 0, err: "" });
  assert.equal(asked.map(({ method, url }) => `${method} ${url}`), ["GET http://127.0.0.1:7857/v1/state"]);
  assert.equal(out.split("\n"), [
    "waiting  2 sessions: 1 waiting, 1 working  pet boba",
    "",
    "STATE    SINCE  AGENT        TITLE   DOING           SESSION",
    "waiting  3s     codex                                s2",
    "working  1m     claude-code  Fix it  bash: npm test  s1",
    "",
  ]);
});

test("is one line when there is no session", async () => {
  const { out } = await runFake(["status"], { fetch: answering(200, snapshot("idle", {}, [])) });
  assert.is(out, "idle  no sessions\n");
});

test("--json prints the broker's snapshot as it is, on one line", async () => {
  const { code, out } = await runFake(["status", "--json"], { fetch: answering(200, BUSY) });
  assert.is(code, 0);
  assert.is(out, `${JSON.stringify(BUSY)}\n`);
});

test("asks the broker that a flag or a variable names, also below a path", async () => {
  const fetch = answering(200, BUSY);
  const env = { PERCH_URL: "http://127.0.0.1:1/perch/" };
  assert.is((await runFake(["status"], { fetch, env })).asked[0]?.url, "http://127.0.0.1:1/perch/v1/state");
  assert.is((await runFake(["status", "--url", "http://[::1]:2"], { fetch, env })).asked[0]?.url, "http://[::1]:2/v1/state");
});

test("without an address, asks where serve would listen", async () => {
  const fetch = answering(200, BUSY);
  const askedWith = async (env: Readonly<Record<string, string>>) =>
    (await runFake(["status"], { fetch, env })).asked[0]?.url.replace("/v1/state", "");
  assert.is(await askedWith({ PERCH_PORT: "1" }), "http://127.0.0.1:1");
  assert.is(await askedWith({ MAVIS_PET_BROKER_PORT: "2", MAVIS_PET_BROKER_HOST: "127.0.0.2" }), "http://127.0.0.2:2");
  assert.is(await askedWith({ PERCH_PORT: "1", MAVIS_PET_BROKER_PORT: "2" }), "http://127.0.0.1:1");
  assert.is(await askedWith({ PERCH_HOST: "::1" }), "http://[::1]:7857");
  for (const host of ["0.0.0.0", "::"]) assert.is(await askedWith({ PERCH_HOST: host, PERCH_PORT: "3" }), "http://127.0.0.1:3");
  assert.is(await askedWith({ PERCH_PORT: "1", PERCH_URL: "http://127.0.0.1:4" }), "http://127.0.0.1:4");
});

test("can't guess where a broker is that chose its port, or whose host is none", async () => {
  for (const env of [{ PERCH_PORT: "0" }, { PERCH_HOST: "my host" }]) {
    const { code, err, asked } = await runFake(["status"], { env });
    assert.equal({ code, asked }, { code: 2, asked: [] });
    assert.match(err, /^perch: The (?:port is 0|host "my host" is no).*--url/);
  }
});

test("refuses what is no address of a broker", async () => {
  for (
    const url of ["localhost:7857", "ftp://localhost", "http://", "http://localhost:7857/?x", "http://me:pw@localhost", "7857"]
  ) {
    const { code, err, asked } = await runFake(["status", "--url", url]);
    assert.is(code, 2, url);
    assert.ok(err.startsWith(`perch: --url is ${JSON.stringify(url)}: it must be the address that the broker printed`), err);
    assert.equal(asked, []);
  }
});

test("says that no broker answers, why, and what to do", async () => {
  const { code, out, err } = await runFake(["status"]);
  assert.equal({ code, out }, { code: 1, out: "" });
  const help = 'start one with "perch", or name another with --url';
  assert.is(err, `perch: No broker answers at http://127.0.0.1:7857 (ECONNREFUSED): ${help}\n`);
});

test("says that a broker takes too long", async () => {
  const fetch = () => Promise.reject(new DOMException("signal timed out", "TimeoutError"));
  assert.match(
    (await runFake(["status"], { fetch })).err,
    /^perch: No broker answers at \S+ \(nothing within 5 s\): start one/,
  );
});

test("tells a Perch broker from anything else that answers", async () => {
  const others = [
    answering(404, { error: "not_found", path: "/v1/state" }),
    answering(200, "<html>"),
    answering(200, null),
    answering(200, { epoch: "abcdefgh", seq: 1 }),
    answering(200, { ...BUSY, sessions: [{ id: 1 }] }),
    answering(200, { ...BUSY, state: { state: "idle", counts: {} } }),
  ];
  for (const fetch of others) {
    const { code, out, err } = await runFake(["status"], { fetch });
    assert.equal({ code, out }, { code: 1, out: "" });
    assert.match(err, /^perch: http:\/\/127\.0\.0\.1:7857 is no Perch broker: it answered .*--url\n$/);
  }
});

test("nothing that a session says reaches the terminal as a command", async () => {
  const evil = "\x1b[2J\x1b]52;c;ZXZpbA==\x07\u202Etitle\r\nworking";
  const hostile = session({ id: "s1", agent: evil, title: evil, tool: evil, activity: evil });
  const { out } = await runFake(["status"], { fetch: answering(200, snapshot("idle", { idle: 1 }, [hostile], evil)) });
  assert.not.match(out.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
  assert.is(out.split("\n").length, 5);
});

test("a terminal gets color and lines that fit, unless it wants none", async () => {
  const run = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const terminal = new FakeTerminal(40, 24, () => new FakeIo());
    return (await runFake(["status"], { fetch: answering(200, BUSY), terminal, env })).out;
  };
  const colored = await run({});
  assert.match(visible(colored), /␛\[33;1mwaiting␛\[0m/);
  const lines = (await run({ NO_COLOR: "1" })).split("\n");
  assert.not.match(visible(lines.join("")), /␛/);
  assert.ok(lines.slice(2).every((line) => line.length <= 40), lines.join("\n"));
  assert.is(await run({ TERM: "dumb" }), lines.join("\n"));
});

test.run();
