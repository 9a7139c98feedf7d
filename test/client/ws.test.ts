import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { FakeFetch } from "./_fake-fetch.ts";
import { FakeSockets } from "./_fake-socket.ts";
import { namesOf, nextStatus, record } from "./_record.ts";
import { at, bye, greeting, hello, live, pet, reset } from "./_wire.ts";

/** A connection over WebSocket whose broker, clock and chance are the test's; the first try has been made. */
async function setUp(options: Partial<ConnectOptions> = {}) {
  const clock = fakeClientClock();
  const sockets = new FakeSockets();
  const http = new FakeFetch();
  const { WebSocket } = sockets;
  const url = "http://127.0.0.1:7857";
  const connection = connect({ url, transport: "ws", WebSocket, fetch: http.fetch, clock, ...options });
  const told = record(connection);
  await Promise.resolve();
  return { clock, sockets, http, connection, told };
}

test("asks for topics and session in the address, and says nothing when it has no cursor", async () => {
  const { sockets, connection } = await setUp({ url: "https://pets.example/perch", topics: ["pet"], session: "a" });
  assert.is(sockets.last.url, "wss://pets.example/perch/v1/ws?topics=pet&session=a");
  assert.equal(sockets.last.open().sent, []);
  connection.close();
});

test("takes the address of a WebSocket as well", async () => {
  const { sockets, connection } = await setUp({ url: "ws://127.0.0.1:7857" });
  assert.is(sockets.last.url, "ws://127.0.0.1:7857/v1/ws");
  connection.close();
});

test("tells each message of a frame, be it one or a list of them", async () => {
  const { sockets, connection, told } = await setUp();
  sockets.last.open().receive(greeting(), pet(1), [], [pet(2), pet(3)]);
  assert.equal(namesOf(told.items), ["connecting", "hello", "reset", "snapshot", "live", "live", "pet", "pet", "pet"]);
  assert.equal([connection.pet(), connection.cursor()], ["pet-3", at(3)]);
  connection.close();
});

test("comes back with its cursor in the first frame, and goes on there", async () => {
  const { clock, sockets, connection, told } = await setUp();
  sockets.last.open().receive(...greeting(4), pet(5));
  sockets.last.drop();
  clock.advance(500);
  told.rest();
  assert.is(sockets.all.length, 2);
  assert.is(sockets.last.url.includes("since"), false);
  assert.equal(sockets.last.open().sent, [{ type: "resume", since: at(5) }]);
  sockets.last.receive(hello("delta", 6), pet(5), pet(6), live(6));
  assert.equal(namesOf(told.rest()), ["hello", "pet", "live", "live"]);
  assert.equal([connection.pet(), connection.cursor()], ["pet-6", at(6)]);
  connection.close();
});

test("a greeting that was on its way before the broker saw the cursor is no news", async () => {
  const { clock, sockets, connection, told } = await setUp();
  sockets.last.open().receive(...greeting(4), pet(5));
  sockets.last.drop();
  clock.advance(500);
  told.rest();
  sockets.last.open().receive(...greeting(8), pet(9), hello("delta", 9), pet(6), pet(9), live(9));
  assert.equal(namesOf(told.rest()), ["hello", "hello", "pet", "pet", "live", "live"]);
  assert.is(connection.cursor(), at(9));
  connection.close();
});

test("a bye is heard even when the broker has not seen the cursor yet", async () => {
  const { clock, sockets, connection, told } = await setUp();
  sockets.last.open().receive(...greeting(4));
  sockets.last.drop();
  clock.advance(500);
  told.rest();
  sockets.last.open().receive(hello(), reset(), bye("shutdown", 700));
  assert.equal(namesOf(told.rest()), ["hello", "bye", "stale shutdown"]);
  assert.equal([sockets.last.isClosed, connection.cursor()], [true, at(4)]);
  connection.close();
});

