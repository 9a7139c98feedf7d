import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { FakeFetch } from "./_fake-fetch.ts";
import { FakeSockets } from "./_fake-socket.ts";
import { namesOf, record } from "./_record.ts";
import { at, greeting, hello, live, pet, reset, snapshot, sse } from "./_wire.ts";

const url = "http://127.0.0.1:7857";
const SILENT = { code: "silent", detail: "Nothing came for 45000 ms" };

function setUpSse(options: Partial<ConnectOptions> = {}) {
  const clock = fakeClientClock();
  const broker = new FakeFetch();
  const connection = connect({ url, fetch: broker.fetch, clock, ...options });
  return { clock, broker, connection };
}

async function setUpWs(options: Partial<ConnectOptions> = {}) {
  const clock = fakeClientClock();
  const sockets = new FakeSockets();
  const { WebSocket } = sockets;
  const connection = connect({ url, transport: "ws", WebSocket, fetch: new FakeFetch().fetch, clock, ...options });
  const told = record(connection);
  await Promise.resolve();
  return { clock, sockets, connection, told };
}

test("an event stream is replaced once nothing came for 45 s, and not a millisecond before", async () => {
  const { clock, broker, connection } = setUpSse();
  const call = (await broker.next()).open();
  await call.send(sse(...greeting(3)));
  clock.advance(44_999);
  assert.is(connection.status().phase, "live");
  clock.advance(1);
  await call.aborted;
  assert.equal(connection.status(), { phase: "stale", cause: SILENT, retryInMs: 250 });
  clock.advance(250);
  assert.is((await broker.next()).headers.get("last-event-id"), at(3));
  connection.close();
});

test("any byte counts: comments, blocks with an id alone, and parts of a message", async () => {
  const { clock, broker, connection } = setUpSse();
  const call = (await broker.next()).open();
  await call.send(sse(...greeting()));
  const whole = sse(pet(2));
  for (const bytes of [":\n\n", `id: ${at(1)}\n\n`, whole.slice(0, 9), whole.slice(9, 20), whole.slice(20)]) {
    clock.advance(44_999);
    await call.send(bytes);
    assert.is(connection.status().phase, "live");
  }
  assert.is(connection.pet(), "pet-2");
  clock.advance(45_000);
  assert.is(connection.status().phase, "stale");
  connection.close();
});

test("a request that is never answered, and a stream that never begins, are given up as well", async () => {
  const { clock, broker, connection } = setUpSse();
  const unanswered = await broker.next();
  clock.advance(45_000);
  await unanswered.aborted;
  assert.equal(connection.status(), { phase: "connecting", cause: SILENT, retryInMs: 250 });
  clock.advance(250);
  const empty = (await broker.next()).open();
  await empty.send(":\n\n");
  clock.advance(45_000);
  await empty.aborted;
  assert.equal(connection.status(), { phase: "connecting", cause: SILENT, retryInMs: 500 });
  connection.close();
});

test("a broker that says that it may be silent for longer is given half as much again", async () => {
  const { clock, broker, connection } = setUpSse();
  const [, ...rest] = greeting();
  await (await broker.next()).open().send(sse(hello("snapshot", 0, 40_000), ...rest));
  clock.advance(59_999);
  assert.is(connection.status().phase, "live");
  clock.advance(1);
  assert.is(connection.status().cause?.detail, "Nothing came for 60000 ms");
  connection.close();
});

test("the time can be chosen", async () => {
  const { clock, broker, connection } = setUpSse({ watchdogMs: 30_000 });
  await (await broker.next()).open().send(sse(...greeting()));
  clock.advance(29_999);
  assert.is(connection.status().phase, "live");
  clock.advance(1);
  assert.is(connection.status().phase, "stale");
  connection.close();
});

