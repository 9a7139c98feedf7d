// runtime: node
// limit: 300 s
/** How a broker ends: it tells everybody, keeps nobody waiting, and is gone within 5 s. @module */

import type { Socket } from "node:net";
import * as assert from "uvu/assert";
import type { Exit, ServerProcess } from "../support/broker-process.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { connectTo, readAnswer, requestBytes, UPGRADE } from "../support/raw-http.ts";
import { readUpTo, seqOf, type StreamReader } from "../support/stream-reader.ts";
import { openFloater } from "../support/floater.ts";
import { ALL_TOPICS, publish } from "../support/log.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("shutdown", { atOnce: "runtimes" });

/** A broker that was told to end is gone after this, in milliseconds. */
const SHUTDOWN_MS = 5_000;

/** How much later a busy machine may notice, in milliseconds. */
const LATE_MS = 1_500;

/** Sends the signal, and returns how the process ended and after how many milliseconds. */
async function end(perch: ServerProcess, signal: "SIGTERM" | "SIGINT"): Promise<Exit & { readonly ms: number }> {
  const begun = performance.now();
  perch.signal(signal);
  const exit = await within(SHUTDOWN_MS + LATE_MS, `end after ${signal}`, perch.exited);
  return { ...exit, ms: performance.now() - begun };
}

/** Checks the last words that a reader was told, and how its stream ended. */
async function assertDismissed(reader: StreamReader, code: number | undefined): Promise<void> {
  const { reason, code: told } = await reader.ended;
  const last = reader.messages.items.at(-1);
  assert.is(told, code);
  if (code === undefined) assert.is(reason, "ended");
  assert.equal([last?.type, last?.id, at(last?.data, "reason")], ["bye", undefined, "shutdown"]);
  const ms = Number(at(last?.data, "reconnectInMs"));
  assert.ok(ms >= 500 && ms <= 5_000, `reconnectInMs ${ms}`);
}

test("says goodbye to 50 event streams and 50 sockets, tells them all before, and ends with 0", async (start) => {
  const perch = await start();
  const open = (transport: typeof TRANSPORTS[number], count: number) =>
    Promise.all(Array.from({ length: count }, () => openStream(perch, transport, { topics: ALL_TOPICS })));
  const [streams, sockets] = await Promise.all([open("sse", 50), open("ws", 40)]);
  const floaters = await Promise.all(
    Array.from({ length: 10 }, (_, index) => openFloater(perch, index % 2 === 0 ? "/ws" : "/")),
  );
  for (const reader of [...streams, ...sockets]) await readStart(reader);
  const cursor = await publish(
    perch,
    Array.from({ length: 100 }, (_, index) => ({ kind: "session.start", sessionId: `s${index}` })),
  );
  const { code, signal, ms } = await end(perch, "SIGTERM");
  assert.equal([code, signal], [0, null]);
  assert.ok(ms <= SHUTDOWN_MS, `it took ${ms} ms`);
  for (const reader of streams) await assertDismissed(reader, undefined);
  for (const reader of sockets) await assertDismissed(reader, 1001);
  for (const floater of floaters) assert.is((await floater.ended).code, 1001);
  for (const reader of [...streams, ...sockets]) await readUpTo(reader, cursor);
});

test("ends at once where nobody is connected, whichever the signal", async (start) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { code, ms } = await end(await start(), signal);
    assert.is(code, 0);
    assert.ok(ms < LATE_MS, `it took ${ms} ms after ${signal}`);
  }
});

