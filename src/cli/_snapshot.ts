/** The answer to `GET /v1/state` at the door. @module */

import { DEFAULT_ORDER } from "../core/states.ts";
import type { SnapshotData } from "../protocol/types.ts";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);

/** True for a snapshot with the topics that readers get who ask for none. */
export function isSnapshot(json: unknown): json is Required<SnapshotData> {
  if (!isFields(json)) return false;
  const { epoch, seq, state, pet, sessions } = json;
  return isText(epoch) && typeof seq === "number" && isState(state) && isFields(pet) &&
    (pet["slug"] === null || isText(pet["slug"])) && Array.isArray(sessions) && sessions.every(isSession);
}

function isState(value: unknown): boolean {
  if (!isFields(value) || !isText(value["state"])) return false;
  const { counts } = value;
  return isFields(counts) && DEFAULT_ORDER.every((state) => typeof counts[state] === "number");
}

function isSession(value: unknown): boolean {
  return isFields(value) && isText(value["id"]) && isText(value["state"]) && typeof value["since"] === "number" &&
    ["agent", "title", "activity", "tool"].every((name) => isTextOrAbsent(value[name]));
}
