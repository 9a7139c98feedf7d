/** Where the parts of a broker are. @module */

import type { Topic } from "../protocol/types.ts";

/** The addresses of one reader. */
export interface Addresses {
  readonly sse: string;
  readonly ws: string;
  readonly state: string;
}

/** What a reader asks for. */
export interface Wish {
  readonly url: string;
  readonly topics?: readonly Topic[] | undefined;
  readonly session?: string | undefined;
}

/**
 * The addresses of a reader at the broker `url`.
 *
 * @throws {TypeError} If `url` is no address of a broker.
 */
export function addressesOf({ url, topics, session }: Wish): Addresses {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^(?:http|ws)s?:$/.test(base.protocol) || base.username !== "" || base.password !== "") {
    throw new TypeError(`Cannot connect to ${JSON.stringify(url)}: give the broker's address, e.g. http://127.0.0.1:7857`);
  }
  const at = (scheme: "http" | "ws", path: string): string => {
    const address = new URL(base);
    address.protocol = address.protocol.replace(/^(?:http|ws)/, scheme);
    address.pathname = address.pathname.replace(/\/*$/, path);
    address.hash = "";
    if (topics !== undefined) address.searchParams.set("topics", topics.join());
    if (session !== undefined) address.searchParams.set("session", session);
    return address.href;
  };
  return { sse: at("http", "/v1/stream"), ws: at("ws", "/v1/ws"), state: at("http", "/v1/state") };
}
