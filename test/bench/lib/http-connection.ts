/** A connection for HTTP load on a raw socket, so that the load is cheap enough not to be the limit. @module */

import { connect, type Socket } from "node:net";

/** One for all connections: what came is looked at before the next one reads. */
const shared = Buffer.allocUnsafe(256 * 1024);

const HEAD_END = "\r\n\r\n";

/** In `Connection: close`, as each of the servers writes it. */
const LAST = "onnection: close";

const LENGTH = /\r\ncontent-length: *([0-9]+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;
const LAST_CHUNK = "0\r\n\r\n";

/** Options of {@linkcode HttpConnection}. */
export interface ConnectionOptions {
  /** Called with the status of each answer; `isLast` when the server has said that it ends the connection. */
  readonly onAnswer: (status: number, isLast: boolean) => void;
  /** Called once the connection has ended, from whichever side, or could not be made. */
  readonly onEnd?: () => void;
  /** The address to connect from. Default: the system's choice. */
  readonly from?: string;
}

/** A keep-alive connection; requests may be pipelined. */
export class HttpConnection {
  /** Resolves to false when it could not be made. */
  readonly opened: Promise<boolean>;
  readonly #socket: Socket;
  readonly #onAnswer: ConnectionOptions["onAnswer"];
  readonly #unanswered: Uint8Array[] = [];
  #partial = "";

  constructor(port: number, { onAnswer, onEnd = () => {}, from }: ConnectionOptions) {
    this.#onAnswer = onAnswer;
    const callback = (length: number): boolean => {
      this.#take(shared.toString("latin1", 0, length));
      return true;
    };
    const origin = from === undefined ? {} : { localAddress: from };
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer: shared, callback }, ...origin });
    this.opened = new Promise((resolve) => {
      this.#socket.once("connect", () => resolve(true)).on("error", () => resolve(false)).once("close", onEnd);
    });
  }

  /** The requests that have not been answered, in their order. */
  get unanswered(): readonly Uint8Array[] {
    return this.#unanswered;
  }

  /** Writes one request. */
  send(request: Uint8Array): void {
    this.#unanswered.push(request);
    this.#socket.write(request);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    let rest = this.#partial + text;
    while (rest !== "") {
      const headEnd = rest.indexOf(HEAD_END);
      const end = headEnd < 0 ? undefined : endOfAnswer(rest, headEnd);
      if (end === undefined) break;
      const status = Number(rest.slice(9, 12));
      const lastAt = rest.indexOf(LAST);
      rest = rest.length === end ? "" : rest.slice(end);
      this.#unanswered.shift();
      this.#onAnswer(status, lastAt >= 0 && lastAt < headEnd);
    }
    this.#partial = rest;
  }
}

/** Where the first answer in `text`, whose head ends at `headEnd`, ends itself; undefined while it is not whole. */
function endOfAnswer(text: string, headEnd: number): number | undefined {
  const start = headEnd + HEAD_END.length;
  if (text.startsWith("204", 9)) return start;
  const head = text.slice(0, headEnd);
  const length = LENGTH.exec(head)?.[1];
  if (length !== undefined) return start + Number(length) <= text.length ? start + Number(length) : undefined;
  if (!CHUNKED.test(head)) return start;
  const last = text.indexOf(LAST_CHUNK, start);
  return last < 0 ? undefined : last + LAST_CHUNK.length;
}

/** Sends one request on a connection of its own; resolves to the status, 0 when there is no answer within `ms`. */
export function sendOnce(port: number, request: Uint8Array, ms = 10_000): Promise<number> {
  return new Promise((resolve) => {
    const settle = (status: number): void => {
      clearTimeout(timer);
      connection.destroy();
      resolve(status);
    };
    const timer = setTimeout(() => settle(0), ms);
    const connection = new HttpConnection(port, { onAnswer: settle, onEnd: () => settle(0) });
    void connection.opened.then((isOpen) => isOpen && connection.send(request));
  });
}

/** Gets `path` on a connection of its own; resolves to the status, 0 when there is no answer within `ms`. */
export function getOnce(port: number, path: string, ms?: number): Promise<number> {
  return sendOnce(port, getRequest(port, path), ms);
}

/** A GET to the server at `port`. */
export function getRequest(port: number, path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, "latin1");
}
