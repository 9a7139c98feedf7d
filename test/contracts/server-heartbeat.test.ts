// runtime: node
// limit: 300 s
/** What happens while nothing happens: signs of life, and sessions that fall silent. It takes its real time. @module */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { connectTo, readAnswer, requestBytes, UPGRADE } from "../support/raw-http.ts";
import { bearerOf } from "../support/http.ts";
import { openSse } from "../support/sse-reader.ts";
import { openSocket } from "../support/ws-reader.ts";
import { hook, openFloater, statusOf } from "../support/floater.ts";
import { publish } from "../support/log.ts";
import { serverContract } from "./server.ts";

const test = serverContract("signs of life", { atOnce: "all" });

/** How much later than its time a sign of life may come on a busy machine, in milliseconds; the broker looks every second. */
const LATE_MS = 3_000;

/** Waits until `read` gives something new, and returns how long that took. */
async function changeOf<Value>(what: string, ms: number, read: () => Value): Promise<number> {
  const before = read();
  const begun = performance.now();
  while (read() === before) {
    if (performance.now() - begun > ms + LATE_MS) throw new Error(`No ${what} within ${ms + LATE_MS} ms`);
    await wait(20);
  }
  return performance.now() - begun;
}

test("keeps quiet streams alive, pings sockets, cuts dead ones and lets silent sessions fall idle", async (start) => {
  const [perch, busy] = await Promise.all([start(), start()]);
  await Promise.all([
    keepsEventStreamAlive(perch),
    keepsCursorOfQuietReader(busy),
    ...["/ws", "/v1/ws"].map((path) => pingsSocket(perch, path)),
    cutsDeadSocket(perch),
  ]);
});

async function keepsEventStreamAlive(perch: ServerProcess): Promise<void> {
  const reader = await openSse(`${perch.url}/events`);
  const { id } = await reader.messages.next("live", ({ type }) => type === "live");
  const ms = await changeOf("heartbeat", 15_000, () => reader.raw);
  assert.ok(ms > 13_000, `the heartbeat came after ${ms} ms`);
  assert.match(reader.raw, new RegExp(`\n\n(?::[^\n]*|id: ${id})\n\n$`));
  assert.is(reader.messages.items.at(-1)?.type, "live");
}

/** A heartbeat carries the cursor on past what the reader did not ask for. */
async function keepsCursorOfQuietReader(perch: ServerProcess): Promise<void> {
  const reader = await openSse(`${perch.url}/events?topics=pet`);
  await reader.messages.next("live", ({ type }) => type === "live");
  const cursor = await publish(perch, [{ kind: "session.update", sessionId: "quiet" }, {
    kind: "session.update",
    sessionId: "quiet",
  }]);
  await changeOf("heartbeat", 15_000, () => reader.raw);
  assert.ok(reader.raw.endsWith(`\n\nid: ${cursor}\n\n`), reader.raw.slice(-100));
}

async function pingsSocket(perch: ServerProcess, path: string): Promise<void> {
  const socket = await openSocket(perch.url + path, () => {});
  await changeOf(`ping at ${path}`, 25_000, () => socket.pings);
  const isOpen = wait(12_000).then(() => "open");
  assert.is(await Promise.race([socket.ended, isOpen]), "open", "a socket that answers pings stays");
}

/** A socket whose client never says a word, not even pong: pinged after 25 s, it has 10 s to answer. */
async function cutsDeadSocket(perch: ServerProcess): Promise<void> {
  const socket = await connectTo(perch.port);
  const answer = readAnswer(socket);
  socket.write(requestBytes({ target: "/v1/ws", headers: [["Host", `127.0.0.1:${perch.port}`], ...UPGRADE] }));
  assert.is((await answer).status, 101);
  const gone = new Promise<void>((resolve) => void socket.once("close", () => resolve()).once("end", resolve));
  await within(35_000 + 10_000, "end of the dead socket", gone);
}

test("breaks off an event stream that stays stuck after it was cut", async (start) => {
  const perch = await start();
  const reader = await openSse(`${perch.url}/events`, bearerOf(perch));
  await reader.messages.next("live", ({ type }) => type === "live");
  reader.pause();
  const text = "x".repeat(4_000);
  for (let sent = 0; sent < 100; sent += 1) {
    await publish(
      perch,
      Array.from(
        { length: 50 },
        (_, index) => ({ kind: "session.update", sessionId: `s${index}`, cwd: `${text}${sent}`.slice(-4_000) }),
      ),
    );
  }
  await wait(30_000);
  reader.resume();
  assert.is((await within(5_000, "end", reader.ended)).reason, "broken off");
});

test("lets a session of the v0 surface fall idle after 30 s of silence", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  const begun = performance.now();
  await hook(perch, "PreToolUse", "s");
  await floater.shows("run");
  const idle = await floater.pushed.next("idle", ({ type, state }) => type === "state" && state === "idle", 30_000 + LATE_MS);
  assert.ok(idle.at - begun >= 30_000 - 5, `it fell idle after ${idle.at - begun} ms`);
  assert.is(at(await statusOf(perch), "sessions", 0, "state"), "idle");
});

test.run();
