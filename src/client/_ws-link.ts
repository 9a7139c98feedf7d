/** The stream over a WebSocket. @module */

import { mayReturn } from "../protocol/codes.ts";
import type { Addresses } from "./_addresses.ts";
import { askForTicket, type Credentials } from "./_credentials.ts";
import { type Link, type LinkEvents, type Loss, reasonOf } from "./_link.ts";
import { parseJson } from "./_parse.ts";
import { refusalOf } from "./_refusal.ts";
import type { ClientSocket, SocketConstructor } from "./socket.ts";

const OPEN = 1;

/** What a link over a WebSocket needs of its surroundings. */
export interface WsWorld {
  readonly WebSocket: SocketConstructor;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined when there is no token to show. */
  readonly credentials: Credentials | undefined;
}

/**
 * Opens a link over a WebSocket. The cursor goes in the first frame and not in the address, since addresses end in logs; with a
 * token, only a ticket does, which is worth nothing once it was used.
 *
 * Pings of the broker are answered below this code and not shown to it, so a healthy quiet stream and a dead one look the same.
 * `probe` tells them apart: it asks the broker to go on after the reader's cursor, over the very connection that is in doubt, and
 * the broker answers with a `hello` and what was missed, if anything was.
 */
export function openWsLink(addresses: Addresses, world: WsWorld, since: () => string | undefined, events: LinkEvents): Link {
  const { fetch, credentials } = world;
  const abort = new AbortController();
  let link: Link | undefined;
  const open = (ticket: string | undefined): void => {
    const url = ticket === undefined ? addresses.ws : withTicket(addresses.ws, ticket);
    link = follow(
      new world.WebSocket(url),
      addresses,
      (unknown) => askWhy(addresses, world, unknown, abort.signal),
      since,
      events,
    );
  };
  const openWithTicket = async (shown: Credentials): Promise<void> => {
    const answer = await askForTicket(addresses.tickets, fetch, shown, abort.signal);
    if (abort.signal.aborted) return;
    events.sign();
    if ("loss" in answer) events.end(answer.loss);
    else open(answer.ticket);
  };
  if (credentials === undefined) open(undefined);
  else {openWithTicket(credentials).catch((error) =>
      events.end({ code: "cannot_open", detail: reasonOf(error), isFinal: true })
    );}
  return {
    probe: () => link?.probe?.(),
    close() {
      abort.abort();
      link?.close();
    },
  };
}

const withTicket = (url: string, ticket: string): string =>
  `${url}${url.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}`;

/**
 * A runtime does not tell with which status an upgrade was refused. The snapshot is refused for the same reasons, and
 * `If-None-Match: *` spares its body where it is not refused.
 */
async function askWhy(
  { state }: Addresses,
  { fetch, credentials }: WsWorld,
  unknown: Loss,
  signal: AbortSignal,
): Promise<Loss> {
  try {
    const headers = { "if-none-match": "*", ...await credentials?.() };
    return await refusalOf(await fetch(state, { headers, signal }), state) ?? unknown;
  } catch {
    return unknown;
  }
}

function follow(
  socket: ClientSocket,
  { ws }: Addresses,
  explain: (unknown: Loss) => Promise<Loss>,
  since: () => string | undefined,
  events: LinkEvents,
): Link {
  let isOpen = false;
  let problem = "";

  const resume = (): void => {
    const cursor = since();
    if (cursor !== undefined && socket.readyState === OPEN) socket.send(JSON.stringify({ type: "resume", since: cursor }));
  };
  socket.addEventListener("open", () => {
    isOpen = true;
    events.sign();
    resume();
  });
  socket.addEventListener("message", ({ data }) => {
    events.sign();
    for (const raw of [parseJson(data)].flat()) events.message(raw);
  });
  socket.addEventListener("error", ({ message = "" }) => void (problem = message));
  socket.addEventListener("close", ({ code = 1006, reason }) => {
    const detail = reason || problem || "no reason given";
    if (isOpen) {
      events.end({ code: `ws_${code}`, detail: `The WebSocket was closed with ${code}: ${detail}`, isFinal: !mayReturn(code) });
    } else {
      const unreachable = { code: "unreachable", detail: `Cannot reach ${ws}: ${detail}. Is the broker running?` };
      void explain(unreachable).then(events.end);
    }
  });
  return { probe: resume, close: () => socket.close() };
}
