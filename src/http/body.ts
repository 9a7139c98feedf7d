/** Bodies: read within a limit, decoded strictly. @module */

import { concatBytes } from "../core/bytes.ts";
import { InvalidInputError } from "../errors.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a body of at most `limit` bytes, counting while it comes in, since its announced length may be missing.
 *
 * @throws {InvalidInputError} 413 `body_too_large`, 400 `body_incomplete`.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > limit) throw tooLarge(limit);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.byteLength;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cutShort(cause);
  }
  if (size > limit) throw tooLarge(limit);
  return concatBytes(chunks);
}

/** The error for a body whose client went away before it had sent all of it: no failure of the broker. */
export function cutShort(cause: unknown): InvalidInputError {
  return new InvalidInputError(400, "body_incomplete", "The connection ended before the body did", { cause });
}

/** The error for a body over its limit, in bytes. */
export function tooLarge(limit: number): InvalidInputError {
  return new InvalidInputError(413, "body_too_large", `The body is larger than ${limit} bytes: send less at once`);
}

/** Decodes UTF-8. @throws {InvalidInputError} 400 `invalid_utf8`. */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return strict.decode(body);
  } catch (cause) {
    throw new InvalidInputError(400, "invalid_utf8", "The body is not valid UTF-8", { cause });
  }
}

/**
 * Parses JSON.
 *
 * @param where What is parsed, for the error, e.g. `line 3`.
 * @throws {InvalidInputError} 400 `invalid_json`.
 */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === "" ? "is empty" : "is not valid JSON";
    throw new InvalidInputError(400, "invalid_json", `The ${where} ${what}`, { cause });
  }
}
