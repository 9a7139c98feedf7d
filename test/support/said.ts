/** What a process says, as it says it. @module */

import type { Readable } from "node:stream";
import type { Inbox } from "./inbox.ts";

/** What a process has said so far. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** Listens to a process; whole lines of its stdout come to `lines` too. */
export function listenTo(
  { stdout, stderr }: { readonly stdout: Readable; readonly stderr: Readable },
  lines: Inbox<string>,
): Said {
  const said = { stdout: "", stderr: "" };
  let line = "";
  stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
    const parts = (line + text).split("\n");
    line = parts.pop() ?? "";
    for (const part of parts) lines.push(part);
  });
  stderr.setEncoding("utf8").on("data", (text: string) => said.stderr += text);
  return said;
}
