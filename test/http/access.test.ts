import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Scope } from "../../src/core/scopes.ts";
import { localAccess, viewFor } from "../../src/http/access.ts";

const HOST = "localhost:7857";
const scopes = (origin: string | undefined, fetchSite: string | undefined) =>
  [...localAccess({ host: HOST, origin, fetchSite })].toSorted();

test("a local program may post, read, and see what sessions are about", () => {
  assert.equal(scopes(undefined, undefined), ["ingest", "read", "sessions"]);
});

test("a page may post and read, but sees no details: whoever sends Origin or Sec-Fetch-Site is one, whatever they hold", () => {
  for (
    const [origin, site] of [["http://a", undefined], [undefined, "none"], ["", undefined], [undefined, ""], ["null", "x"]]
  ) {
    assert.equal(scopes(origin, site), ["ingest", "read"]);
  }
});

test("only the scope sessions gives the full view", () => {
  assert.is(viewFor(new Set<Scope>(["sessions"])), "full");
  assert.is(viewFor(new Set<Scope>(["ingest", "read", "messages", "admin"])), "bare");
  assert.is(viewFor(new Set()), "bare");
});

test.run();
