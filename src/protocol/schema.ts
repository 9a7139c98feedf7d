/** The door for canonical events: what comes in is parsed once here and trusted from here on. @module */

import * as v from "valibot";
import { type AgentEvent, EVENT_KINDS, EVENT_SOURCES } from "../core/events.ts";
import { InvalidInputError } from "../errors.ts";

/** Longest texts, in UTF-16 code units. */
export const TEXT_LIMITS = { tool: 256, title: 512, activity: 1024, reason: 1024, cwd: 4096 } as const;

/** How deep a body may nest; events are flat, so only fields that are ignored can nest at all. */
export const MAX_DEPTH = 64;

const WELL_FORMED = "must be well-formed Unicode, without lone surrogates";

const idSchema = v.pipe(
  v.string("must be a string"),
  v.regex(/^[\x21-\x7E]{1,128}$/, "must be 1 to 128 visible ASCII characters, no spaces"),
);

/**
 * Checks what came as `Idempotency-Key`; undefined when nothing did.
 *
 * @throws {InvalidInputError} 400 `invalid_key`.
 */
export function parseKey(text: string | undefined): string | undefined {
  if (text === undefined || v.safeParse(idSchema, text).success) return text;
  const shown = JSON.stringify(text.slice(0, 60));
  const detail = `The header Idempotency-Key is ${shown}: it must be 1 to 128 visible ASCII characters, no spaces`;
  throw new InvalidInputError(400, "invalid_key", detail);
}

const text = (limit: number): v.GenericSchema<string> =>
  v.pipe(
    v.string("must be a string"),
    v.maxLength(limit, `must be at most ${limit} characters long`),
    v.check((value) => value.isWellFormed(), WELL_FORMED),
  );

const eventSchema: v.GenericSchema<unknown, AgentEvent> = v.object({
  kind: v.picklist(EVENT_KINDS, `must be one of ${EVENT_KINDS.join(", ")}`),
  sessionId: idSchema,
  agent: v.optional(idSchema),
  id: v.optional(idSchema),
  occurredAt: v.optional(v.pipe(v.number("must be a number"), v.finite("must be finite"))),
  source: v.optional(v.picklist(EVENT_SOURCES, `must be one of ${EVENT_SOURCES.join(", ")}`)),
  toolUseId: v.optional(idSchema),
  tool: v.optional(text(TEXT_LIMITS.tool)),
  ok: v.optional(v.boolean("must be true or false")),
  exitCode: v.optional(v.pipe(v.number("must be a number"), v.finite("must be finite"))),
  pid: v.optional(
    v.pipe(v.number("must be a number"), v.safeInteger("must be an integer"), v.minValue(1, "must be at least 1")),
  ),
  cwd: v.optional(text(TEXT_LIMITS.cwd)),
  title: v.optional(text(TEXT_LIMITS.title)),
  activity: v.optional(text(TEXT_LIMITS.activity)),
  reason: v.optional(text(TEXT_LIMITS.reason)),
});

/**
 * Parses one canonical event. Fields that are not known are left out.
 *
 * @param where How to call the event in an error, e.g. `event 3`.
 * @throws {InvalidInputError} 400 `expected_object`, `too_deep`, or `invalid_` and the name of the first field that is wrong.
 */
export function parseEvent(input: unknown, where = "event"): AgentEvent {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new InvalidInputError(400, "expected_object", `The ${where} is ${shown(input)}: it must be a JSON object`);
  }
  if (isDeeperThan(input, MAX_DEPTH)) {
    throw new InvalidInputError(400, "too_deep", `The ${where} nests deeper than ${MAX_DEPTH} levels`);
  }
  const result = v.safeParse(eventSchema, input, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const field = String(issue.path?.[0]?.key ?? "event");
  const problem = issue.input === undefined ? "is missing" : `is ${shown(issue.input)}: it ${issue.message}`;
  throw new InvalidInputError(400, `invalid_${field}`, `The field "${field}" of the ${where} ${problem}`);
}

function isDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && isDeeperThan(inner, levels - 1)) return true;
  }
  return false;
}

/** A value as it may stand in an error: short, and one line. What nests is not looked into, as it may nest without end. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  // JSON has no word for numbers that are not finite, and a body can hold one: 1e999.
  const text = typeof value === "number" ? String(value) : JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
