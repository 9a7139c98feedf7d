import { test } from "uvu";
import * as assert from "uvu/assert";
import { refusalOf } from "../../src/client/_refusal.ts";

const URL = "http://localhost:7857/v1/stream";
const refusal = (status: number, body: string | null = null, headers: Record<string, string> = {}) =>
  refusalOf(new Response(body, { status, headers }), URL);

test("an answer below 400 is no refusal, and its body is let go", async () => {
  for (const status of [200, 204, 304]) assert.is(await refusal(status), undefined);
  const response = new Response("never read");
  await refusalOf(response, URL);
  assert.is(response.bodyUsed, true);
});

test("a refusal speaks in the words of the broker", async () => {
  const loss = await refusal(403, '{"code":"missing_scope","detail":"No","status":403}');
  assert.equal([loss?.code, loss?.detail], ["missing_scope", "No"]);
});

test("where those are missing, it names the status and the address", async () => {
  for (const body of [null, "", "<html>", "null", "7", "{}"]) {
    const loss = await refusal(502, body);
    assert.equal([loss?.code, loss?.detail], ["http_502", `${URL} answered 502`], `${body}`);
  }
});

test("another try can help where the broker fails, is slow or is asked too often, and nowhere else", async () => {
  const final = async (status: number) => (await refusal(status))?.isFinal;
  for (const status of [408, 429, 500, 502, 503, 504]) assert.is(await final(status), false, `${status}`);
  for (const status of [400, 401, 403, 404, 405, 410, 421, 426]) assert.is(await final(status), true, `${status}`);
});

test("the next try waits as long as the broker says, in seconds, where it says so", async () => {
  const waitMs = async (value: string) => (await refusal(503, null, { "retry-after": value }))?.waitMs;
  assert.equal([await waitMs("30"), await waitMs("0"), await waitMs("soon"), (await refusal(503))?.waitMs], [30_000, 0, 0, 0]);
});

test.run();
