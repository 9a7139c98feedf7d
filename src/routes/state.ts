/** `GET /v1/state`: everything at once, for clients that poll. @module */

import type { Broker } from "../broker.ts";
import type { Selection } from "../hub/dialect.ts";
import { formatCursor } from "../protocol/cursor.ts";
import { snapshotJson } from "../stream.ts";
import { JSON_TYPE, type Reply, SAFE_HEADERS } from "../http/reply.ts";

/** Answers with the snapshot, whose ETag is the cursor; with 304 when `ifNoneMatch` names it. */
export function getState(broker: Broker, selection: Selection, ifNoneMatch: string | undefined): Reply {
  const { epoch, head } = broker.bounds();
  const etag = `"${formatCursor(epoch, head)}"`;
  const headers = { ...SAFE_HEADERS, etag, "cache-control": "no-cache" };
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) return { status: 304, headers, body: undefined };
  return { status: 200, headers: { ...headers, ...JSON_TYPE }, body: snapshotJson(broker, selection) };
}

/** Weak comparison, as RFC 9110 §13.1.2 wants it for If-None-Match. */
function names(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
