/** What the doors know of a request that no runtime has made. @module */

import type { Scope } from "../../src/core/scopes.ts";
import type { Post } from "../../src/routes/events.ts";
import type { RequestFacts } from "../../src/http/facts.ts";
import type { Grant } from "../../src/http/grant.ts";

/** The facts of a request of a program of this machine, with changes. */
export function factsWith(changes: Partial<RequestFacts> = {}): RequestFacts {
  return {
    host: "localhost:7857",
    origin: undefined,
    fetchSite: undefined,
    authorization: undefined,
    cookie: undefined,
    peer: "127.0.0.1",
    isForwarded: false,
    ...changes,
  };
}

/** A grant of these scopes for somebody who is known. */
export function grantOf(...scopes: readonly Scope[]): Grant {
  return { who: "somebody", scopes: new Set(scopes) };
}

/** What a local program without a token is granted. */
export const ANONYMOUS: Grant = { who: "", scopes: new Set<Scope>(["ingest", "read"]) };

/** A post of this body. */
export function postOf(body: Uint8Array, contentType: string | undefined, idempotencyKey?: string, who = "somebody"): Post {
  return { head: { contentType, idempotencyKey }, grant: { ...EVERYTHING, who }, body };
}

/** A grant of everything. */
export const EVERYTHING: Grant = grantOf("ingest", "read", "sessions", "messages", "admin");
