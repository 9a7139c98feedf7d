/** What a request that was let in may do. Tokens will be checked here; until then, where it comes from decides. @module */

import type { Scope } from "../core/scopes.ts";
import type { View } from "../protocol/message.ts";
import type { RequestFacts } from "./facts.ts";

/** Decides what a request may do. Synchronous, like the guard. */
export type Access = (facts: RequestFacts) => ReadonlySet<Scope>;

const PROGRAM: ReadonlySet<Scope> = new Set<Scope>(["ingest", "read", "sessions"]);
const PAGE: ReadonlySet<Scope> = new Set<Scope>(["ingest", "read"]);

/** Local programs may do everything; pages get no titles, folders, tools or events, since a page shows what others wrote. */
export const localAccess: Access = ({ origin, fetchSite }) => origin === undefined && fetchSite === undefined ? PROGRAM : PAGE;

/** How much a reader with `scopes` is told. */
export function viewFor(scopes: ReadonlySet<Scope>): View {
  return scopes.has("sessions") ? "full" : "bare";
}
