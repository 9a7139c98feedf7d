// runtime: node
/** `perch serve` as a process: how it starts, what it refuses, how it ends. */

import { connect, createServer } from "node:net";
import * as assert from "uvu/assert";
import type { Runtime, ServerProcess } from "../support/broker-process.ts";
import { ask, post } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { startPeer } from "../support/peer-process.ts";
import { openSse } from "../support/sse-reader.ts";
import { greeting } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { runPerch, startCommand, startPerch } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("perch serve");

/** In milliseconds. */
const SHUTDOWN_MS = 5_000;
const AT_ONCE_MS = 1_500;

test("says one line on stderr, with the real port, and nothing on stdout", async (start) => {
  const perch = await start();
  assert.is(perch.stderr, `perch listening on http://127.0.0.1:${perch.port} (sse /events, ws /ws)\n`);
  assert.is.not(perch.port, 0);
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
  await post(`${perch.url}/v1/events`, { kind: "tool.start", sessionId: "s" });
  assert.is(perch.stderr.split("\n").length, 2);
});

test("does what its flags say", async (start) => {
  const perch = await start("--pet", "boba", "--max-sessions", "1", "--max-readers", "1", "--allow-origin", "http://a.test");
  assert.is(at((await ask(`${perch.url}/v1/state`)).json, "pet", "slug"), "boba");
  const allowed = await ask(`${perch.url}/v1/state`, { headers: { origin: "http://a.test" } });
  assert.equal([allowed.status, allowed.headers.get("access-control-allow-origin")], [200, "http://a.test"]);
  assert.is((await ask(`${perch.url}/v1/state`, { headers: { origin: "http://b.test" } })).status, 403);
  const first = await openSse(`${perch.url}/events`);
  await greeting(first);
  const second = await openSse(`${perch.url}/events`);
  assert.is(at((await second.messages.next("bye")).data, "reason"), "overload");
  first.close();
  const work = [{ kind: "prompt.submit", sessionId: "a" }, { kind: "prompt.submit", sessionId: "b" }];
  assert.is((await post(`${perch.url}/v1/events`, work)).status, 503);
});

test("refuses a bad command line with exit code 2 and one line", async (_start, runtime) => {
  const wrong = [["serve", "--port=abc"], ["--port"], ["--prot", "1"], ["serve", "extra"], ["serf"], ["--host", "0.0.0.0"]];
  const runs = await Promise.all(wrong.map((args) => runPerch(runtime, args)));
  runs.forEach(({ code, stdout, stderr }, i) => {
    assert.equal({ code, stdout }, { code: 2, stdout: "" }, wrong[i]?.join(" "));
    assert.match(stderr, /^perch: .+\n$/);
  });
});

test("is not stopped by what another broker's variables say, but warns", async (_start, runtime) => {
  const perch = startPerch(runtime, ["--port", "0"], { MAVIS_PET_LOG_LEVEL: "nonsense" });
  await readSaid(perch, /perch listening on /);
  perch.signal("SIGTERM");
  const { code, stderr } = await perch.ended;
  assert.is(code, 0);
  assert.match(stderr, /^perch: MAVIS_PET_LOG_LEVEL is "nonsense": it must be one of .*; it is ignored$/m);
});

test("with --log-level debug says why something did not arrive, and who reads", async (start) => {
  const perch = await start("--log-level", "debug");
  const refused = (await Promise.all([
    ask(`${perch.url}/event`, { method: "POST", body: '{"kind":"PreToolUse\u202e' }),
    ask(`${perch.url}/v1/events`, { method: "POST", body: "{}", headers: { "content-type": "text/html" } }),
    post(`${perch.url}/v1/events`, { kind: "nope\x1b\n[2J", sessionId: "s" }),
    ask(`${perch.url}/v1/state`, { headers: { origin: "http://evil.test" } }),
    ask(`${perch.url}/nowhere`),
  ])).map(({ status }) => status);
  assert.equal(refused, [400, 415, 400, 403, 404]);
  await post(`${perch.url}/v1/events`, { kind: "tool.start", sessionId: "accepted" });
  const [sse] = await openBoth(perch);
  sse?.close();
  const lines = [
    'http refused with 400: {"error":"invalid_json"}',
    "http refused with 415: unsupported_media_type: ",
    'http refused with 400: invalid_kind: The field "kind" of the event is "nope\\u001b\\n[2J": ',
    "http refused with 403: foreign_origin: ",
    "http refused with 404: not_found: There is nothing at /nowhere",
    "hub a reader came: sse bare ",
    "hub a reader came: ws bare ",
    "hub a reader went: sse bare ",
  ];
  for (const line of lines) await readSaid(perch, new RegExp(` debug perch\\.${escaped(line)}`));
  assert.is(perch.stderr.match(/ refused with /g)?.length, refused.length);
  assert.not.match(perch.stderr, /accepted/);
  perch.signal("SIGTERM");
  await within(2 * SHUTDOWN_MS, "end", perch.exited);
  assert.match(perch.stderr, / debug perch\.serve stopping: /);
});

const escaped = (text: string): string => text.replace(/[^\w ]/g, "\\$&");

