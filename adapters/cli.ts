/** `perch` on either runtime: arguments in, exit code out. @module */

import { runCli } from "../src/cli/main.ts";

/** Runs `perch` with the arguments of this process and ends it. */
export async function main(): Promise<void> {
  const program = typeof Deno === "object"
    ? (await import("./cli-deno.ts")).denoProgram()
    : (await import("./cli-node.ts")).nodeProgram();
  program.exit(await runCli(program.args, program.io));
}