for (
  const [what, frame] of [["text that is no JSON", "{"], ["a number", "7"], ["null", "null"], ["a list in a list", "[[]]"]]
) {
  test(`takes ${what} for a broken stream`, async () => {
    const { sockets, connection, told } = await setUp();
    sockets.last.open().receive(...greeting(), frame, pet(1));
    assert.equal(namesOf(told.items.slice(-2)), ["live", "stale invalid_message"]);
    assert.is(sockets.last.isClosed, true);
    connection.close();
  });
}

test("takes a frame of bytes for a broken stream", async () => {
  const { sockets, connection, told } = await setUp();
  sockets.last.open().receiveBytes(new TextEncoder().encode(JSON.stringify(live(1))));
  assert.equal(namesOf(told.items), ["connecting", "connecting invalid_message"]);
  connection.close();
});

test("what an old socket still tells is not heard", async () => {
  const { clock, sockets, connection, told } = await setUp();
  const old = sockets.last.open();
  old.receive(...greeting(), bye("slow", 0));
  clock.advance(500);
  const before = told.items.length;
  old.receive(pet(1));
  old.drop(1013);
  assert.equal([told.items.length, sockets.all.length], [before, 2]);
  connection.close();
});

test("a socket that can't be opened is asked about over HTTP, and a refusal is the end", async () => {
  const { clock, sockets, http, connection, told } = await setUp({ topics: ["events"] });
  sockets.last.drop(1006, "", "refused");
  const call = await http.next();
  assert.equal([call.url, call.headers.get("if-none-match")], ["http://127.0.0.1:7857/v1/state?topics=events", "*"]);
  call.refuse(403, "missing_scope", 'This reader lacks the scope "sessions"');
  await nextStatus(told, ({ phase }) => phase === "closed");
  assert.equal(connection.status().cause, { code: "missing_scope", detail: 'This reader lacks the scope "sessions"' });
  assert.is(clock.pending, 0);
});

for (const status of [304, 429, 503]) {
  test(`a socket that can't be opened is tried again when HTTP answers ${status}`, async () => {
    const { clock, sockets, http, connection, told } = await setUp();
    sockets.last.drop(1006, "", "refused");
    (await http.next()).answer(status);
    await nextStatus(told, ({ cause }) => cause !== undefined);
    clock.advance(500);
    assert.is(sockets.all.length, 2);
    assert.is(connection.status().phase, "connecting");
    connection.close();
  });
}

test("a socket that can't be opened is tried again when HTTP can't be reached either, and the fault is named", async () => {
  const { clock, sockets, http, connection, told } = await setUp();
  sockets.last.drop(1006, "", "connect ECONNREFUSED");
  (await http.next()).fail();
  await nextStatus(told, ({ cause }) => cause !== undefined);
  const { cause } = connection.status();
  assert.is(cause?.code, "unreachable");
  assert.match(cause?.detail ?? "", "Cannot reach ws://127.0.0.1:7857/v1/ws: connect ECONNREFUSED. Is the broker running?");
  clock.advance(500);
  assert.is(sockets.all.length, 2);
  connection.close();
});

test("close() lets go of the question why a socket can't be opened", async () => {
  const { clock, sockets, http, connection } = await setUp();
  sockets.last.drop(1006, "", "refused");
  const call = await http.next();
  connection.close();
  await call.aborted;
  assert.equal([clock.pending, connection.status().cause?.code], [0, "closed"]);
});

test("a constructor that throws ends the connection with the reason", async () => {
  const clock = fakeClientClock();
  class Refusing {
    readonly readyState = 3;
    constructor() {
      throw new SyntaxError("insecure");
    }
    addEventListener(): void {}
    send(): void {}
    close(): void {}
  }
  const connection = connect({ url: "ws://pets.example", transport: "ws", WebSocket: Refusing, clock });
  await Promise.resolve();
  const cause = { code: "cannot_open", detail: "Cannot connect: insecure" };
  assert.equal(connection.status(), { phase: "closed", cause });
});

test.run();
