/** The head of a request on Node, read once from what came over the wire. @module */

import type { IncomingMessage } from "node:http";
import type { RequestFacts } from "../src/http/facts.ts";

/** What the doors need of a head; a length that was not announced is infinite. */
export interface Head extends RequestFacts {
  readonly contentLength: number;
  readonly contentType: string | undefined;
}

/**
 * Reads the head of a request. Two of a header that decides who may come in count as a wrong one; of two Hosts Node would show
 * only the first. Looking through `rawHeaders` costs less than the `headers` that Node would make of them for every event.
 */
export function headOf({ rawHeaders }: IncomingMessage): Head {
  let host: string | undefined;
  let origin: string | undefined;
  let fetchSite: string | undefined;
  let contentType: string | undefined;
  let contentLength = Infinity;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const value = rawHeaders[i + 1] ?? "";
    switch (knownName(rawHeaders[i] ?? "")) {
      case "host":
        host = joined(host, value);
        break;
      case "origin":
        origin = joined(origin, value);
        break;
      case "sec-fetch-site":
        fetchSite = joined(fetchSite, value);
        break;
      case "content-type":
        contentType = value;
        break;
      case "content-length":
        contentLength = Number(value);
    }
  }
  return { host, origin, fetchSite, contentType, contentLength };
}

const joined = (before: string | undefined, value: string): string => before === undefined ? value : `${before}, ${value}`;

/** The name in lower case; undefined for names of a length that none of the wanted ones has. */
function knownName(name: string): string | undefined {
  const { length } = name;
  return length === 4 || length === 6 || length === 12 || length === 14 ? name.toLowerCase() : undefined;
}
