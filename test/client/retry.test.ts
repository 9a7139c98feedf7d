import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, type ConnectOptions, type Status } from "../../src/client/client.ts";
import { CLOSE } from "../../src/protocol/codes.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { type Call, FakeFetch } from "./_fake-fetch.ts";
import { FakeSockets } from "./_fake-socket.ts";
import { nextStatus, record } from "./_record.ts";
import { bye, greeting, sse } from "./_wire.ts";

const ALMOST_ONE = 1 - Number.EPSILON / 2;

/** A connection over SSE whose waits are as long as they can be, unless `chance` says otherwise. */
function setUp({ chance = ALMOST_ONE, ...options }: Partial<ConnectOptions> & { chance?: number } = {}) {
  const clock = fakeClientClock(() => chance);
  const broker = new FakeFetch();
  const connection = connect({ url: "http://127.0.0.1:7857", fetch: broker.fetch, clock, ...options });
  const told = record(connection);
  return {
    clock,
    broker,
    connection,
    /** The next status that tells when the next try is. */
    loss: (): Promise<Status> => nextStatus(told, ({ retryInMs }) => retryInMs !== undefined),
    end: (): Promise<Status> => nextStatus(told, ({ phase }) => phase === "closed"),
  };
}

/** Ends the next stream as `end` says, and returns the wait after it. The wait is over then. */
async function waitAfter(
  test: ReturnType<typeof setUp>,
  end: (call: Call) => void | Promise<void>,
): Promise<number | undefined> {
  await end(await test.broker.next());
  const { retryInMs = 0 } = await test.loss();
  test.clock.advance(retryInMs);
  return retryInMs;
}

test("waits longer with each failure, and starts over once a stream was live for a minute", async () => {
  const test = setUp();
  const waits: (number | undefined)[] = [];
  for (let failures = 0; failures < 8; failures += 1) waits.push(await waitAfter(test, (call) => call.fail()));
  assert.equal(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);

  const liveFor = (ms: number) => async (call: Call) => {
    await call.open().send(sse(...greeting()));
    for (let passed = 0; passed < ms; passed += 10_000) {
      await call.send(":\n\n");
      test.clock.advance(Math.min(10_000, ms - passed));
    }
    call.end();
  };
  assert.is(await waitAfter(test, liveFor(59_999)), 30_000);
  assert.is(await waitAfter(test, liveFor(60_000)), 500);
  assert.is(await waitAfter(test, (call) => call.fail()), 1_000);
  test.connection.close();
});

test("makes one try after each wait and none before it", async () => {
  const { broker, clock, connection, loss } = setUp();
  (await broker.next()).fail();
  assert.is((await loss()).retryInMs, 500);
  clock.advance(499);
  assert.is(broker.calls.items.length, 1);
  clock.advance(1);
  assert.is(broker.calls.items.length, 2);
  clock.advance(20_000);
  assert.is(broker.calls.items.length, 2);
  connection.close();
});

test("the first wait is not shorter than the stream asked for, and the others are the client's own", async () => {
  const test = setUp({ chance: 0 });
  const start = (call: Call) => call.open().send(`retry: 2345\n\n${sse(...greeting())}`).then(() => call.end());
  assert.equal([await waitAfter(test, start), await waitAfter(test, (call) => call.fail())], [2_345, 0]);
  assert.is(await waitAfter(test, (call) => call.open().send("retry: 1111\n\n").then(() => call.fail())), 1_111);
  test.connection.close();
});

test("comes back when a broker that says bye asks to, at once after it has said so", async () => {
  const test = setUp({ chance: 0 });
  const call = (await test.broker.next()).open();
  await call.send(`retry: 1000\n\n${sse(...greeting(), bye("shutdown", 4_321))}`);
  await call.aborted;
  const { phase, cause, retryInMs } = await test.loss();
  const ended = { code: "shutdown", detail: "The broker ended the stream: shutdown" };
  assert.equal([phase, cause, retryInMs], ["stale", ended, 4_321]);
  test.connection.close();
});

test("a bye does not make a wait shorter than it would be", async () => {
  const test = setUp();
  const end = (call: Call) => call.open().send(sse(bye("overload", 20)));
  assert.equal([await waitAfter(test, end), await waitAfter(test, end), await waitAfter(test, end)], [500, 1_000, 2_000]);
  test.connection.close();
});

