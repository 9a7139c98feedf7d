/** How a browser logs in: a link that works once gives a cookie, which works for a while. @module */

import type { Scope } from "../core/scopes.ts";
import type { Clock } from "../ports/clock.ts";
import type { Tokens } from "../ports/tokens.ts";
import type { RequestFacts } from "./facts.ts";
import { Secrets } from "./secrets.ts";

/** How long a login link works, in milliseconds. */
export const LINK_MS = 60_000;

/** How long a login lasts, in milliseconds (12 h). */
export const LOGIN_MS: number = 12 * 3_600_000;

/** Links that wait to be used at most. */
const MOST_LINKS = 100;

/** Logins at most. */
const MOST_LOGINS = 1_000;

/** What a login may do, and by whose leave. */
export interface Login {
  /** The token that asked for the link; the login ends with it. */
  readonly tokenId: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** The links and the logins of one broker, in memory: both end with it. */
export class Logins {
  readonly #clock: Clock;
  readonly #tokens: Tokens | undefined;
  readonly #links = new Secrets<Login>({ ms: LINK_MS, max: MOST_LINKS });
  readonly #logins = new Secrets<Login>({ ms: LOGIN_MS, max: MOST_LOGINS });

  constructor(clock: Clock, tokens: Tokens | undefined) {
    this.#clock = clock;
    this.#tokens = tokens;
  }

  /** The code of a new link. */
  newCode(login: Login): string {
    return this.#links.issue(login, this.#clock.now());
  }

  /** The cookie's value for a code; undefined for one that is wrong, used, too old, or whose token is no longer valid. */
  redeem(code: string): string | undefined {
    const now = this.#clock.now();
    const login = this.#links.take(code, now);
    if (login === undefined || this.#tokens?.stateOf(login.tokenId) !== "valid") return undefined;
    return this.#logins.issue(login, now);
  }

  /** The login of a cookie's value. */
  find(value: string): Login | undefined {
    return this.#logins.find(value, this.#clock.now());
  }

  /** Logs out. */
  end(value: string): void {
    this.#logins.remove(value);
  }
}

/** The name of the cookie: browsers share cookies between the ports of a host, so the port is in it. */
export function cookieName(host: string | undefined): string {
  const port = /:([0-9]+)$/.exec(host ?? "")?.[1];
  return port === undefined ? "perch" : `perch_${port}`;
}

/**
 * The value of the broker's cookie, where it counts: on its own pages. SameSite does not look at ports, so a page of another local
 * server sends the cookie, too; its Origin gives it away.
 */
export function loginCookieOf(facts: RequestFacts): string | undefined {
  const { host, origin, fetchSite } = facts;
  const isOwn = origin === undefined
    ? fetchSite === "same-origin" || fetchSite === "none"
    : origin === `http://${host}` || origin === `https://${host}`;
  if (!isOwn) return undefined;
  const name = `${cookieName(host)}=`;
  return facts.cookie?.split(";").map((pair) => pair.trim()).find((pair) => pair.startsWith(name))?.slice(name.length);
}
