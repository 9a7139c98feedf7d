/** Messages at the door: what is no message of the protocol comes no further. @module */

import type { MessageType, WireMessage } from "../protocol/types.ts";

type Fields = Readonly<Record<string, unknown>>;

const FIELDS: Readonly<Record<MessageType, string>> = {
  hello: "heartbeatMs",
  reset: "reason",
  snapshot: "epoch",
  live: "head",
  state: "pose",
  session: "id",
  "session.gone": "id",
  pet: "slug",
  event: "kind",
  bye: "reconnectInMs",
};

/** A field by type that the data of that type can't be without. */
const KEY_FIELDS: ReadonlyMap<unknown, string> = new Map(Object.entries(FIELDS));

/** True for an object, of whatever kind. */
export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

function fits(type: unknown, data: unknown): data is Fields {
  const key = KEY_FIELDS.get(type);
  return key !== undefined && isFields(data) && key in data;
}

function isMessage(raw: Fields): raw is WireMessage {
  const { type, data } = raw;
  if (!fits(type, data)) return false;
  const { sessions = [] } = data;
  return Array.isArray(sessions) && sessions.every((session) => fits("session", session));
}

/**
 * The message that `raw` is; undefined for a type that this client does not know, since later brokers may say more. Its cursor is
 * looked at where it is used.
 *
 * @throws {TypeError} If it is none.
 */
export function parseMessage(raw: unknown): WireMessage | undefined {
  if (isFields(raw)) {
    if (isMessage(raw)) return raw;
    if (typeof raw["type"] === "string" && !KEY_FIELDS.has(raw["type"])) return undefined;
  }
  throw new TypeError(`The broker sent ${JSON.stringify(raw)?.slice(0, 100)}, which is no message`);
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
