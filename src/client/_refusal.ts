/** Why a broker does not give what it was asked for. @module */

import type { Loss } from "./_link.ts";
import { isFields, parseJson } from "./_parse.ts";

/** What a status from 400 on means, in the words of the broker's `application/problem+json`; undefined for one below. */
export async function refusalOf(response: Response, url: string): Promise<Loss | undefined> {
  const { status, headers } = response;
  if (status < 400) return void await response.body?.cancel();
  const problem = parseJson(await response.text());
  const { code = `http_${status}`, detail = `${url} answered ${status}` } = isFields(problem) ? problem : {};
  return {
    code: String(code),
    detail: String(detail),
    // 408 Request Timeout and 429 Too Many Requests: coming back later helps.
    isFinal: status < 500 && status !== 408 && status !== 429,
    waitMs: 1000 * Number(headers.get("retry-after")) || 0,
  };
}
