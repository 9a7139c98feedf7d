/** A client that writes down all that it is told, and comes back with the last id that it has seen. @module */

import { type IncomingMessage, request } from "node:http";
import WebSocket from "ws";
import { PATIENCE_MS, within } from "../inbox.ts";
import { seqOf } from "../stream-reader.ts";
import type { ClientLog, Interest, Told } from "./client-log.ts";

/** What to record. */
export interface RecorderOptions extends Interest {
  readonly name: string;
  readonly transport: "sse" | "ws";
  readonly port: number;
  /** Sent with every connection. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes one of all equal messages, so that many clients can write down much. */
  readonly unify: (told: Told) => Told;
}

/** Keeps one of all messages that are equal. */
export function unifier(): (told: Told) => Told {
  const known = new Map<string, Told>();
  return (told) => {
    const key = `${told.type} ${told.id}`;
    const same = known.get(key);
    if (same !== undefined && same.json === told.json) return same;
    if (same === undefined && told.id !== undefined) known.set(key, told);
    return told;
  };
}

/** One client over any number of connections. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #visits: { readonly since: string | undefined; readonly told: Told[] }[] = [];
  #hangUp: (() => void) | undefined;
  #pause = (_isPaused: boolean): void => {};
  #cursor: string | undefined;
  #rest = "";
  #isOver = true;
  #wake = (): void => {};

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The last id that was seen. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Ids that were seen, of any visit. */
  seen(): readonly string[] {
    return this.#visits.flatMap(({ told }) => told.map(({ id }) => id)).filter((id) => id !== undefined);
  }

  /** What was recorded. `upTo`: a place that it must have reached. */
  log(upTo?: number): ClientLog {
    const { name, topics, session } = this.#options;
    const log = { name, topics, session, visits: this.#visits };
    return upTo === undefined ? log : { ...log, upTo };
  }

  /** Connects with this cursor; resolves once the connection is there. A connection that is refused is none. */
  async visit(since: string | undefined): Promise<void> {
    this.hangUp();
    const { port, topics, session, transport } = this.#options;
    const query = new URLSearchParams({ topics: topics.join() });
    if (session !== undefined) query.set("session", session);
    if (since !== undefined) query.set("since", since);
    const told: Told[] = [];
    this.#visits.push({ since, told });
    this.#rest = "";
    this.#isOver = false;
    const url = `127.0.0.1:${port}${transport === "sse" ? "/v1/stream" : "/v1/ws"}?${query}`;
    const opened = transport === "sse" ? this.#openSse(`http://${url}`, told) : this.#openWs(`ws://${url}`, told);
    await within(PATIENCE_MS, `connection of ${this.#options.name}`, opened);
  }

  /** Breaks the connection off, wherever it is: what comes after is not written down. */
  hangUp(): void {
    this.#hangUp?.();
    this.#hangUp = undefined;
    this.#isOver = true;
  }

  /** Reads nothing until it is called with false. */
  pause(isPaused: boolean): void {
    this.#pause(isPaused);
  }

  /** True while the connection is there. */
  get isConnected(): boolean {
    return !this.#isOver;
  }

  /** Resolves once it has seen an id of `seq` or later, or its connection is gone. */
  async reach(seq: number, ms: number): Promise<void> {
    const isThere = (): boolean => this.#isOver || (this.#cursor !== undefined && seqOf(this.#cursor) >= seq);
    const reached = new Promise<void>((resolve) => {
      this.#wake = () => isThere() && resolve();
      this.#wake();
    });
    await within(ms, `place ${seq} for ${this.#options.name}, which is at ${this.#cursor}`, reached);
  }

  #openSse(url: string, told: Told[]): Promise<void> {
    return new Promise((resolve) => {
      const sent = request(url, { agent: false, headers: { accept: "text/event-stream", ...this.#options.headers } });
      const end = (): void => this.#end(told, resolve);
      sent.on("error", end).on("close", end).on("response", (response: IncomingMessage) => {
        this.#pause = (isPaused) => void (isPaused ? response.pause() : response.resume());
        response.setEncoding("utf8").on("error", () => {}).on("data", (text: string) => this.#takeSse(text, told));
        resolve();
      });
      this.#hangUp = () => void sent.destroy();
      sent.end();
    });
  }

  #openWs(url: string, told: Told[]): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(url, { perMessageDeflate: false, headers: this.#options.headers });
      const end = (): void => this.#end(told, resolve);
      socket.on("error", () => {}).on("close", end).on("open", () => resolve());
      socket.on("message", (data) => this.#isNow(told) && this.#note(told, toldOfFrame(String(data))));
      this.#pause = (isPaused) => void (isPaused ? socket.pause() : socket.resume());
      this.#hangUp = () => socket.terminate();
    });
  }

  #isNow(told: Told[]): boolean {
    return !this.#isOver && this.#visits.at(-1)?.told === told;
  }

  #end(told: Told[], resolve: () => void): void {
    if (this.#isNow(told)) this.#isOver = true;
    this.#wake();
    resolve();
  }

  #takeSse(text: string, told: Told[]): void {
    if (!this.#isNow(told)) return;
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const message = toldOfBlock(block);
      if (message !== undefined) this.#note(told, message);
    }
  }

  #note(told: Told[], message: Told): void {
    told.push(message.id === undefined ? message : this.#options.unify(message));
    this.#cursor = message.id ?? this.#cursor;
    this.#wake();
  }
}

const BLOCK = /^(?:id: (.*)\n)?event: (.*)\ndata: (.*)$/;
const HEARTBEAT = /^id: (.*)$/;
const OPENING = /^(?::|retry: [0-9]+)$/;

/** A block of an event stream; undefined for what opens it. */
function toldOfBlock(block: string): Told | undefined {
  const [, id, type, json] = BLOCK.exec(block) ?? [];
  if (type !== undefined && json !== undefined) return { type, id, json };
  const [, bare] = HEARTBEAT.exec(block) ?? [];
  if (bare !== undefined) return { type: "heartbeat", id: bare, json: "" };
  return OPENING.test(block) ? undefined : { type: "unreadable", id: undefined, json: block };
}

const FRAME = /^\{"type":"([a-z.]+)",(?:"id":"([^"]+)",)?"data":/;

function toldOfFrame(frame: string): Told {
  const [head = "", type = "unreadable", id] = FRAME.exec(frame) ?? [];
  return { type, id, json: frame.slice(head.length, -1) };
}
