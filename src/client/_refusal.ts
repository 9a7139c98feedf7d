/** Why a broker does not give what it was asked for. @module */

import type { Loss } from "./_link.ts";
import { isFields, parseJson } from "./_parse.ts";
import type { Cause } from "./status.ts";

/** Of the codes from 400 to 499, those for which coming back later helps. */
const LATER: readonly number[] = [408, 429];

/** What an answer that is no stream means. */
export async function lossOf(response: Response, url: string): Promise<Loss> {
  const { status, headers } = response;
  const text = status < 400 ? await response.body?.cancel() : await response.text();
  if (status === 204) return { code: "ended", detail: "The broker wants this reader to stay away", isFinal: true };
  if (status < 400) {
    const type = headers.get("content-type") ?? "no content type";
    return { code: "not_a_stream", detail: `${url} answered ${status} with ${type}: is this a Perch broker?`, isFinal: true };
  }
  return {
    ...problemOf(text, `http_${status}`, `${url} answered ${status}`),
    isFinal: status < 500 && !LATER.includes(status),
    waitMs: 1000 * Number(headers.get("retry-after")) || 0,
  };
}

/** `code` and `detail` of an `application/problem+json`, or else what is given. */
function problemOf(text: unknown, code: string, detail: string): Cause {
  const problem = parseJson(text);
  return isFields(problem) && typeof problem["code"] === "string" && typeof problem["detail"] === "string"
    ? { code: problem["code"], detail: problem["detail"] }
    : { code, detail };
}
