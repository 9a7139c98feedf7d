import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Scope } from "../../src/core/scopes.ts";
import type { AppOptions } from "../../src/app.ts";
import { appOf } from "../support/app.ts";
import { grantOf } from "../support/facts.ts";
import { problemOf } from "../support/log.ts";

const PAGES = [{ origin: "http://localhost" }, { "sec-fetch-site": "same-origin" }];

const having = (...scopes: Scope[]): Partial<AppOptions> => ({ access: () => grantOf(...scopes) });

test("who has the scope admin may read the metrics, and by default nobody else", async () => {
  assert.is((await appOf(having("admin")).ask("GET /metrics")).status, 200);
  assert.is(problemOf(await appOf().ask("GET /metrics")), "401 unauthorized");
  assert.is(problemOf(await appOf(having("read", "ingest", "sessions", "messages")).ask("GET /metrics")), "403 missing_scope");
});

test("every program may where that was said, but no page", async () => {
  const { ask } = appOf({ metrics: "loopback" });
  assert.is((await ask("GET /metrics")).status, 200);
  assert.is((await ask("HEAD /metrics")).text, "");
  for (const headers of PAGES) assert.is(problemOf(await ask("GET /metrics", { headers })), "401 unauthorized");
  assert.is(problemOf(await ask("GET /metrics", { headers: { host: "evil.com" } })), "421 wrong_host");
});

test.run();
