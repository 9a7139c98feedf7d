/** How a browser logs in and out: `POST /v1/login-links`, `GET /login`, `POST /logout`. @module */

import type { Scope } from "../core/scopes.ts";
import type { RequestFacts } from "../http/facts.ts";
import type { Grant } from "../http/grant.ts";
import { cookieName, LINK_MS, LOGIN_MS, loginCookieOf, type Logins } from "../http/logins.ts";
import { jsonReply, NO_CONTENT, NO_STORE, type Reply, SAFE_HEADERS, withHeaders } from "../http/reply.ts";

/** Never told to a page, whatever the token allows. */
const NOT_FOR_PAGES: Scope = "admin";

/**
 * Answers with a link that works once. Who opens it may do what the token may, but for `admin`.
 *
 * @param url Where this was asked; the link is beside it.
 */
export function postLoginLink(logins: Logins, { who, scopes }: Grant, url: string): Reply {
  const allowed = new Set([...scopes].filter((scope) => scope !== NOT_FOR_PAGES));
  const link = new URL(url.replace(/\/v1\/login-links.*$/, "/login"));
  link.searchParams.set("code", logins.newCode({ tokenId: who, scopes: allowed }));
  return withHeaders(jsonReply(200, { url: link.href, expiresInMs: LINK_MS }), NO_STORE);
}

/** Trades the code of a link for a cookie and leads to the page beside it; undefined when the code is good for nothing. */
export function getLogin(logins: Logins, { host }: RequestFacts, url: string): Reply | undefined {
  const { pathname, protocol, searchParams } = new URL(url);
  const value = logins.redeem(searchParams.get("code") ?? "");
  if (value === undefined) return undefined;
  const cookie = cookieOf(host, value, LOGIN_MS / 1000, protocol === "https:");
  const headers = { ...NO_STORE, ...SAFE_HEADERS, location: pathname.replace(/login$/, ""), "set-cookie": cookie };
  return { status: 303, headers, body: undefined };
}

/** What a person is told whose link is good for nothing. */
export const WRONG_LINK: Reply = {
  status: 403,
  headers: { ...NO_STORE, ...SAFE_HEADERS, "content-type": "text/plain; charset=utf-8" },
  body: "This link was used before, is older than a minute, or is wrong. Get a new one: perch token link\n",
};

/** Ends the login of a page, and has its browser forget the cookie. */
export function postLogout(logins: Logins, facts: RequestFacts, url: string): Reply {
  const value = loginCookieOf(facts);
  if (value !== undefined) logins.end(value);
  return withHeaders(NO_CONTENT, { "set-cookie": cookieOf(facts.host, "", 0, url.startsWith("https:")), ...NO_STORE });
}

const cookieOf = (host: string | undefined, value: string, seconds: number, isSecure: boolean): string =>
  `${cookieName(host)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
