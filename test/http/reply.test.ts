import { test } from "uvu";
import * as assert from "uvu/assert";
import { FramingError, InvalidInputError, PerchError, UnavailableError } from "../../src/errors.ts";
import {
  ALIVE,
  errorReply,
  jsonReply,
  NO_CONTENT,
  personal,
  problemReply,
  refusals,
  type Reply,
  retryHeaders,
  SAFE_HEADERS,
  toResponse,
} from "../../src/http/reply.ts";
import { at } from "../support/json.ts";
import { recordsOf, textOf } from "../support/log-records.ts";

const parsed = (body: string | undefined): unknown => JSON.parse(body ?? "null");

test("a JSON answer says that it is JSON in UTF-8", () => {
  const reply = jsonReply(200, { a: "ä" });
  assert.equal(reply, {
    status: 200,
    headers: { ...SAFE_HEADERS, "content-type": "application/json; charset=utf-8" },
    body: '{"a":"ä"}',
  });
});

test("no browser guesses the type of an answer, tells where it was, or shows it to a page of another origin", () => {
  assert.equal(SAFE_HEADERS, {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
  });
});

test("what is told to one is not kept for another, and what a credential was needed for is not kept at all", () => {
  assert.equal(personal(NO_CONTENT, "").headers, { ...SAFE_HEADERS, vary: "Authorization, Cookie" });
  assert.is(personal(NO_CONTENT, "token").headers["cache-control"], "no-store");
  assert.equal(NO_CONTENT.headers, SAFE_HEADERS, "the answer itself is as it was");
});

test("a problem has its type, title, status, code and detail, and the headers that were given", () => {
  const reply = problemReply({ status: 405, code: "method_not_allowed", detail: "No" }, { allow: "GET" });
  assert.equal([reply.status, reply.headers], [405, {
    ...SAFE_HEADERS,
    allow: "GET",
    "content-type": "application/problem+json",
  }]);
  assert.equal(parsed(reply.body), {
    type: "urn:perch:error:method_not_allowed",
    title: "Method Not Allowed",
    status: 405,
    code: "method_not_allowed",
    detail: "No",
  });
  const gone = problemReply({ status: 410, code: "cursor_gap", detail: "No", snapshot: "/v1/state" });
  assert.is(at(parsed(gone.body), "snapshot"), "/v1/state");
});

test("an error of this package answers with its own status, code and message", () => {
  const errors = [
    new InvalidInputError(415, "unsupported_media_type", "Send JSON"),
    new PerchError(403, "missing_scope", "No"),
    new FramingError("Broken"),
    new UnavailableError("shutting_down", "Later", 1),
  ];
  for (const error of errors) {
    const { status, body } = errorReply(error);
    assert.equal([status, at(parsed(body), "code"), at(parsed(body), "detail")], [error.status, error.code, error.message]);
  }
});

test("only what may succeed later says when to try again", () => {
  const { status, headers } = errorReply(new UnavailableError("too_many_sessions", "Full", 30));
  assert.equal([status, headers["retry-after"]], [503, "30"]);
  assert.equal(retryHeaders(new PerchError(503, "other", "No")), {});
  assert.not("retry-after" in errorReply(new InvalidInputError(400, "invalid_kind", "No")).headers);
});

test("any other failure tells nothing of itself, and the log tells all", async () => {
  const failures = [new Error("secret"), "secret", undefined, { status: 200, code: "secret", message: "secret" }];
  for (const failure of failures) {
    const replies: Reply[] = [];
    const records = await recordsOf(() => replies.push(errorReply(failure)));
    const [{ status, headers, body = "" } = NO_CONTENT] = replies;
    assert.equal([status, headers["content-type"]], [500, "application/problem+json"]);
    assert.equal([at(parsed(body), "code"), body.includes("secret")], ["internal_error", false]);
    const errors = records.filter(({ level }) => level === "error");
    assert.equal(errors.map(({ category }) => category), [["perch", "http"]]);
    assert.is(errors[0]?.properties["error"], failure);
  }
});

test("each refusal is one line for whoever asks why, and no more than that", async () => {
  const refusals: [() => unknown, string][] = [
    [() => errorReply(new InvalidInputError(400, "invalid_kind", "No")), "refused with 400: invalid_kind: No"],
    [() => jsonReply(400, { error: "invalid_kind" }), 'refused with 400: {"error":"invalid_kind"}'],
    [() => jsonReply(421, { error: "wrong_host" }, "wrong_host: No"), "refused with 421: wrong_host: No"],
  ];
  for (const [refuse, text] of refusals) {
    const records = await recordsOf(refuse);
    assert.equal(records.map((record) => [record.level, textOf(record)]), [["debug", text]]);
  }
  assert.equal(await recordsOf(() => jsonReply(200, {})), []);
});

test("an answer becomes a Response as it is, with or without a body", async () => {
  const alive = toResponse(ALIVE);
  assert.equal([alive.status, alive.headers.get("content-type"), await alive.text()], [200, "text/plain", "ok"]);
  const empty = toResponse(NO_CONTENT);
  assert.equal([empty.status, empty.body, Object.fromEntries(empty.headers)], [204, null, SAFE_HEADERS]);
  const unchanged = toResponse({ status: 304, headers: { etag: '"a.1"' }, body: undefined });
  assert.equal([unchanged.status, unchanged.headers.get("etag")], [304, '"a.1"']);
});

test("every answer from 400 on is counted by its status and code, and no other", () => {
  const countOf = (why: string) => new Map(refusals.entries()).get(why) ?? 0;
  const total = () => [...refusals.entries()].reduce((sum, [, count]) => sum + count, 0);
  const before = total();
  jsonReply(200, { error: "none" });
  jsonReply(400, { error: "made_up" });
  problemReply({ status: 429, code: "made_up", detail: "No" });
  errorReply(new InvalidInputError(400, "made_up", "No"));
  assert.equal([countOf("400 made_up"), countOf("429 made_up"), total() - before], [2, 1, 3]);
});

test.run();
