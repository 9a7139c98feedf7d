import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, type ConnectOptions } from "../../src/client/client.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { type Call, FakeFetch } from "./_fake-fetch.ts";
import { FakeSockets } from "./_fake-socket.ts";
import { nextStatus, record } from "./_record.ts";
import { at, greeting } from "./_wire.ts";

const TOKEN = "perch_abcdefghij_secret";
const BASE = "http://127.0.0.1:7857";

function setUp(options: Partial<ConnectOptions> = {}) {
  const clock = fakeClientClock();
  const http = new FakeFetch();
  const sockets = new FakeSockets();
  const { WebSocket } = sockets;
  const connection = connect({ url: BASE, token: TOKEN, WebSocket, fetch: http.fetch, clock, ...options });
  return { clock, http, sockets, connection, told: record(connection) };
}

const shown = ({ headers }: Call): string | null => headers.get("authorization");
const ticket = (text: string): string => JSON.stringify({ ticket: text, expiresInMs: 30_000 });

/** Resolves once the socket after `count` others is there. */
async function nextSocket({ all }: FakeSockets, count: number) {
  for (;;) {
    const socket = all[count];
    if (socket !== undefined) return socket;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

test("over SSE a token is shown in a header, with each try anew, and is in no address", async () => {
  let count = 0;
  const { clock, http, connection, told } = setUp({ token: () => Promise.resolve(`${TOKEN}${++count}`) });
  const first = await http.next();
  assert.equal([first.url, shown(first)], [`${BASE}/v1/stream`, `Bearer ${TOKEN}1`]);
  first.fail();
  await nextStatus(told, ({ cause }) => cause !== undefined);
  clock.advance(500);
  assert.is(shown(await http.next()), `Bearer ${TOKEN}2`);
  connection.close();
});

test("without a token nothing is shown, also when its function gives none", async () => {
  for (const token of [undefined, () => undefined]) {
    const { http, sockets, connection } = setUp({ token });
    assert.is(shown(await http.next()), null);
    connection.close();
    const overSocket = setUp({ token, transport: "ws" });
    assert.is((await nextSocket(overSocket.sockets, 0)).url, "ws://127.0.0.1:7857/v1/ws");
    assert.is(sockets.all.length, 0);
    overSocket.connection.close();
  }
});

test("over a WebSocket the token buys a ticket for each try, and only that is in the address", async () => {
  const { clock, http, sockets, connection, told } = setUp({ transport: "ws", topics: ["pet"] });
  const first = await http.next();
  assert.equal([first.method, first.url, shown(first)], ["POST", `${BASE}/v1/tickets`, `Bearer ${TOKEN}`]);
  assert.is(sockets.all.length, 0);
  first.answer(200, ticket("a&b"));
  const socket = await nextSocket(sockets, 0);
  assert.is(socket.url, "ws://127.0.0.1:7857/v1/ws?topics=pet&ticket=a%26b");
  socket.open().receive(...greeting(4));
  socket.drop();
  clock.advance(500);
  (await http.next()).answer(201, ticket("second"));
  const second = await nextSocket(sockets, 1);
  assert.is(second.url, "ws://127.0.0.1:7857/v1/ws?topics=pet&ticket=second");
  assert.equal(second.open().sent, [{ type: "resume", since: at(4) }]);
  connection.close();
  assert.ok(second.isClosed);
  const said = told.items.map(({ data }) => JSON.stringify(data)).join();
  for (const secret of [TOKEN, "a&b", "second"]) assert.not.ok(said.includes(secret), secret);
});

for (const transport of ["sse", "ws"] as const) {
  for (const status of [401, 403]) {
    test(`over ${transport} a token that is refused with ${status} is the end, with the broker's reason`, async () => {
      const { clock, http, connection, told } = setUp({ transport });
      (await http.next()).refuse(status, "invalid_token", "This token was revoked");
      await nextStatus(told, ({ phase }) => phase === "closed");
      assert.equal(connection.status().cause, { code: "invalid_token", detail: "This token was revoked" });
      assert.is(clock.pending, 0);
    });
  }
}

test("a broker that can't be reached for a ticket, or is busy, is tried again", async () => {
  for (const act of [(call: Call) => call.fail(), (call: Call) => call.refuse(503, "shutting_down", "later")]) {
    const { clock, http, sockets, connection, told } = setUp({ transport: "ws" });
    act(await http.next());
    await nextStatus(told, ({ retryInMs }) => retryInMs !== undefined);
    clock.advance(30_000);
    (await http.next()).answer(200, ticket("t"));
    await nextSocket(sockets, 0);
    connection.close();
  }
});

test("what answers a request for a ticket without one is no broker that can be used", async () => {
  const { http, connection, told } = setUp({ transport: "ws" });
  (await http.next()).answer(200, "hello");
  await nextStatus(told, ({ phase }) => phase === "closed");
  assert.is(connection.status().cause?.code, "invalid_ticket");
});

test("a function that fails costs the try and not the connection", async () => {
  for (const transport of ["sse", "ws"] as const) {
    let count = 0;
    const token = (): string => {
      if (++count === 1) throw new Error("the folder is locked");
      return TOKEN;
    };
    const { clock, http, connection, told } = setUp({ transport, token });
    const { cause } = await nextStatus(told, ({ retryInMs }) => retryInMs !== undefined);
    assert.match(cause?.detail ?? "", /the folder is locked/);
    clock.advance(500);
    assert.is(shown(await http.next()), `Bearer ${TOKEN}`);
    connection.close();
  }
});

test("a socket that is refused in spite of its ticket is asked about with the token", async () => {
  const { http, sockets, connection, told } = setUp({ transport: "ws" });
  (await http.next()).answer(200, ticket("t"));
  (await nextSocket(sockets, 0)).drop(1006, "", "refused");
  const question = await http.next();
  assert.equal([question.url, shown(question)], [`${BASE}/v1/state`, `Bearer ${TOKEN}`]);
  question.refuse(403, "missing_scope", "no");
  await nextStatus(told, ({ phase }) => phase === "closed");
  assert.is(connection.status().cause?.code, "missing_scope");
});

test("a connection that is closed while it waits for a ticket opens no socket", async () => {
  const { http, sockets, connection } = setUp({ transport: "ws" });
  const call = await http.next();
  connection.close();
  await call.aborted;
  call.answer(200, ticket("t"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(sockets.all.length, 0);
});

test.run();
