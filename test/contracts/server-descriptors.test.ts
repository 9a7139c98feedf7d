// runtime: node
/** A broker that has run out of file descriptors lives on, keeps what it knows, and takes connections again. @module */

import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { commandFor, LISTENING, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { PATIENCE_MS, within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { publish, stateOf } from "../support/log.ts";
import { connectTo, rawRequest, readAnswer, requestBytes } from "../support/raw-http.ts";
import { readUpTo, type StreamReader } from "../support/stream-reader.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const DESCRIPTORS = 256;

/** What the log says of each time that no connection could be taken. */
const FAILURE = /^\S+ error perch\.deno no connections are taken for 1000 ms: .*Too many open files/gm;

/** Runs `body` with a broker that has few descriptors, and checks that it ends in order. */
async function withFewDescriptors(runtime: Runtime, body: (perch: ServerProcess) => Promise<void>): Promise<void> {
  const limited = ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh"];
  const perch = await startServer([...limited, ...commandFor(runtime), "mod.ts", "serve", "--port", "0"], LISTENING);
  try {
    await body(perch);
    assert.not.match(perch.stderr, /uncaught|unhandled/i);
    perch.signal("SIGTERM");
    assert.equal(await within(6_000, "end", perch.exited), { code: 0, signal: null });
  } finally {
    perch.signal("SIGKILL");
  }
}

/** Opens event streams, which are answers that go on, until so many connections were refused. */
async function useUp({ port }: ServerProcess, isUsedUp: (refused: number) => boolean): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  let refused = 0;
  await until("refusal", async () => {
    const socket = await connectTo(port).catch(() => undefined);
    const isTaken = socket !== undefined && await openEvents(socket, port);
    if (isTaken) sockets.push(socket);
    else refused += 1;
    return isUsedUp(refused);
  });
  assert.ok(sockets.length > DESCRIPTORS / 2, `only ${sockets.length} streams were opened`);
  return sockets;
}

async function openEvents(socket: Socket, port: number): Promise<boolean> {
  const answer = readAnswer(socket);
  socket.write(requestBytes({ target: "/events", headers: [["Host", `127.0.0.1:${port}`]] }));
  return (await answer).status === 200;
}

/** Opens more connections than there are descriptors, as far as they are taken, and asks for nothing. */
async function connectMany({ port }: ServerProcess): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < DESCRIPTORS + 50) {
    const socket = await connectTo(port).catch(() => undefined);
    if (socket === undefined) break;
    sockets.push(socket);
  }
  assert.ok(sockets.length > DESCRIPTORS / 2, `only ${sockets.length} connections were taken`);
  return sockets;
}

/** True when a new connection is answered. */
function answers({ port }: ServerProcess): Promise<boolean> {
  const request = { target: "/healthz", headers: [["Host", `127.0.0.1:${port}`]] } as const;
  return rawRequest(port, request, 1_000).then(({ status }) => status === 200, () => false);
}

const failures = ({ stderr }: ServerProcess): number => stderr.match(FAILURE)?.length ?? 0;

/** Asks again and again, until it is so. */
async function until(sought: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await isSo()) {
    if (performance.now() > deadline) throw new Error(`No ${sought} within ${PATIENCE_MS} ms`);
    await wait(5);
  }
}

const WAITING = { kind: "permission.request", sessionId: "s1" } as const;

/** Posts, and checks that what was known is: `reader` is told of it, and a stream goes on from `cursor`. */
async function knowsAll(perch: ServerProcess, reader: StreamReader, cursor: string): Promise<void> {
  await readUpTo(reader, await publish(perch, { kind: "session.start", sessionId: "s2" }));
  for (const transport of TRANSPORTS) {
    const again = await openStream(perch, transport, { since: cursor });
    assert.is((await readStart(again)).mode, "delta");
    again.close();
  }
  const state = at(await stateOf(perch), "sessions");
  assert.equal([at(state, 0, "id"), at(state, 0, "state")], ["s1", "waiting"]);
}

const test = serverContract("file descriptors");

test("takes connections again when others let go of theirs", async (_start, runtime) => {
  await withFewDescriptors(runtime, async (perch) => {
    const cursor = await publish(perch, WAITING);
    const reader = await openStream(perch, "sse");
    await readStart(reader);
    const held = await useUp(perch, (refused) => runtime === "node" ? refused > 1 : failures(perch) > 1);
    held.forEach((socket) => socket.destroy());
    await until("answer", () => answers(perch));
    await knowsAll(perch, reader, cursor);
    reader.close();
  });
});

test.run();

const denoOnly = serverContract("file descriptors that nobody uses", { runtimes: ["deno"] });

denoOnly("are taken back from idle connections", async (_start, runtime) => {
  await withFewDescriptors(runtime, async (perch) => {
    const cursor = await publish(perch, WAITING);
    const reader = await openStream(perch, "sse");
    await readStart(reader);
    const held = await connectMany(perch);
    await until("failure", () => Promise.resolve(failures(perch) === 1));
    await until("answer", () => answers(perch));
    await knowsAll(perch, reader, cursor);
    assert.is(failures(perch), 1);
    reader.close();
    held.forEach((socket) => socket.destroy());
  });
});

denoOnly.run();
