import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, ConnectionError, type ConnectOptions, type WireMessage } from "../../src/client/client.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { FakeFetch } from "./_fake-fetch.ts";
import { FakeSockets } from "./_fake-socket.ts";
import { at, greeting, live, pet, session, STATE } from "./_wire.ts";

/** A connection over a socket that is open. */
async function setUp(options: Partial<ConnectOptions> = {}) {
  const sockets = new FakeSockets();
  const { WebSocket } = sockets;
  const connection = connect({
    url: "http://127.0.0.1:7857",
    transport: "ws",
    WebSocket,
    fetch: new FakeFetch().fetch,
    clock: fakeClientClock(),
    ...options,
  });
  await Promise.resolve();
  return { socket: sockets.last.open(), connection };
}

test("a listener is told until it stops, also when it stops while it is told", async () => {
  const { socket, connection } = await setUp();
  const calls: string[] = [];
  const stopFirst = connection.on("pet", ({ slug }) => void calls.push(`first ${slug}`));
  const stopOnce = connection.on("pet", ({ slug }) => {
    calls.push(`once ${slug}`);
    stopOnce();
    stopFirst();
  });
  connection.on("pet", ({ slug }) => void calls.push(`last ${slug}`));
  socket.receive(...greeting(), pet(1), pet(2));
  stopOnce();
  assert.equal(calls, ["first pet-1", "once pet-1", "last pet-1", "last pet-2"]);
  connection.close();
});

test("a listener that is added while a message is told is told from the next one on", async () => {
  const { socket, connection } = await setUp();
  const calls: string[] = [];
  const listen = (name: string): void => {
    connection.on("pet", ({ slug }) => {
      calls.push(`${name} ${slug}`);
      if (name === "first" && slug === "pet-1") listen("second");
    });
  };
  listen("first");
  socket.receive(...greeting(), pet(1), pet(2));
  assert.equal(calls, ["first pet-1", "first pet-2", "second pet-2"]);
  connection.close();
});

test("one function that listens twice is told twice, and stops by halves", async () => {
  const { socket, connection } = await setUp();
  let calls = 0;
  const listener = () => void (calls += 1);
  const stop = connection.on("pet", listener);
  connection.on("pet", listener);
  socket.receive(...greeting(), pet(1));
  stop();
  socket.receive(pet(2));
  assert.is(calls, 3);
  connection.close();
});

test("a listener that throws, or rejects, stops nobody else and is reported", async () => {
  const errors: unknown[] = [];
  const { socket, connection } = await setUp({ onListenerError: (error) => void errors.push(error) });
  const told: string[] = [];
  connection.on("pet", () => {
    throw new Error("thrown");
  });
  connection.on("pet", async () => {
    await Promise.resolve();
    throw new Error("rejected");
  });
  connection.on("pet", ({ slug }) => void told.push(String(slug)));
  connection.on("status", () => {
    throw new Error("status");
  });
  socket.receive(...greeting(), pet(1), pet(2));
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(told, ["pet-1", "pet-2"]);
  assert.equal(errors.map(String).sort(), [
    "Error: rejected",
    "Error: rejected",
    "Error: status",
    "Error: thrown",
    "Error: thrown",
  ]);
  connection.close();
});

test("even a reporter that throws stops nobody", async () => {
  const { socket, connection } = await setUp({
    onListenerError: () => {
      throw new Error("reporter");
    },
  });
  connection.on("hello", () => {
    throw new Error("listener");
  });
  socket.receive(...greeting());
  assert.is(connection.status().phase, "live");
  connection.close();
});

