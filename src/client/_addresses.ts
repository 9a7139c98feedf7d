/** Where the parts of a broker are. @module */

import type { Topic } from "../protocol/types.ts";

/** The addresses of one reader. */
export interface Addresses {
  readonly sse: string;
  readonly ws: string;
  readonly state: string;
  readonly tickets: string;
}

/** What a reader asks for. */
export interface Wish {
  readonly url: string;
  readonly topics?: readonly Topic[] | undefined;
  readonly session?: string | undefined;
}

/** An address without name, password, query and fragment; the first group is what follows `http` or `ws`. */
const ADDRESS = /^(?:http|ws)(s?:\/\/[^\s/?#@][^\s?#@]*?)\/*$/;

/**
 * The addresses of a reader at the broker `url`.
 *
 * @throws {TypeError} If `url` is no address of a broker.
 */
export function addressesOf({ url, topics, session }: Wish): Addresses {
  const [, base] = ADDRESS.exec(url) ?? [];
  if (base === undefined) throw new TypeError(`Cannot connect to "${url}": give an address like http://127.0.0.1:7857`);
  const query = new URLSearchParams();
  if (topics !== undefined) query.set("topics", topics.join());
  if (session !== undefined) query.set("session", session);
  const end = query.size === 0 ? "" : `?${query}`;
  return {
    sse: `http${base}/v1/stream${end}`,
    ws: `ws${base}/v1/ws${end}`,
    state: `http${base}/v1/state${end}`,
    tickets: `http${base}/v1/tickets`,
  };
}
