/** The head of a request on Node, read once from what came over the wire. @module */

import type { IncomingMessage } from "node:http";
import type { PostHead, RequestFacts } from "../src/http/facts.ts";

/** What the doors need of a head; a length that was not announced is infinite. */
export interface Head extends RequestFacts, PostHead {
  readonly contentLength: number;
}

class RawHead implements Head {
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
  authorization: string | undefined;
  cookie: string | undefined;
  isForwarded = false;
  contentType: string | undefined;
  idempotencyKey: string | undefined;
  contentLength = Infinity;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  get peer(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  /** Two of a header that decides who may come in count as a wrong one; of two Hosts Node would show only the first. */
  take(name: string, value: string): void {
    switch (name) {
      case "host":
        this.host = both(this.host, value, ", ");
        break;
      case "origin":
        this.origin = both(this.origin, value, ", ");
        break;
      case "cookie":
        this.cookie = both(this.cookie, value, "; ");
        break;
      case "forwarded":
      case "x-forwarded-for":
        this.isForwarded = true;
        break;
      case "content-type":
        this.contentType = value;
        break;
      case "authorization":
        this.authorization = both(this.authorization, value, ", ");
        break;
      case "sec-fetch-site":
        this.fetchSite = both(this.fetchSite, value, ", ");
        break;
      case "content-length":
        this.contentLength = Number(value);
        break;
      case "idempotency-key":
        this.idempotencyKey = both(this.idempotencyKey, value, ", ");
    }
  }
}

const both = (before: string | undefined, value: string, between: string): string =>
  before === undefined ? value : `${before}${between}${value}`;

/** True at the lengths of the wanted names: others need not be put in lower case. */
const IS_WANTED: readonly boolean[] = Array.from({ length: 16 }, (_, length) => [4, 6, 9, 12, 13, 14, 15].includes(length));

/**
 * Reads the head of a request. Looking through `rawHeaders` costs less than the `headers` that Node would make of them for every
 * event.
 */
export function headOf(request: IncomingMessage): Head {
  const { rawHeaders } = request;
  const head = new RawHead(request);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (IS_WANTED[name.length]) head.take(name.toLowerCase(), rawHeaders[i + 1] ?? "");
  }
  return head;
}
