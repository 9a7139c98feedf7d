/** Answers that their client does not take, on Node. @module */

import type { ServerResponse } from "node:http";
import { breakOff } from "./node-break-off.ts";

/** A client that has not taken its answer after this is let go, in milliseconds. */
const TAKE_MS = 30_000;

/**
 * Ends the connection of an answer that has ended, if it is not taken in time. Most are taken at once, and cost nothing here. One
 * that waits behind others of its connection has its time once it is their turn.
 */
export function limitTaking(response: ServerResponse, ms: number = TAKE_MS): void {
  const { socket } = response;
  if (socket === null) return void response.once("socket", () => setImmediate(limitTaking, response, ms));
  if (response.writableFinished || socket.writableLength === 0) return;
  const timer = setTimeout(() => breakOff(socket), ms);
  response.once("close", () => clearTimeout(timer));
}
