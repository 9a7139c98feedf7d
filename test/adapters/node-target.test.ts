// runtime: node
import { test } from "uvu";
import * as assert from "uvu/assert";
import { originForm, targetProblem } from "../../adapters/node-target.ts";

test("a target that names the broker in full is its path", () => {
  assert.is(originForm("http://localhost:1/status?a", "localhost:1"), "/status?a");
  assert.is(originForm("/status", "localhost:1"), "/status");
});

test("a target that names anything else stays as it is, and is refused as a foreign one", () => {
  const targets = [
    "http://evil.com/",
    "http://localhost:11/",
    "http://a@localhost:1/",
    "https://localhost:1/",
    "http://localhost:1",
    "*",
    "",
  ];
  for (const target of targets) {
    assert.is(originForm(target, "localhost:1"), target);
    assert.equal([targetProblem(target)?.status, targetProblem(target)?.code], [421, "wrong_host"], target);
  }
  assert.is(originForm("http://undefined/", undefined), "http://undefined/");
});

test("a path that can be read in more than one way is refused", () => {
  assert.is(targetProblem("/status"), undefined);
  assert.is(targetProblem("//evil.com/")?.code, "invalid_target");
});

test.run();
