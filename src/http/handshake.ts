/** The WebSocket handshake (RFC 6455 §4.2.1), checked before a runtime sees it: each lets other mistakes pass. @module */

import type { Refusal } from "./guard.ts";
import { isPlainTarget, ODD_TARGET } from "./target.ts";

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** A request that wants to be a WebSocket; a header that is absent is undefined. */
export interface Handshake {
  readonly method: string | undefined;
  /** The path and query as they were sent. */
  readonly target: string;
  readonly upgrade: string | undefined;
  /** `Sec-WebSocket-Version` */
  readonly version: string | undefined;
  /** `Sec-WebSocket-Key` */
  readonly key: string | undefined;
}

/** Why a handshake is refused; undefined when it is right. */
export function handshakeProblem({ method, target, upgrade, version, key }: Handshake): Refusal | undefined {
  if (upgrade?.toLowerCase() !== "websocket") {
    return { status: 400, code: "invalid_upgrade", detail: "Only an upgrade to websocket is possible" };
  }
  if (method !== "GET" || version !== "13" || !KEY.test(key ?? "")) {
    return { status: 400, code: "invalid_handshake", detail: "This is no WebSocket handshake of version 13" };
  }
  return isPlainTarget(target) ? undefined : ODD_TARGET;
}
