/** Messages at the door: what does not keep the protocol's promise comes no further. @module */

import { parseCursor } from "../protocol/cursor.ts";
import type { MessageType, WireMessage } from "../protocol/types.ts";

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const isState = (data: unknown): boolean =>
  isFields(data) && isText(data["state"]) && isText(data["pose"]) && isNumber(data["since"]) && isFields(data["counts"]);
const isSession = (data: unknown): boolean =>
  isFields(data) && isText(data["id"]) && isText(data["state"]) && isText(data["pose"]) && isNumber(data["since"]);
const isPet = (data: unknown): boolean => isFields(data) && (data["slug"] === null || isText(data["slug"]));

/** What the client, and whoever listens to it, must be able to rely on. */
const CHECKS: Readonly<Record<MessageType, (data: Fields) => boolean>> = {
  hello: ({ epoch, recovered, heartbeatMs }) => isText(epoch) && typeof recovered === "boolean" && isNumber(heartbeatMs),
  reset: ({ reason }) => isText(reason),
  snapshot: ({ epoch, state, pet, sessions = [] }) =>
    isText(epoch) && (state === undefined || isState(state)) && (pet === undefined || isPet(pet)) &&
    Array.isArray(sessions) && sessions.every(isSession),
  live: ({ head }) => isNumber(head),
  state: isState,
  session: isSession,
  "session.gone": ({ id }) => isText(id),
  pet: isPet,
  event: ({ kind, sessionId, seq }) => isText(kind) && isText(sessionId) && isNumber(seq),
  bye: ({ reason, reconnectInMs }) => isText(reason) && isNumber(reconnectInMs),
};

const isKnown = (type: unknown): type is MessageType => isText(type) && Object.hasOwn(CHECKS, type);

/** Messages that don't move the reader's cursor. */
const WITHOUT_ID: readonly MessageType[] = ["hello", "reset", "bye"];

function isMessage(raw: Fields): raw is WireMessage {
  const { type, id, data } = raw;
  if (!isKnown(type) || !isFields(data) || !CHECKS[type](data)) return false;
  return WITHOUT_ID.includes(type) || (isText(id) && parseCursor(id) !== undefined);
}

/**
 * The message that `raw` is; undefined for a type that this client does not know, since later brokers may say more.
 *
 * @throws {TypeError} If it is not what its type promises.
 */
export function parseMessage(raw: unknown): WireMessage | undefined {
  if (isFields(raw) && isText(raw["type"]) && !isKnown(raw["type"])) return undefined;
  if (isFields(raw) && isMessage(raw)) return raw;
  throw new TypeError(`The broker sent ${shown(raw)}, which is no message of the protocol: is its version another one?`);
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: unknown): unknown {
  try {
    return isText(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

const shown = (raw: unknown): string => JSON.stringify(raw)?.slice(0, 100) ?? "something that is no JSON";
