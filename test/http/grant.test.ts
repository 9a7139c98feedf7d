import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Scope } from "../../src/core/scopes.ts";
import { endingFor, isRefusal, viewFor } from "../../src/http/grant.ts";
import { UNAUTHORIZED } from "../../src/http/access.ts";
import { ANONYMOUS } from "../support/facts.ts";

test("only the scope sessions gives the full view", () => {
  assert.is(viewFor(new Set<Scope>(["sessions"])), "full");
  assert.is(viewFor(new Set<Scope>(["ingest", "read", "messages", "admin"])), "bare");
  assert.is(viewFor(new Set()), "bare");
});

test("a refusal is told from a grant", () => {
  assert.equal([isRefusal(UNAUTHORIZED), isRefusal(ANONYMOUS)], [true, false]);
});

test("a stream stays while its token is valid, comes back with one that has expired, and stays away without one", () => {
  assert.is(endingFor("valid"), undefined);
  assert.is(endingFor("expired")?.code, 4401);
  assert.equal([endingFor("revoked")?.code, endingFor("unknown")?.code], [4501, 4501]);
});

test.run();
