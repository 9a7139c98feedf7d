/** What a request that was let in may do: by its token, by its cookie, or by where it comes from. @module */

import type { Scope } from "../core/scopes.ts";
import type { Tokens, TokenState } from "../ports/tokens.ts";
import { isPage, type RequestFacts } from "./facts.ts";
import { endingFor, type Grant } from "./grant.ts";
import type { Refusal } from "./guard.ts";
import { loginCookieOf, type Logins } from "./logins.ts";
import { isLoopback } from "./peers.ts";

/** Decides what a request may do. Synchronous, like the guard, and asked more than once about one request. */
export type Access = (facts: RequestFacts) => Grant | Refusal;

/** What {@linkcode createAccess} goes by. */
export interface AccessOptions {
  /** Without it nobody has a token, and what is sent as one is not looked at. */
  readonly tokens: Tokens | undefined;
  readonly logins: Logins;
  /** True when nobody may do anything without credentials. */
  readonly requireToken: boolean;
  /** True for an origin that was named. */
  readonly allowsOrigin: (origin: string) => boolean;
}

/** Programs and pages of this machine that present nothing, and whoever else does. */
const PROGRAM: Grant = { who: "", scopes: new Set<Scope>(["ingest", "read"]) };
const OWN_PAGE: Grant = { who: "", scopes: new Set<Scope>(["read"]) };

/** Nothing was presented, and something is needed. */
export const UNAUTHORIZED: Refusal = {
  status: 401,
  code: "unauthorized",
  detail: "This needs a token: send it as Authorization: Bearer (perch token prints it)",
  headers: { "www-authenticate": "Bearer" },
};

/** Makes the rules of one surface. PROTOCOL.md has them in words. */
export function createAccess({ tokens, logins, requireToken, allowsOrigin }: AccessOptions): Access {
  const holding = (tokenId: string, scopes: ReadonlySet<Scope>, isStill = (): boolean => true): Grant => ({
    who: tokenId,
    scopes,
    ending: () => endingFor(isStill() ? tokens?.stateOf(tokenId) ?? "unknown" : "revoked"),
  });
  const byToken = (authorization: string, known: Tokens): Grant | Refusal => {
    const check = known.check(bearerOf(authorization));
    return check.state === "valid" ? holding(check.token.id, check.token.scopes) : wrongCredentials(check.state);
  };
  const byCookie = (value: string): Grant | Refusal => {
    const login = logins.find(value);
    if (login === undefined) return wrongCredentials("unknown");
    const state = tokens?.stateOf(login.tokenId) ?? "unknown";
    if (state !== "valid") return wrongCredentials(state);
    return holding(login.tokenId, login.scopes, () => logins.find(value) !== undefined);
  };
  return (facts) => {
    const { authorization, origin } = facts;
    if (authorization !== undefined && tokens !== undefined) return byToken(authorization, tokens);
    const isOfPage = isPage(facts);
    const cookie = isOfPage ? loginCookieOf(facts) : undefined;
    if (cookie !== undefined) return byCookie(cookie);
    if (requireToken || !isLoopback(facts.peer) || facts.isForwarded) return UNAUTHORIZED;
    return !isOfPage || (origin !== undefined && allowsOrigin(origin)) ? PROGRAM : OWN_PAGE;
  };
}

const bearerOf = (authorization: string): string => /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";

/** The refusal of credentials that were presented. */
export function wrongCredentials(state: Exclude<TokenState, "valid">): Refusal {
  return { ...WRONG[state], headers: { "www-authenticate": 'Bearer error="invalid_token"' }, isFailure: true };
}

const WRONG: Readonly<Record<Exclude<TokenState, "valid">, Refusal>> = {
  unknown: {
    status: 401,
    code: "unauthorized",
    detail: "These credentials are none of this broker: perch token prints its token",
  },
  expired: { status: 401, code: "token_expired", detail: "The token has expired: make a new one with perch token create" },
  revoked: { status: 401, code: "token_revoked", detail: "The token was revoked: make a new one with perch token create" },
};
