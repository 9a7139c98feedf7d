/** The head of a request on Node, read once from what came over the wire. @module */

import type { IncomingMessage } from "node:http";
import type { RequestFacts } from "../src/routes/_facts.ts";

/** The facts of a request. Two Host headers, of which Node shows only the first, count as a wrong one. */
export function factsOfRequest({ rawHeaders }: IncomingMessage): RequestFacts {
  let host: string | undefined;
  let origin: string | undefined;
  let fetchSite: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    const value = rawHeaders[i + 1] ?? "";
    // Most names are of another length, which is cheaper to see than to lower them.
    if (name.length === 4 && name.toLowerCase() === "host") host = host === undefined ? value : `${host}, ${value}`;
    else if (name.length === 6 && name.toLowerCase() === "origin") origin = value;
    else if (name.length === 14 && name.toLowerCase() === "sec-fetch-site") fetchSite = value;
  }
  return { host, origin, fetchSite };
}
