/** Requests written byte by byte: what no well-behaved client would send. @module */

import { connect, type Socket } from "node:net";
import { parseOrUndefined } from "./json.ts";
import { PATIENCE_MS } from "./inbox.ts";

/** Headers in order; a name may come twice. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  /** Nothing is added to these, Host included. */
  readonly headers?: RawHeaders;
  readonly body?: string | Uint8Array;
  readonly version?: string;
}

/** What came back. */
export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly headers: Headers;
  /** Empty for a stream and for an upgrade: those are not waited for. */
  readonly text: string;
  readonly json: unknown;
}

const NO_ANSWER: RawAnswer = { status: 0, headers: new Headers(), text: "", json: undefined };

/** The bytes of a request. A body gets no Content-Length by itself. */
export function requestBytes(
  { method = "GET", target = "/", headers = [], body = "", version = "1.1" }: RawRequest,
): Uint8Array {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/${version}\r\n${lines}\r\n`, "latin1"), Buffer.from(body)]);
}

/** The headers of a WebSocket handshake, without Host. */
export const UPGRADE: RawHeaders = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
];

/** A body in chunks of `size` bytes, with no word of its length before its end. */
export function chunked(body: Uint8Array, size: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += size) {
    const part = body.subarray(start, start + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/**
 * Connects to a port of this machine. Errors of the connection end it and are otherwise ignored: they are often the aim.
 *
 * @param from The address to come from, e.g. `127.0.0.2`; by default the system chooses.
 */
export async function connectTo(port: number, from?: string): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", ...(from === undefined ? {} : { localAddress: from }) });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => socket.destroy());
  return socket;
}

/** Sends one request on a connection of its own and reads the answer. */
export async function rawRequest(port: number, request: RawRequest, ms: number = PATIENCE_MS): Promise<RawAnswer> {
  const socket = await connectTo(port);
  try {
    const answer = readAnswer(socket, request.method === "HEAD", ms);
    socket.write(requestBytes(request));
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** Reads one answer; the connection stays open. */
export function readAnswer(socket: Socket, isHead = false, ms: number = PATIENCE_MS): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(() => done(() => reject(new Error(`No answer within ${ms} ms, but: ${bytes}`))), ms);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const answer = parseAnswer(bytes, isHead, false);
      if (answer !== undefined) done(() => resolve(answer));
    };
    const onClose = () => done(() => resolve(parseAnswer(bytes, isHead, true) ?? NO_ANSWER));
    const done = (settle: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose);
      settle();
    };
    socket.on("data", onData).on("close", onClose);
  });
}

/** The answer in `bytes`; undefined while it is not whole. */
function parseAnswer(bytes: Buffer, isHead: boolean, isEnd: boolean): RawAnswer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(first.split(" ")[1]);
  if (status === 100) return parseAnswer(bytes.subarray(end + 4), isHead, isEnd);
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const text = parseBody(bytes.subarray(end + 4), status, headers, isHead, isEnd);
  return text === undefined ? undefined : { status, headers, text, json: parseOrUndefined(text) };
}

function parseBody(rest: Buffer, status: number, headers: Headers, isHead: boolean, isEnd: boolean): string | undefined {
  const isStream = headers.get("content-type")?.startsWith("text/event-stream");
  if (isHead || isStream || status === 101 || status === 204 || status === 304) return "";
  const length = headers.get("content-length");
  if (length !== null) return rest.length >= Number(length) ? rest.toString("utf8", 0, Number(length)) : undefined;
  if (headers.get("transfer-encoding") === "chunked") return dechunked(rest);
  return isEnd ? rest.toString("utf8") : undefined;
}

function dechunked(bytes: Buffer): string | undefined {
  const parts: Buffer[] = [];
  for (let start = 0;;) {
    const end = bytes.indexOf("\r\n", start);
    if (end < 0) return undefined;
    const size = parseInt(bytes.toString("latin1", start, end), 16);
    if (size === 0) return Buffer.concat(parts).toString("utf8");
    if (end + 2 + size + 2 > bytes.length) return undefined;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    start = end + 2 + size + 2;
  }
}