test("change tells of each message that changes what is known, once it is known", async () => {
  const { socket, connection } = await setUp();
  const known: unknown[] = [];
  connection.on("change", ({ type }) => void known.push([type, connection.state()?.state, connection.sessions().length]));
  socket.receive(...greeting());
  socket.receive({ type: "state", id: at(1), data: { ...STATE, state: "working", pose: "run" } });
  socket.receive({ type: "session", id: at(2), data: session("a") });
  socket.receive({ type: "event", id: at(3), data: { kind: "tool.end", sessionId: "a", seq: 3, receivedAt: 1 } });
  socket.receive({ type: "session.gone", id: at(4), data: { id: "a", reason: "ended" } }, pet(5), live(5));
  assert.equal(known, [
    ["snapshot", "idle", 0],
    ["state", "working", 0],
    ["session", "working", 1],
    ["session.gone", "working", 0],
    ["pet", "working", 0],
  ]);
  connection.close();
});

test("a loop yields every message from its start on, and ends when the connection is closed", async () => {
  const { socket, connection } = await setUp();
  socket.receive(...greeting());
  const seen: string[] = [];
  const loop = (async () => {
    for await (const { type, id } of connection) seen.push(`${type} ${id}`);
  })();
  socket.receive(pet(1), pet(2));
  await new Promise((resolve) => setTimeout(resolve));
  socket.receive(pet(3));
  connection.close();
  await loop;
  assert.equal(seen, [`pet ${at(1)}`, `pet ${at(2)}`, `pet ${at(3)}`]);
});

test("two loops get the same, and one that is left stops getting", async () => {
  const { socket, connection } = await setUp();
  const all = connection[Symbol.asyncIterator]();
  const first: WireMessage[] = [];
  const left = (async () => {
    for await (const message of connection) {
      first.push(message);
      break;
    }
  })();
  socket.receive(...greeting(), pet(1));
  await left;
  assert.is(first.length, 1);
  const types: (string | undefined)[] = [];
  for (let count = 0; count < 5; count += 1) types.push((await all.next()).value?.type);
  assert.equal(types, ["hello", "reset", "snapshot", "live", "pet"]);
  const waiting = all.next();
  await all.return?.();
  assert.equal([await waiting, await all.next()], [{ done: true, value: undefined }, { done: true, value: undefined }]);
  connection.close();
});

test("a loop that lets more messages wait than it may fails by name, and the connection goes on", async () => {
  const { socket, connection } = await setUp({ bufferLimit: 5 });
  const slow = connection[Symbol.asyncIterator]();
  socket.receive(...greeting(), pet(1));
  const other = connection[Symbol.asyncIterator]();
  assert.is((await slow.next()).value?.type, "hello");
  socket.receive(pet(2), pet(3));
  const failure = await slow.next().then(() => undefined, (error: unknown) => error);
  assert.instance(failure, ConnectionError);
  assert.equal(failure instanceof ConnectionError && [failure.code, failure.message], [
    "buffer_overflow",
    "More than 5 messages wait to be read: read faster, or raise bufferLimit",
  ]);
  assert.equal([(await other.next()).value?.id, connection.pet()], [at(2), "pet-3"]);
  connection.close();
});

test("a loop fails with the reason when the broker refuses the reader, after what had come", async () => {
  const { socket, connection } = await setUp();
  const loop = connection[Symbol.asyncIterator]();
  socket.receive(...greeting().slice(0, 1));
  socket.drop(4501, "revoked");
  assert.is((await loop.next()).value?.type, "hello");
  for (const iterator of [loop, connection[Symbol.asyncIterator]()]) {
    const failure = await iterator.next().then(() => undefined, (error: unknown) => error);
    assert.is(failure instanceof ConnectionError && failure.code, "ws_4501");
  }
});

test("what is known is up to date at any moment, however many messages came", async () => {
  const { socket, connection } = await setUp();
  const ids = Array.from({ length: 1_000 }, (_, index) => `s${index}`);
  socket.receive(...greeting());
  socket.receive(ids.map((id, index) => ({ type: "session", id: at(index + 1), data: session(id) })));
  assert.equal(connection.sessions().map(({ id }) => id), ids);
  connection.close();
});

test.run();
