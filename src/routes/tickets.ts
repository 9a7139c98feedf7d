/** `POST /v1/tickets`: a ticket for one WebSocket. @module */

import * as v from "valibot";
import { SCOPES } from "../core/scopes.ts";
import { InvalidInputError } from "../errors.ts";
import { decodeUtf8, parseJson } from "../http/body.ts";
import { missingScope } from "../http/door.ts";
import type { Grant } from "../http/grant.ts";
import { RefusedError } from "../http/refusal.ts";
import { jsonReply, NO_STORE, type Reply, withHeaders } from "../http/reply.ts";
import { TICKET_MS, type Tickets } from "../http/tickets.ts";

/** Bytes of a body at most. */
export const TICKET_BODY_BYTES = 1_024;

const wishSchema = v.pipe(
  v.unknown(),
  v.check((input) => !Array.isArray(input)),
  v.object({ scopes: v.optional(v.array(v.picklist(SCOPES))) }),
);

/**
 * Answers with a ticket for what `grant` allows, or for less where the body says so.
 *
 * @param origin The page that asks, if one does; nobody else can use the ticket.
 * @throws {InvalidInputError} 400 `invalid_json`, `invalid_scopes`.
 * @throws {RefusedError} 403 `missing_scope` when the body asks for more than `grant` allows.
 */
export function postTicket(tickets: Tickets, grant: Grant, origin: string | undefined, body: Uint8Array): Reply {
  const scopes = body.byteLength === 0 ? undefined : parseScopes(body);
  for (const scope of scopes ?? []) {
    const refusal = missingScope(grant, scope);
    if (refusal !== undefined) throw new RefusedError(refusal);
  }
  const ticket = tickets.issue(scopes === undefined ? grant : { ...grant, scopes: new Set(scopes) }, origin);
  return withHeaders(jsonReply(200, { ticket, expiresInMs: TICKET_MS }), NO_STORE);
}

function parseScopes(body: Uint8Array): v.InferOutput<typeof wishSchema>["scopes"] {
  const result = v.safeParse(wishSchema, parseJson(decodeUtf8(body), "body"));
  if (result.success) return result.output.scopes;
  const detail = `The body is no {"scopes": [...]}: choose from ${SCOPES.join(", ")}, or send no body`;
  throw new InvalidInputError(400, "invalid_scopes", detail);
}
