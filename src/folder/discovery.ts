/** The discovery file: where the broker of a state folder is. @module */

import * as v from "valibot";

/** A broker that runs on a state folder. */
export interface BrokerInfo {
  /** The version of Perch. */
  readonly version: string;
  readonly pid: number;
  /** Wall-clock time in milliseconds since 1970. */
  readonly startedAt: number;
  /** `http://host:port`, as programs of the same machine reach it. */
  readonly url: string;
}

/** Which of the brokers that have run on a folder is meant. */
export type BrokerMark = Pick<BrokerInfo, "pid" | "startedAt">;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const markSchema = v.object({ pid: whole, startedAt: whole });
const infoSchema = v.object({
  ...markSchema.entries,
  version: v.string(),
  url: v.pipe(v.string(), v.regex(/^https?:\/\/[^\s@]+$/)),
});

/** Reads a discovery file; undefined when it is none. */
export function parseBrokerInfo(text: string | undefined): BrokerInfo | undefined {
  return parseWith(infoSchema, text);
}

/** Reads a request to leave; undefined when it is none. */
export function parseBrokerMark(text: string | undefined): BrokerMark | undefined {
  return parseWith(markSchema, text);
}

/** True when both mean the same broker. */
export function isSameBroker(a: BrokerMark | undefined, b: BrokerMark | undefined): boolean {
  return a?.pid === b?.pid && a?.startedAt === b?.startedAt;
}

function parseWith<Value>(schema: v.GenericSchema<unknown, Value>, text: string | undefined): Value | undefined {
  if (text === undefined) return undefined;
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
