/** Tokens of a broker that runs, made and revoked as its user does it. @module */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Scope } from "../../src/core/scopes.ts";
import type { ServerProcess } from "./broker-process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** Runs a `perch token` command on the state folder of a broker, and returns what it prints. */
async function token({ stateDir }: ServerProcess, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ["mod.ts", "token", ...args, "--state-dir", stateDir], { cwd: ROOT });
  return stdout.trim();
}

/** A new token of these scopes: its text. It ends by itself after `ttl`, e.g. `2s`. */
export function createToken(server: ServerProcess, scopes: readonly Scope[], ttl?: string): Promise<string> {
  return token(server, "create", "--scope", scopes.join(), ...(ttl === undefined ? [] : ["--ttl", ttl]));
}

/** Revokes a token by its text. */
export async function revokeToken(server: ServerProcess, text: string): Promise<void> {
  await token(server, "revoke", idOf(text));
}

/** The id of a token. */
export function idOf(text: string): string {
  return text.split("_")[1] ?? "";
}

/** The header that shows a token. */
export function showing(text: string): { readonly authorization: string } {
  return { authorization: `Bearer ${text}` };
}
