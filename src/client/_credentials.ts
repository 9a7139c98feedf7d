/** What a broker is shown, so that it lets a reader in. @module */

import { type Loss, reasonOf } from "./_link.ts";
import { isFields, parseJson } from "./_parse.ts";
import { refusalOf } from "./_refusal.ts";
import type { TokenSource } from "./options.ts";

/** The headers that show a token; none without one. */
export type Credentials = () => Promise<Readonly<Record<string, string>>>;

/** The credentials for a token; what the token's function throws fails the try, not the connection. */
export function credentialsOf(token: TokenSource): Credentials {
  return async () => {
    const text = typeof token === "function" ? await token() : token;
    return text === undefined ? {} : { authorization: `Bearer ${text}` };
  };
}

/** A ticket for a WebSocket; nothing when there is no token to get one for, or why there is none. */
export type TicketAnswer = { readonly ticket: string | undefined } | { readonly loss: Loss };

/** Gets a ticket at `url`. */
export async function askForTicket(
  url: string,
  fetch: typeof globalThis.fetch,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<TicketAnswer> {
  try {
    const headers = await credentials();
    if (Object.keys(headers).length === 0) return { ticket: undefined };
    const response = await fetch(url, { method: "POST", headers, redirect: "error", cache: "no-store", signal });
    const refusal = response.status < 400 ? undefined : await refusalOf(response, url);
    if (refusal !== undefined) return { loss: refusal };
    const answer = parseJson(await response.text());
    if (isFields(answer) && typeof answer["ticket"] === "string") return { ticket: answer["ticket"] };
    return { loss: { code: "invalid_ticket", detail: `${url} answered ${response.status} without a ticket`, isFinal: true } };
  } catch (error) {
    return { loss: { code: "unreachable", detail: `Cannot reach ${url}: ${reasonOf(error)}. Is the broker running?` } };
  }
}
