/** What must be checked before @hono/node-ws sees an upgrade: it ends the process at some, and leaks memory at others. @module */

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal, Scheme } from "../src/http/guard.ts";
import { type Handshake, handshakeProblem } from "../src/http/handshake.ts";
import { refusalReply } from "../src/http/refusal.ts";
import { noteFailure, TITLES } from "../src/http/reply.ts";
import type { Surface } from "../src/surface.ts";
import { headOf } from "./node-head.ts";
import { originForm, targetProblem } from "./node-target.ts";

/** Who may come in, and how they reach the broker. */
export interface UpgradeDoors extends Pick<Surface, "guard" | "door"> {
  /** Default: `http`. */
  readonly scheme?: Scheme;
}

/**
 * Checks every upgrade before other listeners of `server` see it. What is refused is answered and its connection ended; to the
 * others it then looks like a request for nothing. All checks are synchronous: a client that resets its connection while an
 * upgrade waits would leave a trace for ever.
 *
 * @param doors Who may come in, and what they may do; the app need not ask again.
 * @param load Sees to it that somebody takes upgrades; undefined when somebody does. What came before is shown to them then.
 */
export function guardUpgrades(
  server: Server,
  { guard, door, scheme }: UpgradeDoors,
  load: () => Promise<unknown> | undefined,
): void {
  server.prependListener("upgrade", (request: IncomingMessage, socket: Duplex, first: Buffer) => {
    socket.on("error", () => socket.destroy());
    const facts = headOf(request);
    const target = request.url = originForm(request.url ?? "/", facts.host, scheme);
    const visit = { method: "GET", target, facts, isUpgrade: true };
    const refusal = guard(facts) ?? targetProblem(target) ?? handshakeProblem(handshakeOf(request)) ??
      door.enter(request, visit);
    if (refusal !== undefined) {
      answer(socket, target, refusal);
      request.url = "/";
      request.headers.upgrade = "refused";
    } else {
      load()?.then(() => socket.destroyed || server.emit("upgrade", request, socket, first), (error) => {
        noteFailure(error);
        socket.destroy();
      });
    }
  });
}

function handshakeOf({ method, url = "", headers }: IncomingMessage): Handshake {
  const { upgrade, "sec-websocket-version": version, "sec-websocket-key": key } = headers;
  return { method, target: url, upgrade, version, key };
}

function answer(socket: Duplex, path: string, refusal: Refusal): void {
  const { status, headers, body = "" } = refusalReply(path, refusal);
  const all = { ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${TITLES[status] ?? "Refused"}\r\n${lines.join("")}\r\n${body}`, () => socket.destroy());
}
