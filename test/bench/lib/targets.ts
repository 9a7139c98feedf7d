/** What takes turns: the peer, and Perch on each runtime, as their users start them. @module */

import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { VERSION } from "../../../src/version.ts";
import type { TargetName } from "./row.ts";

/** The folder of the project. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

const PEER = `${ROOT}node_modules/@mavis-pet/broker`;

/** More than any row needs. */
const LIMITS = ["--max-sessions", "200000", "--max-readers", "20000"];

/** Where Perch keeps its log. The peer keeps all in memory, so that is what most rows compare it with. */
export type StoreName = "memory" | "sqlite";

/** How a target is started. */
export interface Target {
  readonly name: TargetName;
  readonly command: (port: number, store: StoreName) => readonly [command: string, ...args: string[]];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Deno's own program and not the script that starts it, so that the process that was started is the server. */
const deno = (): string => globSync(`${ROOT}node_modules/@deno/*/deno`)[0] ?? `${ROOT}node_modules/deno/deno`;

const serve = (port: number, store: StoreName): string[] => {
  return ["serve", "--port", String(port), "--store", store, "--quiet", ...LIMITS];
};

/** All targets by name. */
export const TARGETS: Readonly<Record<TargetName, Target>> = {
  peer: {
    name: "peer",
    command: (port) => [process.execPath, `${PEER}/bin/mavis-pet-broker.mjs`, "--port", String(port), "--quiet"],
    // The peer also listens to an agent daemon; at the discard port there is none.
    env: { MAVIS_DAEMON_URL: "http://127.0.0.1:9" },
  },
  node: { name: "node", command: (...how) => [process.execPath, "dist/adapters/bin.js", ...serve(...how)], env: {} },
  deno: {
    name: "deno",
    command: (...how) => [deno(), "run", "-A", "mod.ts", ...serve(...how)],
    env: { DENO_NO_UPDATE_CHECK: "1" },
  },
};

/** The versions of what is measured. */
export function versions(): { readonly node: string; readonly deno: string; readonly perch: string; readonly peer: string } {
  const manifest = v.parse(v.object({ version: v.string() }), JSON.parse(readFileSync(`${PEER}/package.json`, "utf8")));
  const denoSays = execFileSync(deno(), ["--version"], { encoding: "utf8" });
  return {
    node: process.versions.node,
    deno: /^deno ([0-9.]+)/.exec(denoSays)?.[1] ?? denoSays,
    perch: VERSION,
    peer: manifest.version,
  };
}
