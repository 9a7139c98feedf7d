/** Origins of pages, as `--allow-origin` takes them. @module */

import { UsageError } from "./_exit.ts";

/**
 * Returns `text` when it is an origin exactly as browsers send it, since the broker compares exactly.
 *
 * @throws {UsageError} Says what it should be.
 */
export function parseOrigin(text: string): string {
  if (text === "null") return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host === "" || !text.includes("://")) {
    throw new UsageError("it must be an origin such as http://localhost:5173, or null");
  }
  // `origin` is "null" for schemes that only the page's own program knows, such as app: of a desktop shell.
  const origin = url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin;
  if (text !== origin) throw new UsageError(`it must be an origin without anything else: ${origin}`);
  return origin;
}
