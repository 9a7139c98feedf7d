/** WebSocket upgrades on Deno, with the guards that its own WebSocket lacks. @module */

import type { Context, MiddlewareHandler } from "hono";
import { defineWebSocketHelper, WSContext, type WSEvents } from "hono/ws";
import { type Handshake, handshakeProblem } from "../src/http/handshake.ts";
import { refusalReply } from "../src/http/refusal.ts";
import { toResponse } from "../src/http/reply.ts";
import { logger } from "../src/ports/log.ts";

/** Deno pings by itself, and closes a socket that was silent for this long, in seconds. */
const IDLE_TIMEOUT_S = 30;

/** Upgrades to a WebSocket. An exception in a handler is logged and costs the socket; unguarded it would end the process. */
export const upgradeWebSocket: (createEvents: (context: Context) => WSEvents) => MiddlewareHandler = defineWebSocketHelper(
  (c, events) => {
    if (c.req.header("upgrade") === undefined) return;
    const problem = handshakeProblem(handshakeOf(c.req.raw));
    if (problem !== undefined) return toResponse(refusalReply(c.req.path, problem));
    const { response, socket } = Deno.upgradeWebSocket(c.req.raw, { idleTimeout: IDLE_TIMEOUT_S });
    socket.binaryType = "arraybuffer";
    const context = contextOf(socket);
    const guarded = <Kind extends Event>(handle: (event: Kind) => unknown) => (event: Kind): void => {
      try {
        handle(event);
      } catch (error) {
        logger("deno").error("a socket failed: {error}", { error });
        socket.close(1011);
      }
    };
    socket.onopen = guarded((event: Event) => events.onOpen?.(event, context));
    socket.onmessage = guarded((event: MessageEvent) => events.onMessage?.(event, context));
    socket.onclose = guarded((event: CloseEvent) => events.onClose?.(event, context));
    socket.onerror = guarded((event: Event) => events.onError?.(event, context));
    return response;
  },
);

function handshakeOf({ method, url, headers }: Request): Handshake {
  return {
    method,
    target: new URL(url).pathname,
    upgrade: headers.get("upgrade") ?? undefined,
    version: headers.get("sec-websocket-version") ?? undefined,
    key: headers.get("sec-websocket-key") ?? undefined,
  };
}

function contextOf(socket: WebSocket): WSContext<WebSocket> {
  return new WSContext<WebSocket>({
    close: (code, reason) => socket.close(code, reason),
    protocol: socket.protocol,
    raw: socket,
    get readyState() {
      switch (socket.readyState) {
        case WebSocket.CONNECTING:
          return 0;
        case WebSocket.OPEN:
          return 1;
        case WebSocket.CLOSING:
          return 2;
        default:
          return 3;
      }
    },
    url: null,
    send: (data) => socket.send(data),
  });
}