/** Waits until the process has said `sought` on stderr. */
async function readSaid(perch: { readonly stderr: string }, sought: RegExp): Promise<void> {
  const look = async (): Promise<void> => {
    while (!sought.test(perch.stderr)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await within(SHUTDOWN_MS, `${sought} in ${perch.stderr}`, look());
}

/** What `perch serve` says of a port that somebody holds. */
async function refusedPort(runtime: Runtime, port: number): Promise<string> {
  const { code, stdout, stderr } = await runPerch(runtime, ["serve", "--port", String(port)]);
  assert.equal({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^perch: Port \d+ is taken by .*choose another port with --port\n$/);
  return stderr;
}

test("says that another Perch holds the port", async (start, runtime) => {
  const { port, url } = await start();
  assert.ok(
    (await refusedPort(runtime, port)).includes(
      `a Perch broker that is already running: use that one ("perch status --url ${url}"`,
    ),
  );
});

test("says that the mavis pet broker holds the port", async (_start, runtime) => {
  const peer = await startPeer();
  try {
    assert.match(await refusedPort(runtime, peer.port), /taken by the mavis pet broker: /);
  } finally {
    peer.signal("SIGKILL");
    await peer.exited;
  }
});

test("says that another program holds the port, also one that never answers", async (_start, runtime) => {
  const silent = createServer(() => {});
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, "127.0.0.1", () => {
      const address = silent.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  try {
    assert.match(await refusedPort(runtime, port), /taken by another program: /);
  } finally {
    silent.close();
  }
});

test("explains an address that is not of this machine", async (_start, runtime) => {
  const { code, stderr } = await runPerch(runtime, ["--host", "192.0.2.1", "--port", "0", "--insecure-http"]);
  assert.is(code, 1);
  assert.match(stderr, /^perch: 192\.0\.2\.1 is no address of this machine \(EADDRNOTAVAIL\): choose another with --host/);
});

/** Opens one reader of each kind, which has been greeted. */
async function openBoth({ url }: ServerProcess) {
  const readers = await Promise.all([openSse(`${url}/events`), openWs(`${url}/v1/ws`)]);
  await Promise.all(readers.map(greeting));
  return readers;
}

for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${name} ends it in order within 5 seconds, with readers open`, async (start) => {
    const perch = await start();
    const readers = await openBoth(perch);
    const began = performance.now();
    perch.signal(name);
    assert.equal(await within(2 * SHUTDOWN_MS, "end", perch.exited), { code: 0, signal: null });
    assert.ok(performance.now() - began < SHUTDOWN_MS, `took ${performance.now() - began} ms`);
    for (const reader of readers) {
      assert.is(at((await reader.messages.next("bye", ({ type }) => type === "bye")).data, "reason"), "shutdown");
    }
    assert.match(perch.stderr, /^perch listening.*\n$/);
  });
}

/** Sends half of a request, so that an orderly end has to wait for the rest. Returns how to break it off. */
async function openHalf({ port, url }: ServerProcess): Promise<() => void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{`,
  );
  await new Promise((resolve) => socket.once("connect", resolve));
  await ask(`${url}/healthz`); // came later, so the half request is known when this is answered
  return () => void socket.destroy();
}

test("a request that never ends holds the end up for 5 seconds at most", async (start) => {
  const perch = await start();
  const breakOff = await openHalf(perch);
  const began = performance.now();
  perch.signal("SIGTERM");
  assert.equal(await within(2 * SHUTDOWN_MS, "end", perch.exited), { code: 0, signal: null });
  assert.ok(performance.now() - began < SHUTDOWN_MS, `took ${performance.now() - began} ms`);
  breakOff();
});

for (const [name, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
  test(`a second ${name} ends it at once`, async (start) => {
    const perch = await start();
    const sse = await openSse(`${perch.url}/events`);
    const breakOff = await openHalf(perch);
    perch.signal("SIGTERM");
    await sse.messages.next("bye", ({ type }) => type === "bye");
    const began = performance.now();
    perch.signal(name);
    assert.equal(await within(2 * SHUTDOWN_MS, "end", perch.exited), { code, signal: null });
    assert.ok(performance.now() - began < AT_ONCE_MS, `took ${performance.now() - began} ms`);
    breakOff();
  });
}

test("a second SIGHUP changes nothing, since a terminal that is closed may send two", async (start) => {
  const perch = await start();
  const [sse] = await openBoth(perch);
  perch.signal("SIGHUP");
  perch.signal("SIGHUP");
  assert.equal(await within(2 * SHUTDOWN_MS, "end", perch.exited), { code: 0, signal: null });
  assert.is(at((await sse?.messages.next("bye", ({ type }) => type === "bye"))?.data, "reason"), "shutdown");
});

test("importing the module starts nothing", async (_start, runtime) => {
  const code = 'await import("./mod.ts").then(({ createBroker }) => console.log(typeof createBroker));';
  const evaluate = runtime === "node"
    ? [process.execPath, "--input-type=module", "--eval", code]
    : ["node_modules/.bin/deno", "eval", code];
  const { code: exit, stdout, stderr } = await startCommand(evaluate).ended;
  assert.equal({ exit, stdout, stderr }, { exit: 0, stdout: "function\n", stderr: "" });
});

test.run();
