/** Ordinary requests. What a well-behaved client can't send goes through raw-http.ts. @module */

import { parseOrUndefined } from "./json.ts";

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly json: unknown;
}

/** The header that shows the root token of a broker. */
export function bearerOf({ token }: { readonly token: string }): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Asks a broker for a path with its root token, and reads the answer whole. */
export function askAs(
  server: { readonly token: string; readonly url: string },
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set("authorization", bearerOf(server).authorization);
  return ask(server.url + path, { ...init, headers });
}

/** Asks, and reads the answer whole. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseOrUndefined(text) };
}

/** Posts `data` as JSON; text and bytes go as they are. */
export function post(url: string, data: unknown, contentType = "application/json"): Promise<Answer> {
  return ask(url, { method: "POST", headers: { "content-type": contentType }, body: bodyOf(data) });
}

function bodyOf(data: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof data === "string") return data;
  return data instanceof Uint8Array ? new Uint8Array(data) : JSON.stringify(data);
}
