/** Who may talk to the broker at all: Host and Origin, checked before anything else, on every request and upgrade. @module */

import type { RequestFacts } from "./facts.ts";

/** Which hosts and origins are let in. All are compared exactly. */
export interface GuardOptions {
  /**
   * Values of the Host header, `name` or `name:port`. Default `"loopback"`: 127.0.0.1, localhost and [::1] with any port, for an
   * app that does not know its port.
   */
  readonly hosts?: readonly string[] | "loopback";
  /**
   * Also any IP address with this port, for a broker that is bound to all addresses. Anybody can point a name at it, which is
   * how rebinding works, but nobody an address. Default: none.
   */
  readonly addressPort?: number | undefined;
  /** Origins of other pages that may read and write, e.g. `http://localhost:5173`; `null` names pages without an origin. Default: none. */
  readonly origins?: readonly string[];
  /** What a page of the broker itself came over. Default: either, as something before the broker may add TLS. */
  readonly scheme?: Scheme | undefined;
}

/** How a broker is reached. */
export type Scheme = "http" | "https";

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  /** `wrong_host`, `foreign_origin`, `cross_site`, or what another door says. */
  readonly code: string;
  readonly detail: string;
  /** Headers that say more, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** True when credentials were presented, and are wrong: that is counted. */
  readonly isFailure?: boolean;
}

/** Lets a request pass (undefined) or says why not. Synchronous, so that nothing can happen between the check and the act. */
export interface Guard {
  (facts: Pick<RequestFacts, "host" | "origin" | "fetchSite">): Refusal | undefined;
  /** True when a page of this origin may read answers: it is named, so it is not a secret that it may. */
  allowsOrigin(origin: string): boolean;
}

/**
 * The Host values of a broker that is bound to `host` and `port`: those of its own machine, and `more`, where a name without a port
 * has the broker's. Browsers leave out the port that a scheme has by default.
 */
export function hostsFor(host: string, port: number, scheme: Scheme = "http", more: readonly string[] = []): string[] {
  const names = ["127.0.0.1", "localhost", "[::1]", host.includes(":") ? `[${host}]` : host, ...more];
  const isDefault = port === (scheme === "http" ? 80 : 443);
  const hosts = names.flatMap((name) => {
    if (/:[0-9]+$/.test(name)) return [name];
    return isDefault ? [name, `${name}:${port}`] : [`${name}:${port}`];
  });
  return [...new Set(hosts)];
}

/** True for the two ways to say "all addresses". */
export function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

const ADDRESS = /^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9a-f:]+\]):([0-9]{1,5})$/;

const PAGE = /^(https?):\/\/([^/]+)$/;

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?$/;

/** Makes the guard of one app. */
export function createGuard({ hosts = "loopback", addressPort, origins = [], scheme }: GuardOptions): Guard {
  const known = hosts === "loopback" ? undefined : new Set(hosts);
  const named = new Set(origins);
  const isName = (host: string) => known === undefined ? LOOPBACK_HOST.test(host) : known.has(host);
  const isAddress = (host: string) => addressPort !== undefined && ADDRESS.exec(host)?.[1] === String(addressPort);
  // Of any address, only the one that was asked is the broker's: the others are those of other machines.
  const isOwn = (origin: string, host: string) => {
    const of = PAGE.exec(origin);
    return of !== null && (scheme === undefined || of[1] === scheme) && (isName(of[2] ?? "") || of[2] === host);
  };

  const guard: (...given: Parameters<Guard>) => Refusal | undefined = ({ host, origin, fetchSite }) => {
    if (host === undefined || !(isName(host) || isAddress(host))) {
      const detail = `The Host header is ${
        shown(host)
      }, which is not a name of this broker: use the address that it printed at start`;
      return { status: 421, code: "wrong_host", detail };
    }
    if (origin !== undefined && named.has(origin)) return undefined;
    if (origin !== undefined && !isOwn(origin, host)) {
      const detail = `Pages of the origin ${
        shown(origin)
      } may not use this broker: start it with --allow-origin and that origin`;
      return { status: 403, code: "foreign_origin", detail };
    }
    if (fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "none") return undefined;
    const detail = `A page of another site (Sec-Fetch-Site: ${fetchSite.slice(0, 20)}) may not use this broker`;
    return { status: 403, code: "cross_site", detail };
  };
  return Object.assign(guard, { allowsOrigin: (origin: string) => named.has(origin) });
}

const shown = (value: string | undefined): string => value === undefined ? "missing" : JSON.stringify(value.slice(0, 100));
