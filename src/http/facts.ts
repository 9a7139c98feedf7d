/** What the doors need to know of a request, whatever the runtime hands it over in. @module */

import { peerOf } from "./peers.ts";

/** What decides who may come in, and what they may do. A header that is absent is undefined. */
export interface RequestFacts {
  /** All Host headers; more than one is refused. */
  readonly host: string | undefined;
  /** `Origin`, which browsers send for pages. */
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which only browsers send. */
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** Address of the other end of the connection; undefined where the runtime does not tell. */
  readonly peer: string | undefined;
  /** True when a proxy says that it stands between: the other end is not who asks, then. */
  readonly isForwarded: boolean;
}

/** What a post says of its body. */
export interface PostHead {
  readonly contentType: string | undefined;
  /** `Idempotency-Key` */
  readonly idempotencyKey: string | undefined;
}

/** True for whoever sends what only browsers send. */
export function isPage({ origin, fetchSite }: RequestFacts): boolean {
  return origin !== undefined || fetchSite !== undefined;
}

/** The facts of a request whose headers can be looked up by name: each look takes its time, so they are read when asked for. */
class HeaderFacts implements RequestFacts {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly #headers: Headers;
  readonly #env: unknown;

  constructor(headers: Headers, env: unknown, authority: string | undefined) {
    this.host = headers.get("host") ?? authority;
    this.origin = headers.get("origin") ?? undefined;
    this.fetchSite = headers.get("sec-fetch-site") ?? undefined;
    this.#headers = headers;
    this.#env = env;
  }

  get authorization(): string | undefined {
    return this.#headers.get("authorization") ?? undefined;
  }

  get cookie(): string | undefined {
    return this.#headers.get("cookie") ?? undefined;
  }

  get peer(): string | undefined {
    return peerOf(this.#env);
  }

  get isForwarded(): boolean {
    return this.#headers.has("x-forwarded-for") || this.#headers.has("forwarded");
  }
}

/**
 * The facts of a request whose headers can be looked up by name.
 *
 * @param env What the runtime hands to the app with the request.
 * @param authority What stands in for a missing Host, as it does in HTTP/2.
 */
export function factsOf(headers: Headers, env?: unknown, authority?: string): RequestFacts {
  return new HeaderFacts(headers, env, authority);
}

/** What the headers of a post say of its body. */
export function postHeadOf(headers: Headers): PostHead {
  return {
    contentType: headers.get("content-type") ?? undefined,
    idempotencyKey: headers.get("idempotency-key") ?? undefined,
  };
}