test("a socket may be asked more often than the broker sends pings", async () => {
  const { clock, sockets, connection } = await setUpWs({ watchdogMs: 3_000 });
  const [, ...rest] = greeting();
  const socket = sockets.last.open();
  socket.receive(hello("snapshot", 0, 25_000), ...rest);
  clock.advance(2_000);
  assert.equal(socket.sent, [{ type: "resume", since: at(0) }]);
  clock.advance(1_000);
  assert.is(connection.status().cause?.detail, "Nothing came for 3000 ms");
  connection.close();
});

test("a quiet socket is asked for a sign of life after 30 s, and its answer is no news", async () => {
  const { clock, sockets, connection, told } = await setUpWs();
  const socket = sockets.last.open();
  socket.receive(...greeting(3));
  told.rest();
  for (let minute = 0; minute < 60; minute += 1) {
    clock.advance(29_999);
    assert.is(socket.sent.length, 0);
    clock.advance(1);
    assert.equal(socket.sent.splice(0), [{ type: "resume", since: at(3 + minute) }]);
    clock.advance(14_999);
    socket.receive(hello("delta", 4 + minute), live(4 + minute));
  }
  assert.equal([told.rest(), sockets.all.length, connection.cursor()], [[], 1, at(63)]);
  connection.close();
});

test("a socket that does not answer is replaced once nothing came for 45 s", async () => {
  const { clock, sockets, connection, told } = await setUpWs();
  const socket = sockets.last.open();
  socket.receive(...greeting(3));
  clock.advance(44_999);
  assert.equal([socket.sent.length, connection.status().phase], [1, "live"]);
  clock.advance(1);
  assert.is(socket.isClosed, true);
  assert.equal(connection.status(), { phase: "stale", cause: SILENT, retryInMs: 250 });
  clock.advance(250);
  assert.equal(sockets.last.open().sent, [{ type: "resume", since: at(3) }]);
  assert.equal(namesOf(told.items.slice(-3)), ["live", "stale silent", "stale silent"]);
  connection.close();
});

test("what an unasked answer brings again is told once, and what it brings for the first time is told", async () => {
  const { clock, sockets, connection, told } = await setUpWs();
  const socket = sockets.last.open();
  socket.receive(...greeting(3));
  told.rest();
  clock.advance(30_000);
  socket.receive(pet(4), hello("delta", 5), pet(4), pet(5), live(5));
  assert.equal(told.rest().map(({ data }) => data), [{ slug: "pet-4" }, { slug: "pet-5" }]);
  connection.close();
});

test("a broker that can't go on where a quiet reader is says so with a reset, which is told", async () => {
  const { clock, sockets, connection, told } = await setUpWs();
  const socket = sockets.last.open();
  socket.receive(...greeting(3));
  told.rest();
  clock.advance(30_000);
  socket.receive(hello("snapshot", 9_000), reset("gap"), snapshot(9_000, { pet: { slug: "dog" } }), live(9_000));
  assert.equal(namesOf(told.rest()), ["hello", "reset", "snapshot", "live"]);
  assert.equal([connection.pet(), connection.cursor()], ["dog", at(9_000)]);
  connection.close();
});

test("a socket that never opens, and one on which nothing comes, are given up", async () => {
  const { clock, sockets, connection } = await setUpWs();
  clock.advance(45_000);
  assert.equal([sockets.last.isClosed, connection.status().cause], [true, SILENT]);
  clock.advance(250);
  assert.is(sockets.all.length, 2);
  const socket = sockets.last.open();
  clock.advance(45_000);
  assert.equal([socket.isClosed, socket.sent, connection.status().phase], [true, [], "connecting"]);
  connection.close();
});

test("no timer is left once the connection is closed, in whatever phase", async () => {
  const { clock, sockets, connection } = await setUpWs();
  sockets.last.open().receive(...greeting());
  connection.close();
  assert.is(clock.pending, 0);
  const waiting = await setUpWs();
  waiting.sockets.last.open().drop();
  assert.is(waiting.connection.status().retryInMs, 250);
  waiting.connection.close();
  assert.is(waiting.clock.pending, 0);
});

test.run();
