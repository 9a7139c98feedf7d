// runtime: node
// limit: 400 s
/** Readers that take 1 KiB each second, no more: they stay, and in the end they know what is true. @module */

import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { BATCHED_SOCKET, EVENT_STREAM, scan, type Wire } from "../bench/lib/wire.ts";
import { serverContract } from "../contracts/server.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { measured } from "../support/hard.ts";
import { headOf, publish } from "../support/log.ts";
import { connectTo, readAnswer, requestBytes, UPGRADE } from "../support/raw-http.ts";

const test = serverContract("readers of 1 KiB a second", { atOnce: "runtimes" });

const BYTES_PER_S = 1_024;
const LASTS_S = 120;

/** How long they then may take to read all that was sent meanwhile, in milliseconds. */
const CATCH_UP_MS = 60_000;

/** A reader that takes only what it is told to. */
class Trickle {
  readonly #socket: Socket;
  readonly #wire: Wire;
  #text = "";
  #rest: Buffer = Buffer.alloc(0);
  isEnded = false;

  constructor(socket: Socket, wire: Wire) {
    this.#socket = socket;
    this.#wire = wire;
    socket.once("close", () => this.isEnded = true).once("end", () => this.isEnded = true);
  }

  /** Takes so many bytes at most, and answers the pings among them. */
  take(bytes: number): void {
    const chunk: unknown = this.#socket.read(Math.min(bytes, this.#socket.readableLength));
    if (!(chunk instanceof Buffer)) return;
    this.#text = (this.#text + chunk.toString("latin1")).slice(-4_000);
    const { pongs, rest } = scan(this.#wire, Buffer.concat([this.#rest, chunk]), "");
    if (pongs !== undefined) this.#socket.write(pongs);
    this.#rest = rest ?? Buffer.alloc(0);
  }

  /** The newest place that it was told of. */
  get place(): number {
    return Number([...this.#text.matchAll(/\b[A-Za-z0-9]{10}\.([0-9]+)/g)].at(-1)?.[1] ?? 0);
  }

  /** Takes everything from now on. */
  takeAll(): void {
    this.#socket.on("readable", () => this.take(Infinity));
    this.take(Infinity);
  }
}

async function open({ port }: ServerProcess, target: string, wire: Wire): Promise<Trickle> {
  const socket = await connectTo(port);
  const answer = readAnswer(socket);
  socket.write(requestBytes({ target, headers: [["Host", `127.0.0.1:${port}`], ...wire === EVENT_STREAM ? [] : UPGRADE] }));
  await answer;
  socket.pause();
  return new Trickle(socket, wire);
}

test("stay for minutes, and know the newest when they have read all", async (start, runtime) => {
  const perch = await start();
  const [stream, socket] = [
    await open(perch, "/v1/stream?topics=state", EVENT_STREAM),
    await open(perch, "/v1/ws?topics=state", BATCHED_SOCKET),
  ];
  for (let second = 0; second < LASTS_S; second += 1) {
    for (let count = 0; count < 10; count += 1) {
      const kind = count % 2 === 0 ? "permission.request" : "permission.resolve";
      await publish(perch, { kind, sessionId: `s${second % 7}` });
      await wait(100);
    }
    for (const reader of [stream, socket]) reader.take(BYTES_PER_S);
  }
  const head = await headOf(perch);
  for (const [name, { isEnded, place }] of Object.entries({ stream, socket })) {
    measured(
      `${runtime}: after ${LASTS_S} s the ${name} was told up to ${place} of ${head}${isEnded ? ", and was let go" : ""}`,
    );
  }
  // Deno pings by itself, and the pong of a reader that is so far behind comes too late: see section 9 of PROTOCOL.md.
  const readers = runtime === "node" ? [stream, socket] : [stream];
  assert.ok(readers.every(({ isEnded }) => !isEnded), "one was let go");
  await publish(perch, { kind: "turn.fail", sessionId: "last" });
  for (const reader of readers) reader.takeAll();
  const begun = performance.now();
  while (readers.some(({ place }) => place < head) && performance.now() - begun < CATCH_UP_MS) await wait(100);
  assert.ok(readers.every(({ place }) => place >= head), `they know up to ${readers.map(({ place }) => place)} of ${head}`);
});

test.run();
