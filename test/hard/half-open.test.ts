// runtime: node
// limit: 300 s
// needs: linux
// needs: root
// needs: nft
/** Readers whose network is gone: no packet comes or goes any more, and nobody says goodbye. @module */

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { serverContract } from "../contracts/server.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { measured } from "../support/hard.ts";
import { publish } from "../support/log.ts";
import { connectTo, readAnswer, requestBytes, UPGRADE } from "../support/raw-http.ts";

const test = serverContract("readers whose network is gone", { atOnce: "runtimes" });

const READERS = 100;

/** When they must all be gone, in milliseconds. */
const REAPED_MS = 45_000;

let addresses = 0;

/** An address of this machine that nothing else uses. */
function newAddress(): string {
  addresses += 1;
  return `127.77.0.${addresses}`;
}

/** Drops every packet from and to `address`, until the returned function is called. */
function cutOff(address: string): () => void {
  const table = `perch_${process.pid}_${address.replaceAll(".", "_")}`;
  const drops = [`ip saddr ${address} drop`, `ip daddr ${address} drop`];
  const lines = [`table ip ${table} {`, "chain in {", "type filter hook input priority 0;", ...drops, "}", "}", ""];
  execFileSync("nft", ["-f", "-"], { input: lines.join("\n") });
  return () => void execFileSync("nft", ["delete", "table", "ip", table]);
}

const descriptorsOf = ({ pid }: ServerProcess): number => readdirSync(`/proc/${pid}/fd`).length;

async function openReaders(perch: ServerProcess, transport: "sse" | "ws", address: string): Promise<Socket[]> {
  const host = ["Host", `127.0.0.1:${perch.port}`] as const;
  const sockets: Socket[] = [];
  for (let number = 0; number < READERS; number += 1) {
    const socket = await connectTo(perch.port, address);
    const answer = readAnswer(socket);
    const request = transport === "sse"
      ? { target: "/events", headers: [host] }
      : { target: "/v1/ws", headers: [host, ...UPGRADE] };
    socket.write(requestBytes(request));
    assert.is((await answer).status, transport === "sse" ? 200 : 101);
    sockets.push(socket);
  }
  return sockets;
}

/** How a reader listens, and whether it is told something while its network is gone. */
interface Case {
  readonly transport: "sse" | "ws";
  readonly isTold: boolean;
}

/** Cuts readers off, and returns after how many milliseconds the broker had let go of them; Infinity if it had not in time. */
async function reap(perch: ServerProcess, { transport, isTold }: Case): Promise<number> {
  const before = descriptorsOf(perch);
  const address = newAddress();
  const sockets = await openReaders(perch, transport, address);
  assert.ok(descriptorsOf(perch) >= before + READERS);
  await wait(1_000); // until all that was said is acknowledged
  const connect = cutOff(address);
  try {
    const begun = performance.now();
    if (isTold) await publish(perch, { kind: "tool.start", sessionId: "s" });
    while (descriptorsOf(perch) > before) {
      if (performance.now() - begun > REAPED_MS) return Infinity;
      await wait(100);
    }
    return performance.now() - begun;
  } finally {
    connect();
    sockets.forEach((socket) => socket.destroy());
  }
}

const CASES: readonly Case[] = [
  { transport: "ws", isTold: false },
  { transport: "ws", isTold: true },
  { transport: "sse", isTold: false },
  { transport: "sse", isTold: true },
];

test("are let go of, over a WebSocket; of event streams only the system knows, and it tries on", async (start, runtime) => {
  await Promise.all(CASES.map(async (each) => {
    const ms = await reap(await start(), each);
    const what = `${READERS} ${each.transport} readers ${each.isTold ? "with an event under way" : "that are told nothing"}`;
    measured(`${runtime}: ${what} were gone after ${(ms / 1000).toFixed(1)} s`);
    if (each.transport === "ws") assert.ok(ms <= REAPED_MS, `${what} were not gone after ${REAPED_MS} ms`);
    else assert.is(ms, Infinity, "the system has become quicker: say so in section 5.9 of PROTOCOL.md");
  }));
});

test.run();
