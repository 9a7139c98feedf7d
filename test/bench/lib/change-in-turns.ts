/** The load that changes the aggregate with every event. @module */

import { loopOver, type LoopResult } from "./closed-loop.ts";
import { changeRequests } from "./requests.ts";
import type { Server } from "./server.ts";

const IN_FLIGHT = 8;

/**
 * Changes the aggregate `count` times, with eight events in flight that must be taken in the order in which they were sent. On
 * Node one connection keeps that order. On Deno 2.9.5 it cannot be used like that, since a request that was not wholly read
 * ahead ends it (https://github.com/denoland/deno/issues/36657); but there events on eight connections keep their order.
 */
export function changeInTurns(server: Server, count: number): Promise<LoopResult> {
  const ways = server.name === "deno" ? { connections: IN_FLIGHT, depth: 1 } : { connections: 1, depth: IN_FLIGHT };
  return loopOver(server, count, { requests: changeRequests(server.port), ...ways, isOrdered: true });
}
