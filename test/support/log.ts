/** The log of a broker, as the v1 surface shows it. @module */

import type { ServerProcess } from "./broker-process.ts";
import { type Answer, askAs, post } from "./http.ts";
import { at, listAt } from "./json.ts";
import { seqOf } from "./stream-reader.ts";

/** All topics that the root token may read and that tell anything. */
export const ALL_TOPICS = "state,pet,sessions,events";

/** An answer that is an error of the v1 surface, as `status code`; anything else fails the test. */
export function problemOf({ status, headers, json, text }: Answer): string {
  const code = at(json, "code");
  const isWhole = headers.get("content-type") === "application/problem+json" && at(json, "status") === status &&
    at(json, "type") === `urn:perch:error:${code}` && typeof at(json, "title") === "string" &&
    typeof at(json, "detail") === "string";
  if (!isWhole || text.includes("    at ")) throw new Error(`${status} ${headers.get("content-type")} ${text} is no problem`);
  return `${status} ${code}`;
}

/** Posts to `POST /v1/events`. */
export function ingest(server: ServerProcess, data: unknown, contentType?: string): Promise<Answer> {
  return post(`${server.url}/v1/events`, data, contentType);
}

/** Posts events that must be taken, and returns the cursor after them. */
export async function publish(server: ServerProcess, data: unknown): Promise<string> {
  const { status, json, text } = await ingest(server, data);
  if (status !== 200) throw new Error(`POST /v1/events answered ${status} ${text}`);
  return String(at(json, "cursor"));
}

/** `GET /v1/state` as the root token sees it, parsed. */
export async function stateOf(server: ServerProcess): Promise<unknown> {
  return (await askAs(server, "/v1/state")).json;
}

/** `seq` of the newest message. */
export async function headOf(server: ServerProcess): Promise<number> {
  return Number(at(await stateOf(server), "seq"));
}

/** A message as `GET /v1/events` lists it, and as the line of JSON that it is. */
export interface Logged {
  readonly type: string;
  readonly id: string;
  readonly seq: number;
  readonly data: unknown;
  readonly json: string;
}

/** The whole log after `since`, page by page. */
export async function logOf(server: ServerProcess, since = "earliest", topics: string = ALL_TOPICS): Promise<Logged[]> {
  const log: Logged[] = [];
  for (let next = since;;) {
    const { status, json } = await askAs(server, `/v1/events?topics=${topics}&since=${next}`);
    if (status === 204) return log;
    if (status !== 200) throw new Error(`GET /v1/events?since=${next} answered ${status}`);
    for (const message of listAt(json, "messages")) {
      const id = String(at(message, "id"));
      const logged = { type: String(at(message, "type")), id, seq: seqOf(id), data: at(message, "data") };
      log.push({ ...logged, json: JSON.stringify(message) });
    }
    next = String(at(json, "next"));
    if (at(json, "more") !== true) return log;
  }
}
