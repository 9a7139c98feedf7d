import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { type Call, FakeFetch } from "./_fake-fetch.ts";
import { namesOf, nextStatus, record } from "./_record.ts";
import { at, bye, EPOCH, greeting, hello, live, pet, reset, snapshot, sse } from "./_wire.ts";

const URL = "http://127.0.0.1:7857";

/** A connection over SSE whose broker, clock and chance are the test's. */
function setUp(options: Partial<ConnectOptions> = {}) {
  const clock = fakeClientClock();
  const broker = new FakeFetch();
  const connection = connect({ url: URL, fetch: broker.fetch, clock, ...options });
  return { clock, broker, connection, told: record(connection) };
}

/** The next request, once the wait before it is over. */
async function comeBack({ clock, broker }: ReturnType<typeof setUp>, ms = 30_000): Promise<Call> {
  clock.advance(ms);
  return await broker.next();
}

test("asks for a stream with topics and session, and without a cursor", async () => {
  const { broker, connection } = setUp({ url: `${URL}/perch/`, topics: ["state", "events"], session: "a&b" });
  const { url, headers } = await broker.next();
  assert.is(url, `${URL}/perch/v1/stream?topics=state%2Cevents&session=a%26b`);
  assert.equal([headers.get("accept"), headers.get("last-event-id")], ["text/event-stream", null]);
  connection.close();
});

test("tells each message by its type, and is live when the broker says so", async () => {
  const { broker, connection, told } = setUp();
  await (await broker.next()).open().send(sse(...greeting(3), pet(4, "cat")));
  assert.equal(namesOf(told.items), ["connecting", "hello", "reset", "snapshot", "live", "live", "pet"]);
  assert.equal([connection.cursor(), connection.pet(), connection.status()], [at(4), "cat", { phase: "live" }]);
  connection.close();
});

test("reads blocks that come in pieces, even of one character", async () => {
  const { broker, connection, told } = setUp();
  const call = (await broker.next()).open();
  for (const byte of new TextEncoder().encode(sse(...greeting(), pet(1, "Fräulein 🐈")))) await call.send(Uint8Array.of(byte));
  assert.equal(told.items.at(-1), { name: "pet", data: { slug: "Fräulein 🐈" } });
  connection.close();
});

test("goes on after the last message when the stream breaks in the middle of the next", async () => {
  const test = setUp();
  const { broker, connection, told } = test;
  const call = (await broker.next()).open();
  const whole = sse(pet(2));
  await call.send(sse(...greeting(), pet(1)) + whole.slice(0, -1));
  call.fail();
  await nextStatus(told, ({ phase }) => phase === "stale");
  const next = await comeBack(test);
  assert.is(next.headers.get("last-event-id"), at(1));
  await next.open().send(sse(hello("delta", 2)) + whole + sse(live(2)));
  assert.equal(namesOf(told.rest()), ["stale lost", "hello", "pet", "live", "live"]);
  assert.equal(connection.pet(), "pet-2");
  connection.close();
});

test("a block that has an id and nothing else moves the cursor", async () => {
  const test = setUp();
  const call = (await test.broker.next()).open();
  await call.send(sse(...greeting(1)) + `id: ${at(7)}\n\n`);
  assert.is(test.connection.cursor(), at(7));
  await call.send(`id: ${at(8)}\n\n${sse(pet(9))}id: ${at(12)}\n\n`);
  assert.equal([test.connection.cursor(), test.connection.pet()], [at(12), "pet-9"]);
  await call.send(`id: ${at(5)}\n\n`);
  assert.is(test.connection.cursor(), at(12));
  call.end();
  await nextStatus(test.told, ({ phase }) => phase === "stale");
  assert.is((await comeBack(test)).headers.get("last-event-id"), at(12));
  test.connection.close();
});

test("tells no message twice and none out of order", async () => {
  const { broker, connection, told } = setUp();
  await (await broker.next()).open().send(sse(...greeting(), pet(3), pet(3), pet(2), pet(4), live(4), live(2)));
  assert.equal(namesOf(told.rest()).filter((name) => name === "pet").length, 2);
  assert.equal([connection.pet(), connection.cursor()], ["pet-4", at(4)]);
  connection.close();
});

test("a reset is told, and the snapshot after it replaces the view and the cursor", async () => {
  const test = setUp();
  const { broker, connection, told } = test;
  const call = (await broker.next()).open();
  await call.send(sse(...greeting(40), pet(41)));
  call.end();
  await nextStatus(told, ({ phase }) => phase === "stale");
  const other = "Zz11223344";
  const started = { type: "snapshot", id: `${other}.2`, data: { epoch: other, seq: 2, pet: { slug: "dog" } } } as const;
  const next = await comeBack(test);
  assert.is(next.headers.get("last-event-id"), at(41));
  await next.open().send(sse(hello(), reset("epoch"), started, { type: "live", id: `${other}.2`, data: { head: 2 } }));
  assert.equal(namesOf(told.rest()), ["stale lost", "hello", "reset", "snapshot", "live", "live"]);
  assert.equal([connection.cursor(), connection.pet(), connection.state()], [`${other}.2`, "dog", undefined]);
  connection.close();
});

