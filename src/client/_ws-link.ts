/** The stream over a WebSocket. @module */

import { mayReturn } from "../protocol/codes.ts";
import type { Addresses } from "./_addresses.ts";
import type { Link, LinkEvents, Loss } from "./_link.ts";
import { parseJson } from "./_parse.ts";
import { refusalOf } from "./_refusal.ts";
import type { SocketConstructor } from "./socket.ts";

const OPEN = 1;

/**
 * Opens a link over a WebSocket. The cursor goes in the first frame and not in the address, since addresses end in logs.
 *
 * Pings of the broker are answered below this code and not shown to it, so a healthy quiet stream and a dead one look the same.
 * `probe` tells them apart: it asks the broker to go on after the reader's cursor, over the very connection that is in doubt, and
 * the broker answers with a `hello` and what was missed, if anything was.
 */
export function openWsLink(
  { ws, state }: Addresses,
  WebSocket: SocketConstructor,
  fetch: typeof globalThis.fetch,
  since: () => string | undefined,
  events: LinkEvents,
): Link {
  const abort = new AbortController();
  const socket = new WebSocket(ws);
  let isOpen = false;
  let problem = "";

  const resume = (): void => {
    const cursor = since();
    if (cursor !== undefined && socket.readyState === OPEN) socket.send(JSON.stringify({ type: "resume", since: cursor }));
  };
  /**
   * A runtime does not tell with which status an upgrade was refused. The snapshot is refused for the same reasons, and
   * `If-None-Match: *` spares its body where it is not refused.
   */
  const askWhy = async (unknown: Loss): Promise<Loss> => {
    try {
      const response = await fetch(state, { headers: { "if-none-match": "*" }, signal: abort.signal });
      return await refusalOf(response, state) ?? unknown;
    } catch {
      return unknown;
    }
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
      void askWhy(unreachable).then(events.end);
    }
  });
  return {
    probe: resume,
    close() {
      abort.abort();
      socket.close();
    },
  };
}
