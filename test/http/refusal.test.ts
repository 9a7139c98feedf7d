import { test } from "uvu";
import * as assert from "uvu/assert";
import { isEventStream, isV1, refusalReply } from "../../src/http/refusal.ts";
import { SAFE_HEADERS } from "../../src/http/reply.ts";

const REFUSAL = { status: 403, code: "cross_site", detail: "A page of another site" };

test("all that is below /v1, and /events, speaks v1, also below a path of an app, whatever its query", () => {
  const paths = [
    "/v1/state",
    "/v1/",
    "/v1/nope/deeper",
    "/events",
    "/perch/v1/ws",
    "/perch/events",
    "/events?x=1",
    "/v1/x?y=/z",
  ];
  for (const path of paths) assert.ok(isV1(path), path);
});

test("everything else speaks v0, also where only its query looks like v1", () => {
  const paths = ["/", "/event", "/status", "/ws", "/v1", "/events/", "/eventsx", "/xv1/y", "/ws?x=/v1/state", "/?/events", ""];
  for (const path of paths) assert.not(isV1(path), path);
});

test("v1 says all that there is to say, as a problem", () => {
  const { status, headers, body = "" } = refusalReply("/v1/state?x", REFUSAL);
  assert.equal([status, headers], [403, { ...SAFE_HEADERS, "content-type": "application/problem+json" }]);
  assert.equal(JSON.parse(body), {
    type: "urn:perch:error:cross_site",
    title: "Forbidden",
    status: 403,
    code: "cross_site",
    detail: "A page of another site",
  });
});

test("v0 says the code, in the words of 0.7.4", () => {
  assert.equal(refusalReply("/event", REFUSAL), {
    status: 403,
    headers: { ...SAFE_HEADERS, "content-type": "application/json; charset=utf-8" },
    body: '{"error":"cross_site"}',
  });
});

test("headers of a refusal are those of its answer, on both surfaces", () => {
  const headers = { "www-authenticate": "Bearer" };
  for (const path of ["/v1/state", "/status"]) {
    assert.is(refusalReply(path, { ...REFUSAL, headers }).headers["www-authenticate"], "Bearer");
  }
});

test("who is to stay away is told nothing else", () => {
  const { status, body } = refusalReply("/events", { ...REFUSAL, status: 204 });
  assert.equal([status, body], [204, undefined]);
});

test("only two paths are event streams, also below a path of an app", () => {
  const paths = ["/events", "/v1/stream", "/perch/events?x", "/perch/v1/stream"];
  assert.equal(paths.filter(isEventStream), paths);
  assert.equal(["/v1/events", "/perch/v1/events?x", "/v1/state", "/event", "/?/events", "/stream"].filter(isEventStream), []);
});

test.run();
