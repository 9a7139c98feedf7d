/** What a reader asks for, checked against what it may. @module */

import { InvalidInputError, PerchError } from "../errors.ts";
import type { Selection } from "../hub/dialect.ts";
import { DEFAULT_TOPICS, type Topic, TOPICS } from "../protocol/types.ts";
import { type Scope, viewFor } from "./access.ts";

/** The scope that a topic needs beyond `read`. */
const TOPIC_SCOPE: Partial<Readonly<Record<Topic, Scope>>> = { events: "sessions", messages: "messages" };

const SESSION_ID = /^[\x21-\x7E]{1,128}$/;

/**
 * Reads `?topics=` and `?session=`.
 *
 * @throws {InvalidInputError} 400 `invalid_topics`, `invalid_session`.
 * @throws {PerchError} 403 `missing_scope`.
 */
export function parseSelection(query: URLSearchParams, scopes: ReadonlySet<Scope>): Selection {
  const topics = parseTopics(query.get("topics"));
  for (const topic of ["read", ...topics] as const) {
    const scope = topic === "read" ? topic : TOPIC_SCOPE[topic];
    if (scope !== undefined && !scopes.has(scope)) {
      throw new PerchError(403, "missing_scope", `This reader lacks the scope "${scope}", which "${topic}" needs`);
    }
  }
  const sessionId = query.get("session") ?? undefined;
  if (sessionId !== undefined && !SESSION_ID.test(sessionId)) {
    const detail = `The session ${
      JSON.stringify(sessionId.slice(0, 60))
    } is no id: it must be 1 to 128 visible ASCII characters`;
    throw new InvalidInputError(400, "invalid_session", detail);
  }
  return { topics, view: viewFor(scopes), sessionId };
}

function parseTopics(text: string | null): readonly Topic[] {
  if (text === null) return DEFAULT_TOPICS;
  const names = text.split(",").map((name) => name.trim());
  const topics = TOPICS.filter((topic) => names.includes(topic));
  const unknown = names.find((name) => !TOPICS.some((topic) => topic === name));
  if (unknown === undefined) return topics;
  const detail = `The topic ${JSON.stringify(unknown.slice(0, 60))} is unknown: choose from ${TOPICS.join(", ")}`;
  throw new InvalidInputError(400, "invalid_topics", detail);
}
