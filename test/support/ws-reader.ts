/** Reads what comes over a WebSocket. @module */

import WebSocket from "ws";
import { Inbox, within } from "./inbox.ts";
import { at } from "./json.ts";
import { type Heard, heardNow, type StreamEnd, type StreamReader } from "./stream-reader.ts";

/** How to open a socket. */
export interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as soon as the socket is open. */
  readonly first?: string;
}

/** A client's end of a WebSocket. */
export interface ClientSocket extends Omit<StreamReader, "messages"> {
  /** How often the server has pinged. */
  readonly pings: number;
  send(data: string | Uint8Array): void;
}

/** A reader of the stream over a WebSocket. */
export type WsReader = StreamReader & ClientSocket;

/** Opens a WebSocket, and resolves once it is open. */
export async function openSocket(
  url: string,
  onText: (text: string) => void,
  { headers = {}, first }: SocketOptions = {},
): Promise<ClientSocket> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { headers, perMessageDeflate: false });
  let pings = 0;
  socket.on("ping", () => pings += 1);
  socket.on("message", (data) => onText(String(data)));
  const ended = new Promise<StreamEnd>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once("open", () => {
      if (first !== undefined) socket.send(first);
      resolve();
    });
    socket.on("error", reject);
  });
  await within(15_000, `open socket at ${url}`, opened);
  return {
    ended,
    get pings() {
      return pings;
    },
    send: (data) => socket.send(data),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.terminate(),
  };
}

/**
 * Opens the stream over a WebSocket, and resolves once it is open.
 *
 * @param resume The cursor to send a resume frame with. A stream that has started before that was there starts anew with it,
 * and what came before is left out.
 */
export async function openWs(
  url: string,
  { headers = {}, resume }: { readonly headers?: Readonly<Record<string, string>>; readonly resume?: string | undefined } = {},
): Promise<WsReader> {
  const messages = new Inbox<Heard>(`messages of ${url}`);
  let isStarted = resume === undefined || resume === "";
  const onText = (text: string): void => {
    const message = parseFrame(text);
    isStarted ||= message.type === "hello" && at(message.data, "since") === resume?.slice(0, 64);
    if (isStarted) messages.push(message);
  };
  const socket = await openSocket(url, onText, resume === undefined ? { headers } : { headers, first: resumeFrame(resume) });
  void socket.ended.then(({ code, reason }) => messages.end(`the socket was closed with ${code} ${reason}`));
  return Object.assign(socket, { messages });
}

/** The frame that makes the stream start from `since`. */
export function resumeFrame(since: string): string {
  return JSON.stringify({ type: "resume", since });
}

const HEAD = /^\{"type":"([a-z.]+)",(?:"id":"([^"]+)",)?"data":/;

/** Takes a frame apart without changing a byte of its data. */
export function parseFrame(frame: string): Heard {
  const [head, type, id] = HEAD.exec(frame) ?? [];
  if (head === undefined || type === undefined) throw new Error(`This frame is no message: ${frame.slice(0, 200)}`);
  return heardNow(type, id, frame.slice(head.length, -1));
}
