/** What the commands share that talk to a broker: how to ask it. @module */

import type { Target } from "./_broker.ts";
import { FailedError } from "./_exit.ts";
import { type Option, switchOption } from "./_option.ts";
import type { Io } from "./io.ts";

/** Data for programs. */
export const JSON_OPTION: Option<boolean> = switchOption({ name: "json", description: "print JSON, one value per line" });

/** An answer of the broker, read whole. */
export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Asks the broker.
 *
 * @param ms How long it has.
 * @throws {FailedError} If no Perch broker answers in time.
 */
export async function askBroker(
  io: Io,
  { url: base, token }: Target,
  path: string,
  ms: number,
  { headers, ...init }: RequestInit & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  let response: Response;
  let text: string;
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    response = await io.fetch(base + path, {
      ...init,
      headers: { ...headers, ...bearer },
      redirect: "error",
      signal: AbortSignal.timeout(ms),
    });
    text = await response.text();
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    const problem = isLate ? `nothing within ${ms / 1000} s` : reasonOf(error);
    throw new FailedError(`No broker answers at ${base} (${problem}): start one with "perch", or name another with --url`, {
      cause: error,
    });
  }
  const json = parseJson(text);
  if (json === undefined) throw notPerch(base, `${path} with ${response.status} and no JSON`);
  return { status: response.status, json };
}

/** The failure of talking to something else than a Perch broker. */
export function notPerch(base: string, answered: string): FailedError {
  return new FailedError(`${base} is no Perch broker: it answered ${answered}. Name the right one with --url`);
}

/** The failure of a request that a Perch broker refused with the problem `json`. */
export function refused(what: string, status: number, json: unknown): FailedError {
  const help = status === 401 ? ". Show it a token with PERCH_TOKEN or --token-file" : "";
  return new FailedError(`${what} (${status}): ${textAt(json, "detail") ?? "it did not say why"}${help}`);
}

/** The text under `key` of a JSON object, e.g. the `detail` of a problem. */
export function textAt(json: unknown, key: string): string | undefined {
  const value: unknown = typeof json === "object" && json !== null ? Reflect.get(json, key) : undefined;
  return typeof value === "string" ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of nested errors the innermost tells most. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
