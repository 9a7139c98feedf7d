import { test } from "uvu";
import * as assert from "uvu/assert";
import { isPlainTarget, ODD_TARGET } from "../../src/http/target.ts";

test("a path is plain, with or without a query, whatever the query holds", () => {
  const targets = [
    "/",
    "/v1/state",
    "/ws?since=a.1",
    "/a?x=//b",
    "/a?x=\\",
    "/a?x=/../b",
    "/a//b",
    "/.well-known/x",
    "/a.b/..c",
    "/%2Fa",
  ];
  for (const target of targets) assert.ok(isPlainTarget(target), target);
});

test("a target that names a host, to whatever parser, is not", () => {
  for (
    const target of ["//evil.com/", "//", "/\\evil.com/", "\\\\evil.com", "http://evil.com/", "*", "", "evil.com:443", "?x"]
  ) {
    assert.not(isPlainTarget(target), target);
  }
});

test("nor is one with dot segments, also in percent form", () => {
  const targets = ["/.", "/..", "/./a", "/../a", "/a/..", "/a/../b", "/a/.?x", "/%2e%2e/a", "/a/.%2E", "/%2E"];
  for (const target of targets) assert.not(isPlainTarget(target), target);
});

test("nor is one with a backslash in its path or a fragment anywhere", () => {
  for (const target of ["/a\\b", "/a#b", "/a?x#y", "/#"]) assert.not(isPlainTarget(target), target);
});

test("it is refused with 400", () => {
  assert.equal([ODD_TARGET.status, ODD_TARGET.code], [400, "invalid_target"]);
});

test.run();