test("a stream that starts over by itself is told once more that it is live", async () => {
  const { broker, connection, told } = setUp();
  const call = (await broker.next()).open();
  await call.send(sse(...greeting()));
  told.rest();
  await call.send(sse(reset("gap"), snapshot(90), live(90)));
  assert.equal(namesOf(told.rest()), ["reset", "snapshot", "live"]);
  assert.is(connection.cursor(), at(90));
  connection.close();
});

test("starts after the cursor that it is given, without a view until a snapshot comes", async () => {
  const { broker, connection, told } = setUp({ since: at(8) });
  const call = await broker.next();
  assert.is(call.headers.get("last-event-id"), at(8));
  await call.open().send(sse(hello("delta", 10), pet(8), pet(9), pet(10), live(10)));
  assert.equal(namesOf(told.rest()), ["connecting", "hello", "pet", "pet", "live", "live"]);
  assert.equal([connection.pet(), connection.sessions(), connection.cursor()], [undefined, [], at(10)]);
  connection.close();
});

const NONSENSE: readonly (readonly [what: string, block: string])[] = [
  ["data that is no JSON", `id: ${at(2)}\nevent: pet\ndata: {"slug"\n\n`],
  ["data without what its type promises", `id: ${at(2)}\nevent: session\ndata: {"state":"idle"}\n\n`],
  ["a snapshot with a session that is none", `id: ${at(2)}\nevent: snapshot\ndata: {"epoch":"${EPOCH}","sessions":[1]}\n\n`],
  ["a message without its cursor", `event: pet\ndata: {"slug":"cat"}\n\n`],
  ["a cursor that is none", `id: 2\nevent: pet\ndata: {"slug":"cat"}\n\n`],
  ["a cursor of another log", `id: Zz11223344.2\nevent: pet\ndata: {"slug":"cat"}\n\n`],
  ["a heartbeat of another log", "id: Zz11223344.2\n\n"],
  ["a message without a type", `id: ${at(2)}\ndata: {"slug":"cat"}\n\n`],
];

for (const [what, block] of NONSENSE) {
  test(`takes ${what} for a broken stream, and comes back to where it was`, async () => {
    const test = setUp();
    const call = (await test.broker.next()).open();
    await call.send(sse(...greeting(), pet(1)));
    test.told.rest();
    await call.send(block);
    await call.aborted;
    assert.equal(namesOf(test.told.rest()), ["stale invalid_message"]);
    assert.is((await comeBack(test)).headers.get("last-event-id"), at(1));
    test.connection.close();
  });
}

test("what follows nonsense is not told before the broker has told it anew", async () => {
  const test = setUp();
  const call = (await test.broker.next()).open();
  await call.send(`${sse(...greeting(), pet(1))}event: pet\ndata: 7\n\n${sse(pet(3))}`);
  await call.aborted;
  assert.equal([test.connection.pet(), test.connection.cursor()], ["pet-1", at(1)]);
  test.connection.close();
});

test("passes over messages of a type that it does not know", async () => {
  const { broker, connection, told } = setUp();
  await (await broker.next()).open().send(
    sse(...greeting()) + `id: ${at(1)}\nevent: message\ndata: {"text":"hi"}\n\n` + sse(pet(2)),
  );
  assert.equal(namesOf(told.items.slice(-2)), ["live", "pet"]);
  assert.is(connection.cursor(), at(2));
  connection.close();
});

test("nothing is told any more once close() was called, not even what has come already", async () => {
  const errors: unknown[] = [];
  const { broker, clock, connection, told } = setUp({ onListenerError: (error) => void errors.push(error) });
  const call = (await broker.next()).open();
  connection.on("pet", () => connection.close());
  connection.on("change", ({ type }) => assert.is(type, "snapshot"));
  await call.send(sse(...greeting(), pet(1), pet(2), bye("shutdown", 100)));
  await call.aborted;
  assert.equal(namesOf(told.items.slice(-2)), ["pet", "closed closed"]);
  assert.equal([clock.pending, errors], [0, []]);
  connection.close();
  assert.is(told.items.length, 8);
});

test("close() before the first try sends nothing", async () => {
  const { broker, clock, connection, told } = setUp();
  connection.close();
  await Promise.resolve();
  assert.equal([broker.calls.items.length, clock.pending, namesOf(told.items)], [0, 0, ["closed closed"]]);
});

test("an empty cursor is none", async () => {
  const { broker, connection } = setUp({ since: "" });
  assert.is((await broker.next()).headers.get("last-event-id"), null);
  assert.is(connection.cursor(), undefined);
  connection.close();
});

test("refuses addresses that are none, at once", () => {
  for (const url of ["", "localhost:7857", "127.0.0.1:7857", "ftp://127.0.0.1", "http://name:word@127.0.0.1:7857"]) {
    assert.throws(() => connect({ url }), (error: unknown) => error instanceof TypeError && error.message.includes(`"${url}"`));
  }
});

test.run();
