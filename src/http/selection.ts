/** What a reader asks for, checked against what it may. @module */

import { InvalidInputError } from "../errors.ts";
import type { Selection } from "../hub/dialect.ts";
import { DEFAULT_TOPICS, type Topic, TOPICS } from "../protocol/types.ts";
import type { Scope } from "../core/scopes.ts";
import { missingScope } from "./door.ts";
import { type Grant, viewFor } from "./grant.ts";
import { RefusedError } from "./refusal.ts";

/** The scope that a topic needs beyond `read`. */
const TOPIC_SCOPE: Partial<Readonly<Record<Topic, Scope>>> = { events: "sessions", messages: "messages" };

const SESSION_ID = /^[\x21-\x7E]{1,128}$/;

/**
 * Reads `?topics=` and `?session=`. Topics may be given several times, which adds up.
 *
 * @throws {InvalidInputError} 400 `invalid_topics`, `invalid_session`.
 * @throws {RefusedError} 401 `unauthorized`, 403 `missing_scope`.
 */
export function parseSelection(query: URLSearchParams, grant: Grant): Selection {
  const topics = parseTopics(query.getAll("topics"));
  for (const topic of topics) {
    const refusal = missingScope(grant, TOPIC_SCOPE[topic] ?? "read");
    if (refusal !== undefined) throw new RefusedError({ ...refusal, detail: `The topic "${topic}": ${refusal.detail}` });
  }
  return { topics, view: viewFor(grant.scopes), sessionId: parseSession(query.getAll("session")) };
}

function parseTopics(texts: readonly string[]): readonly Topic[] {
  if (texts.length === 0) return DEFAULT_TOPICS;
  const names = texts.flatMap((text) => text.split(",")).map((name) => name.trim());
  const topics = TOPICS.filter((topic) => names.includes(topic));
  const unknown = names.find((name) => !TOPICS.some((topic) => topic === name));
  if (unknown === undefined) return topics;
  const detail = `The topic ${JSON.stringify(unknown.slice(0, 60))} is unknown: choose from ${TOPICS.join(", ")}`;
  throw new InvalidInputError(400, "invalid_topics", detail);
}

function parseSession([id, ...others]: readonly string[]): string | undefined {
  if (others.length > 0) {
    const detail = `There are ${others.length + 1} sessions asked for: ask for one, or leave it out for all`;
    throw new InvalidInputError(400, "invalid_session", detail);
  }
  if (id === undefined || SESSION_ID.test(id)) return id;
  const shown = JSON.stringify(id.slice(0, 60));
  const detail = `The session ${shown} is no id: it must be 1 to 128 visible ASCII characters`;
  throw new InvalidInputError(400, "invalid_session", detail);
}
