/** Why a broker does not give what it was asked for. @module */

import type { Loss } from "./_link.ts";
import { parseJson } from "./_parse.ts";

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
  const seconds = Number(headers.get("retry-after") ?? 0);
  return {
    ...problemOf(text, `http_${status}`, `${url} answered ${status}`),
    isFinal: status < 500 && !LATER.includes(status),
    waitMs: Number.isFinite(seconds) ? seconds * 1000 : 0,
  };
}

/** `code` and `detail` of an `application/problem+json`, or else what is given. */
function problemOf(text: unknown, code: string, detail: string): { readonly code: string; readonly detail: string } {
  const problem = parseJson(text);
  if (typeof problem !== "object" || problem === null || !("code" in problem) || !("detail" in problem)) {
    return { code, detail };
  }
  return typeof problem.code === "string" && typeof problem.detail === "string"
    ? { code: problem.code, detail: problem.detail }
    : { code, detail };
}