test("204 is the end, in peace", async () => {
  const { broker, clock, connection, end } = setUp();
  (await broker.next()).answer(204);
  assert.is((await end()).cause?.code, "ended");
  assert.is(clock.pending, 0);
  assert.equal(await connection[Symbol.asyncIterator]().next(), { done: true, value: undefined });
});

for (const status of [400, 401, 403, 404, 405, 410, 421]) {
  test(`${status} is the end, with the broker's own words`, async () => {
    const { broker, clock, end } = setUp();
    (await broker.next()).refuse(status, "some_code", "Some detail");
    assert.equal(await end(), { phase: "closed", cause: { code: "some_code", detail: "Some detail" } });
    assert.is(clock.pending, 0);
  });
}

for (const body of ["", "not found", "{}", "null", "7", "[]"]) {
  test(`a refusal that is no problem of the broker (${body || "nothing"}) is named by its status`, async () => {
    const { broker, end } = setUp();
    (await broker.next()).answer(404, body);
    const detail = "http://127.0.0.1:7857/v1/stream answered 404";
    assert.equal((await end()).cause, { code: "http_404", detail });
  });
}

test("an answer that is no stream is the end", async () => {
  const { broker, end } = setUp();
  (await broker.next()).answer(200, "<html>", { "content-type": "text/html" });
  const { cause } = await end();
  assert.is(cause?.code, "not_a_stream");
  assert.match(cause?.detail ?? "", "answered 200 text/html: is this a Perch broker?");
});

for (const status of [408, 429, 500, 502, 503]) {
  test(`${status} is tried again, not before Retry-After`, async () => {
    const test = setUp({ chance: 0 });
    assert.is(await waitAfter(test, (call) => call.answer(status, null, { "retry-after": "7" })), 7_000);
    assert.is(await waitAfter(test, (call) => call.answer(status, null, { "retry-after": "Wed, 21 Oct 2015" })), 0);
    assert.is(await waitAfter(test, (call) => call.answer(status)), 0);
    test.connection.close();
  });
}

test("a broker that can't be reached is told with its address and the reason, while the client goes on trying", async () => {
  const { broker, connection, loss } = setUp();
  (await broker.next()).fail(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }));
  const { phase, cause } = await loss();
  assert.equal([phase, cause?.code], ["connecting", "unreachable"]);
  assert.match(
    cause?.detail ?? "",
    "Cannot reach http://127.0.0.1:7857/v1/stream: fetch failed: connect ECONNREFUSED. Is the broker running?",
  );
  connection.close();
});

test("what was live is stale until it is live again, and says when the next try is and when one is under way", async () => {
  const { broker, clock, connection, loss } = setUp();
  const call = (await broker.next()).open();
  await call.send(sse(...greeting()));
  call.end();
  const cause = { code: "lost", detail: "The broker ended the stream" };
  assert.equal(await loss(), { phase: "stale", cause, retryInMs: 500 });
  clock.advance(500);
  assert.equal(connection.status(), { phase: "stale", cause });
  await (await broker.next()).open().send(sse(...greeting()));
  assert.equal(connection.status(), { phase: "live" });
  connection.close();
});

for (const [name, code] of Object.entries(CLOSE)) {
  const isFinal = ["policy", "tooBig", "revoked", "forbidden"].includes(name);
  test(`a socket that is closed with ${code} (${name}) is ${isFinal ? "not " : ""}opened again`, async () => {
    const { all, last, WebSocket } = await openSocket();
    last.drop(code, "because");
    const { phase, cause } = all.connection.status();
    assert.equal([phase, cause], [isFinal ? "closed" : "stale", {
      code: `ws_${code}`,
      detail: `The WebSocket was closed with ${code}: because`,
    }]);
    all.clock.advance(500);
    assert.is(WebSocket.all.length, isFinal ? 1 : 2);
    all.connection.close();
  });
}

/** A connection over WebSocket that is live. */
async function openSocket() {
  const WebSocket = new FakeSockets();
  const all = setUp({ transport: "ws", WebSocket: WebSocket.WebSocket });
  await Promise.resolve();
  const { last } = WebSocket;
  last.open().receive(...greeting());
  return { all, last, WebSocket };
}

test("refuses waits and limits that make no sense", () => {
  for (
    const options of [{ watchdogMs: 0 }, { bufferLimit: -1 }, { backoff: { firstMs: Number.NaN } }, {
      backoff: { maxMs: Infinity },
    }]
  ) {
    assert.throws(() => connect({ url: "http://127.0.0.1:7857", ...options }), (error: unknown) => error instanceof RangeError);
  }
});

test.run();
