/** The v0 surface as hooks and floaters use it, the same for Perch and for the peer. @module */

import type { ServerProcess } from "./broker-process.ts";
import { type Answer, ask, post } from "./http.ts";
import { Inbox } from "./inbox.ts";
import { at, parseOrUndefined } from "./json.ts";
import { openSocket } from "./ws-reader.ts";

/** A message to floaters. */
export interface Pushed {
  readonly type: unknown;
  readonly state: unknown;
  /** As it came over the wire. */
  readonly text: string;
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number;
}

/** A floater that is connected. */
export interface Floater {
  readonly pushed: Inbox<Pushed>;
  /** Waits until the aggregate is shown as `pose`, and returns when that was told. */
  shows(pose: string): Promise<Pushed>;
  send(data: string | Uint8Array): void;
  readonly ended: Promise<{ readonly code: number | undefined }>;
  close(): void;
}

type SocketHeaders = Readonly<Record<string, string>>;

/** Connects a floater, and resolves once it has been told the present state. */
export async function openFloater(server: ServerProcess, path = "/ws", headers: SocketHeaders = {}): Promise<Floater> {
  const pushed = new Inbox<Pushed>(`messages to a floater at ${path}`);
  const socket = await openSocket(server.url + path, (text) => {
    const message = parseOrUndefined(text);
    pushed.push({ type: at(message, "type"), state: at(message, "state"), text, at: performance.now() });
  }, { headers });
  void socket.ended.then(({ code }) => pushed.end(`the socket was closed with ${code}`));
  const isCards = ({ type }: Pushed) => type === "sessions";
  await pushed.next("cards", isCards);
  return {
    pushed,
    shows: (pose) => pushed.next(`state ${pose}`, ({ type, state }) => type === "state" && state === pose),
    send: socket.send,
    ended: socket.ended,
    close: socket.close,
  };
}

/** Posts a v0 event; anything but 204 fails the test. */
export async function hook(server: ServerProcess, kind: string, sessionId: string, more: object = {}): Promise<void> {
  const { status, text } = await post(`${server.url}/event`, { kind, sessionId, ...more });
  if (status !== 204) throw new Error(`POST /event ${kind} answered ${status} ${text}`);
}

/** Chooses a pet. Every floater is told of it, whatever it knows, so this marks a place in what is pushed. */
export function choosePet(server: ServerProcess, slug: string): Promise<Answer> {
  return post(`${server.url}/switch`, { slug });
}

/** `GET /status`, parsed. */
export async function statusOf(server: ServerProcess): Promise<unknown> {
  return (await ask(`${server.url}/status`)).json;
}

/** Times of now are not the same in two runs; those that a client made up are, and stay. */
export function maskTimes(text: string): string {
  return text.replaceAll(/("(?:ts|lastEventTs)":)1[0-9]{12}\b/g, "$1<now>").replaceAll(/("uptimeMs":)[0-9]+/g, "$1<ms>");
}
