/** The second door, behind the guard: credentials, scopes and rates, for every request and upgrade alike. @module */

import type { Scope } from "../core/scopes.ts";
import type { Clock } from "../ports/clock.ts";
import { type Access, UNAUTHORIZED, wrongCredentials } from "./access.ts";
import type { RequestFacts } from "./facts.ts";
import { type Grant, isRefusal, NOBODY } from "./grant.ts";
import type { Refusal } from "./guard.ts";
import { networkOf } from "./peers.ts";
import { type Limiters, TOO_MANY_FAILURES, TOO_MANY_REQUESTS, TOO_MANY_STREAMS, waiting } from "./rates.ts";
import { isEventStream } from "./refusal.ts";
import type { Tickets } from "./tickets.ts";

/** A request at the door. */
export interface Visit {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly facts: RequestFacts;
  /** True when it wants to become a WebSocket. */
  readonly isUpgrade: boolean;
}

/** What a {@linkcode Door} goes by. */
export interface DoorOptions {
  readonly access: Access;
  readonly tickets: Tickets;
  readonly limiters: Limiters;
  readonly clock: Clock;
}

/** A scope, any grant, one that was given for a credential, or nothing at all. */
type Need = Scope | "grant" | "credentials" | "nothing";

/** Paths that need something else than `read` for reading and `ingest` for the rest, by their end. */
const NEEDS: Readonly<Record<string, Need>> = {
  "/healthz": "nothing",
  "/metrics": "grant",
  "/login": "nothing",
  "/logout": "credentials",
  "/v1/tickets": "credentials",
  "/v1/login-links": "admin",
};

/** The door of one surface. It counts, so each request goes through it once. */
export class Door {
  readonly #options: DoorOptions;
  readonly #grants = new WeakMap<object, Grant>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** What a request that went through may do. */
  grantOf(request: object): Grant {
    return this.#grants.get(request) ?? NOBODY;
  }

  /** Lets a request through (undefined), or says why not. Asking again about one that went through changes nothing. */
  enter(request: object, visit: Visit): Refusal | undefined {
    const known = this.#grants.get(request);
    if (known !== undefined) return lackOf(known, needOf(visit));
    const grant = this.#judge(visit);
    if (isRefusal(grant)) return grant;
    this.#grants.set(request, grant);
    return undefined;
  }

  /** Counts wrong credentials from an address; the refusal when there were too many. */
  countFailure({ peer }: RequestFacts): Refusal | undefined {
    const { limiters, clock } = this.#options;
    const waitMs = limiters.failures.take(networkOf(peer), clock.now());
    return waitMs === 0 ? undefined : waiting(TOO_MANY_FAILURES, waitMs);
  }

  /** Counts a new stream; the refusal when there were too many. */
  countStream(grant: Grant, facts: RequestFacts): Refusal | undefined {
    const { limiters, clock } = this.#options;
    const waitMs = limiters.streams.take(clientOf(grant, facts), clock.now());
    return waitMs === 0 ? undefined : waiting(TOO_MANY_STREAMS, waitMs);
  }

  /** Counts a request, where requests are counted; the refusal when there were too many. */
  countRequest(grant: Grant, facts: RequestFacts): Refusal | undefined {
    const { limiters, clock } = this.#options;
    const waitMs = limiters.requests?.take(clientOf(grant, facts), clock.now()) ?? 0;
    return waitMs === 0 ? undefined : waiting(TOO_MANY_REQUESTS, waitMs);
  }

  #judge(visit: Visit): Grant | Refusal {
    const { facts, isUpgrade } = visit;
    const need = needOf(visit);
    const grant = this.#identify(visit, need === "nothing");
    if (isRefusal(grant)) {
      if (grant.isFailure !== true) return grant;
      if (grant.code === "token_revoked" && isEventStream(visit.target)) return { ...grant, status: 204 };
      return this.countFailure(facts) ?? grant;
    }
    if (need === "nothing") return grant;
    return lackOf(grant, need) ?? this.countRequest(grant, facts) ?? (isUpgrade ? this.countStream(grant, facts) : undefined) ??
      grant;
  }

  #identify({ target, facts, isUpgrade }: Visit, isForAll: boolean): Grant | Refusal {
    const { access, tickets } = this.#options;
    const problem = queryProblem(target, isUpgrade);
    if (problem !== undefined) return problem;
    const ticket = queryOf(target)?.get("ticket") ?? undefined;
    if (ticket !== undefined) {
      const grant = tickets.redeem(ticket, facts.origin);
      return grant === undefined || grant.ending?.() !== undefined ? wrongCredentials("unknown") : grant;
    }
    // A cookie that has become stale must not keep a browser from a new login.
    return isForAll && facts.authorization === undefined ? NOBODY : access(facts);
  }
}

const queryOf = (target: string): URLSearchParams | undefined =>
  target.includes("?") ? new URLSearchParams(target.slice(target.indexOf("?"))) : undefined;

/** Why a target is refused that holds a secret; undefined when it holds none, or a ticket where one belongs. */
export function queryProblem(target: string, isUpgrade: boolean): Refusal | undefined {
  const query = queryOf(target);
  const isSecret = query?.has("token") || query?.has("access_token") || (query?.has("ticket") && !isUpgrade);
  return isSecret === true ? TOKEN_IN_URL : undefined;
}

const TOKEN_IN_URL: Refusal = {
  status: 400,
  code: "token_in_url",
  detail:
    "Addresses end in logs, so tokens are not taken from them: send Authorization: Bearer. A ticket opens WebSockets only",
};

const needOf = ({ method, target }: Visit): Need => {
  const path = target.split("?", 1)[0] ?? "";
  const end = /(?:\/v1)?\/[^/]*$/.exec(path)?.[0] ?? "";
  return NEEDS[end] ?? (method === "GET" || method === "HEAD" || method === "OPTIONS" ? "read" : "ingest");
};

function lackOf(grant: Grant, need: Need): Refusal | undefined {
  if (need === "grant" || need === "nothing") return undefined;
  if (need !== "credentials") return missingScope(grant, need);
  return grant.who === "" ? UNAUTHORIZED : undefined;
}

/** Why a grant does not do; undefined when it does. Whoever has presented nothing may have a token that would. */
export function missingScope({ who, scopes }: Grant, scope: Scope): Refusal | undefined {
  if (scopes.has(scope)) return undefined;
  if (who === "") return UNAUTHORIZED;
  return {
    status: 403,
    code: "missing_scope",
    detail: `This client lacks the scope "${scope}"`,
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
  };
}

const clientOf = ({ who }: Grant, { peer }: RequestFacts): string => who === "" ? networkOf(peer) : who;
