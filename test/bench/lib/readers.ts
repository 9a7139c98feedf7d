/** Thousands of readers in one process: raw sockets, one read buffer, and what comes is counted in place. @module */

import { connect, type Socket } from "node:net";
import { Countdown } from "./countdown.ts";
import { type Found, scan, type Wire } from "./wire.ts";

const shared = Buffer.allocUnsafe(512 * 1024);

/** How many connect at once. */
const BATCH = 100;

const GREETING_MS = 30_000;

const UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

interface Reader {
  readonly socket: Socket;
  stage: "head" | "greeting" | "told" | "stalled";
  isMarked: boolean;
  /** State messages since the last {@linkcode Readers.forget}. */
  changes: number;
  /** The beginning of what is not whole yet. */
  rest: Buffer | undefined;
}

/** The readers of one stream of one server. */
export class Readers {
  readonly #port: number;
  readonly #wire: Wire;
  readonly #readers: Reader[] = [];
  #greetings: Countdown | undefined;
  #goal = Infinity;
  #reaching: Countdown | undefined;
  #marker = "";
  #seeing: Countdown | undefined;
  #lost = 0;
  /** What was read last: most readers are sent the same bytes, which need to be looked at only once. */
  #last: { readonly bytes: Buffer; readonly rest: Buffer | undefined; readonly found: Found } | undefined;

  constructor(port: number, wire: Wire) {
    this.#port = port;
    this.#wire = wire;
  }

  get size(): number {
    return this.#readers.length;
  }

  /** How many the server has let go. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * Connects more readers until there are `size`, and resolves once each has been greeted.
   *
   * @throws {Error} If one is refused, or not greeted in time.
   */
  async grow(size: number): Promise<void> {
    while (this.size < size) {
      const count = Math.min(BATCH, size - this.size);
      this.#greetings = new Countdown(count, GREETING_MS);
      for (let i = 0; i < count; i += 1) this.#readers.push(this.#connect());
      if (!await this.#greetings.done) throw new Error(`Not all readers of ${this.#wire.path} were greeted, of ${this.size}`);
    }
  }

  /** Sets all counts of state messages to zero. */
  forget(): void {
    for (const reader of this.#readers) reader.changes = 0;
  }

  /** Resolves to true once each reader has had `changes` state messages since they were forgotten, to false after `ms`. */
  reach(changes: number, ms: number): Promise<boolean> {
    this.#goal = changes;
    this.#reaching = new Countdown(this.#readers.filter((reader) => reader.changes < changes).length, ms);
    return this.#reaching.done;
  }

  /** Resolves to true once `marker` has come to each reader, to false after `ms`. */
  see(marker: string, ms: number): Promise<boolean> {
    for (const reader of this.#readers) reader.isMarked = false;
    this.#marker = marker;
    this.#last = undefined;
    this.#seeing = new Countdown(this.size, ms);
    return this.#seeing.done;
  }

  /** Why these readers void a turn that had `changes`: somebody missed some, had some twice, or is gone. */
  fault(changes: number): string | undefined {
    const counts = this.#readers.map((reader) => reader.changes);
    const wrong = counts.filter((count) => count !== changes).length;
    if (this.#lost > 0) return `${this.#lost} of ${this.size} readers were let go`;
    if (wrong === 0) return undefined;
    const range = `${Math.min(...counts)} to ${Math.max(...counts)}`;
    return `${wrong} of ${this.size} readers had not ${changes} state messages, but ${range}`;
  }

  /** From here on nobody reads. */
  stall(): void {
    for (const reader of this.#readers) {
      reader.stage = "stalled";
      reader.socket.pause();
    }
  }

  close(): void {
    for (const { socket } of this.#readers) socket.removeAllListeners("close").destroy();
    this.#readers.length = 0;
  }

  #connect(): Reader {
    const callback = (length: number): boolean => {
      this.#take(reader, length);
      return reader.stage !== "stalled";
    };
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true, onread: { buffer: shared, callback } });
    const reader: Reader = { socket, stage: "head", isMarked: false, changes: 0, rest: undefined };
    const { transport, path } = this.#wire;
    const wish = transport === "socket" ? UPGRADE : "Accept: text/event-stream\r\n";
    socket.once("connect", () => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\n${wish}\r\n`));
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#lost += 1);
    return reader;
  }

  #take(reader: Reader, length: number): void {
    if (reader.stage === "head" || reader.stage === "greeting") return this.#greet(reader, length);
    const found = this.#look(reader, length);
    reader.rest = found.rest;
    if (found.pongs !== undefined) reader.socket.write(found.pongs);
    if (found.isMarked && !reader.isMarked) {
      reader.isMarked = true;
      this.#seeing?.hit();
    }
    const before = reader.changes;
    reader.changes += found.changes;
    if (before < this.#goal && reader.changes >= this.#goal) this.#reaching?.hit();
  }

  #greet(reader: Reader, length: number): void {
    let bytes = Buffer.concat([reader.rest ?? Buffer.alloc(0), shared.subarray(0, length)]);
    reader.rest = bytes;
    if (reader.stage === "head") {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!/^HTTP\/1\.1 (?:101|200) /.test(bytes.toString("latin1", 0, 13))) return void reader.socket.destroy();
      reader.stage = "greeting";
      bytes = bytes.subarray(end + 4);
    }
    const { isMarked, pongs, rest } = scan(this.#wire, bytes, this.#wire.greetingEnd);
    if (pongs !== undefined) reader.socket.write(pongs);
    reader.rest = rest;
    if (!isMarked) return;
    reader.stage = "told";
    this.#greetings?.hit();
  }

  #look(reader: Reader, length: number): Found {
    const last = this.#last;
    if (
      last !== undefined && areAlike(last.rest, reader.rest) && last.bytes.length === length &&
      shared.compare(last.bytes, 0, length, 0, length) === 0
    ) return last.found;
    const bytes = Buffer.from(shared.subarray(0, length));
    const { rest } = reader;
    const found = scan(this.#wire, rest === undefined ? bytes : Buffer.concat([rest, bytes]), this.#marker);
    this.#last = { bytes, rest, found };
    return found;
  }
}

const areAlike = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one === other || one !== undefined && other !== undefined && one.equals(other);
