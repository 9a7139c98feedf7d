/** What the doors need to know of a request, whatever the runtime hands it over in. @module */

/** The headers that decide who may come in. A header that is absent is undefined. */
export interface RequestFacts {
  /** All Host headers; more than one is refused. */
  readonly host: string | undefined;
  /** `Origin`, which browsers send for pages. */
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which only browsers send. */
  readonly fetchSite: string | undefined;
}

/** The facts of a request whose headers can be looked up by name. */
export function factsOf(headers: Headers): RequestFacts {
  return {
    host: headers.get("host") ?? undefined,
    origin: headers.get("origin") ?? undefined,
    fetchSite: headers.get("sec-fetch-site") ?? undefined,
  };
}
