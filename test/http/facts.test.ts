import { test } from "uvu";
import * as assert from "uvu/assert";
import { factsOf } from "../../src/http/facts.ts";

test("the facts of a request are its Host, Origin and Sec-Fetch-Site", () => {
  const headers = new Headers([["Host", "localhost:1"], ["ORIGIN", "http://a"], ["Sec-Fetch-Site", "none"], ["X-Other", "x"]]);
  assert.equal(factsOf(headers), { host: "localhost:1", origin: "http://a", fetchSite: "none" });
});

test("a header that is absent is undefined, an empty one is not", () => {
  assert.equal(factsOf(new Headers()), { host: undefined, origin: undefined, fetchSite: undefined });
  const empty = new Headers([["host", ""], ["origin", ""], ["sec-fetch-site", ""]]);
  assert.equal(factsOf(empty), { host: "", origin: "", fetchSite: "" });
});

test("of several headers of one name none is dropped, so that no name of the broker hides another", () => {
  const headers = new Headers([["host", "localhost:1"], ["host", "evil.com"]]);
  assert.is(factsOf(headers).host, "localhost:1, evil.com");
});

test.run();
