import { Hono } from "hono";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cors, corsHeaders } from "../../src/http/cors.ts";
import { createGuard } from "../../src/http/guard.ts";
import { SAFE_HEADERS } from "../../src/http/reply.ts";

const NAMED = "http://localhost:5173";
const guard = createGuard({ origins: [NAMED] });

function ask(method: string, origin: string | undefined, path = "/"): Promise<Response> {
  const app = new Hono();
  app.use(cors(guard));
  app.get("/", (c) => c.text("hello", 200, { vary: "Accept" }));
  app.get("/personal", (c) => c.text("hello", 200, { vary: "Authorization, Cookie" }));
  app.get("/fails", () => {
    throw new Error("broken");
  });
  app.onError((_error, c) => c.text("failed", 500));
  return Promise.resolve(app.request(path, { method, headers: origin === undefined ? {} : { origin } }));
}

const corsOf = (response: Response) => [...response.headers].filter(([name]) => name.startsWith("access-control-"));

test("a page of a named origin may read answers and the headers that it needs", async () => {
  const response = await ask("GET", NAMED);
  assert.equal(corsOf(response), [
    ["access-control-allow-origin", NAMED],
    ["access-control-expose-headers", "etag, perch-cursor, retry-after, www-authenticate"],
  ]);
  assert.equal([response.headers.get("vary"), await response.text()], ["Accept, Origin", "hello"]);
});

test("it may read errors and what is not there, too", async () => {
  for (const [path, status] of [["/fails", 500], ["/nope", 404]] as const) {
    const response = await ask("GET", NAMED, path);
    assert.equal([response.status, response.headers.get("access-control-allow-origin")], [status, NAMED]);
  }
});

test("nobody else is told that anybody may", async () => {
  for (const origin of [undefined, "http://evil.com", "null", "", "*", `${NAMED}0`]) {
    for (const method of ["GET", "OPTIONS"]) assert.equal(corsOf(await ask(method, origin)), [], `${method} ${origin}`);
  }
});

test("a preflight of a named origin is answered here", async () => {
  const response = await ask("OPTIONS", NAMED);
  assert.equal([response.status, await response.text()], [204, ""]);
  assert.equal(Object.fromEntries(response.headers), {
    "access-control-allow-origin": NAMED,
    "access-control-expose-headers": "etag, perch-cursor, retry-after, www-authenticate",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id, if-none-match",
    "access-control-max-age": "600",
    vary: "Origin",
    ...SAFE_HEADERS,
  });
});

test("what the answer depends on beside the origin stays told", async () => {
  const response = await ask("GET", NAMED, "/personal");
  assert.is(response.headers.get("vary"), "Authorization, Cookie, Origin");
});

test("any other preflight is a request like others", async () => {
  for (const origin of [undefined, "http://evil.com"]) assert.is((await ask("OPTIONS", origin)).status, 404);
});

test("an answer that is written past the app gets the same headers", () => {
  assert.equal(corsHeaders(guard, undefined), {});
  assert.equal(corsHeaders(guard, "http://evil.com"), {});
  assert.equal(Object.keys(corsHeaders(guard, NAMED)).toSorted(), [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "vary",
  ]);
});

test.run();
