/** What a request that was let in may do. @module */

import type { Scope } from "../core/scopes.ts";
import type { Cut } from "../hub/reader.ts";
import type { TokenState } from "../ports/tokens.ts";
import { CLOSE } from "../protocol/codes.ts";
import type { View } from "../protocol/message.ts";
import type { Refusal } from "./guard.ts";

/** What a request may do, and whose it is. */
export interface Grant {
  readonly scopes: ReadonlySet<Scope>;
  /** The id of a token, or a name that an app gives; empty for whoever presented nothing. Idempotency keys are kept apart by it. */
  readonly who: string;
  /** Why it is over by now, and streams that were opened with it with it; undefined while it holds. Absent: it holds for good. */
  readonly ending?: () => Cut | undefined;
}

/** What is granted to whoever needs nothing. */
export const NOBODY: Grant = { who: "", scopes: new Set() };

/** True for a request that is refused. */
export function isRefusal(answer: Grant | Refusal): answer is Refusal {
  return "status" in answer;
}

/** How much a reader with `scopes` is told. */
export function viewFor(scopes: ReadonlySet<Scope>): View {
  return scopes.has("sessions") ? "full" : "bare";
}

/** Why streams end whose token is in `state`; undefined while it is valid. One that is gone was taken back, too. */
export function endingFor(state: TokenState): Cut | undefined {
  switch (state) {
    case "valid":
      return undefined;
    case "expired":
      return { code: CLOSE.tokenExpired, reason: "token expired" };
    default:
      return { code: CLOSE.revoked, reason: "token revoked" };
  }
}