test("takes no event once it has begun to end, and says when to try again", async (start) => {
  const perch = await start();
  const kept = await Promise.all(Array.from({ length: 5 }, () => connectTo(perch.port)));
  for (const socket of kept) assert.is((await postOn(perch, socket)).status, 200);
  const readers = await Promise.all(Array.from({ length: 60 }, () => openStream(perch, "sse", { topics: "events" })));
  for (const reader of readers) await readStart(reader);
  const heads = readers.map(({ messages }) => messages.items.length);
  perch.signal("SIGTERM");
  await Promise.race(readers.map(({ messages }) => messages.next("bye", ({ type }) => type === "bye")));
  const newcomer = await connectTo(perch.port);
  for (const socket of [...kept, newcomer]) {
    const { status, headers, json } = await postOn(perch, socket);
    assert.equal([status, at(json, "code"), headers.get("retry-after")], [503, "shutting_down", "1"]);
  }
  await within(SHUTDOWN_MS + LATE_MS, "end", perch.exited);
  for (const [index, { messages }] of readers.entries()) {
    assert.is(messages.items.length, (heads[index] ?? 0) + 1, "only bye came");
  }
});

/** Posts an event on a connection that is kept. */
function postOn({ port }: ServerProcess, socket: Socket) {
  const body = '{"kind":"session.update","sessionId":"s"}';
  const headers = [["Host", `127.0.0.1:${port}`], ["Content-Type", "application/json"], [
    "Content-Length",
    `${body.length}`,
  ]] as const;
  const answer = readAnswer(socket);
  if (socket.destroyed) socket.emit("close");
  else socket.write(requestBytes({ method: "POST", target: "/v1/events", headers, body }));
  return answer;
}

/** Connects readers that read nothing, and publishes until they hold a backlog. */
async function stall(perch: ServerProcess): Promise<Socket[]> {
  const host = ["Host", `127.0.0.1:${perch.port}`] as const;
  const stalled = await Promise.all(["/events", "/v1/ws", "/v1/ws"].map(async (target) => {
    const socket = await connectTo(perch.port);
    const answer = readAnswer(socket);
    socket.write(requestBytes({ target, headers: target === "/events" ? [host] : [host, ...UPGRADE] }));
    await answer;
    return socket.pause();
  }));
  const event = { kind: "session.update", cwd: "/c".repeat(2_000) };
  for (let sent = 0; sent < 60; sent += 1) {
    await publish(perch, Array.from({ length: 50 }, (_, index) => ({ ...event, sessionId: `s${index}`, title: `${sent}` })));
  }
  return stalled;
}

test("is not held up by readers that read nothing", async (start) => {
  const perch = await start();
  await stall(perch);
  const healthy = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport)));
  for (const reader of healthy) await readStart(reader);
  const { code, ms } = await end(perch, "SIGTERM");
  assert.is(code, 0);
  assert.ok(ms <= SHUTDOWN_MS + LATE_MS, `it took ${ms} ms`);
  for (const [index, reader] of healthy.entries()) await assertDismissed(reader, index === 0 ? undefined : 1001);
});

test("ends at once at a second signal", async (start) => {
  const perch = await start();
  await stall(perch);
  const healthy = await openStream(perch, "sse");
  await readStart(healthy);
  perch.signal("SIGTERM");
  await healthy.messages.next("bye", ({ type }) => type === "bye");
  assert.ok(perch.isAlive, "it waits for the readers that read nothing");
  const { ms } = await end(perch, "SIGTERM");
  assert.ok(ms < 1_000, `it took ${ms} ms`);
});

test("leaves its port to a broker that starts after it, whose log is another", async (start) => {
  const first = await start();
  const cursor = await publish(first, { kind: "tool.start", sessionId: "s" });
  const readers = await Promise.all(TRANSPORTS.map((transport) => openStream(first, transport)));
  for (const reader of readers) await readStart(reader);
  await end(first, "SIGTERM");
  const second = await start("--port", String(first.port));
  assert.is(second.port, first.port);
  for (const transport of TRANSPORTS) {
    const { mode, reason, epoch, head } = await readStart(await openStream(second, transport, { resume: cursor }));
    assert.equal([mode, reason, head], ["snapshot", "epoch", 0]);
    assert.is.not(epoch, cursor.split(".")[0]);
  }
  assert.is(seqOf(await publish(second, { kind: "session.update", sessionId: "s" })) > 0, true);
});

test.run();
