/** The examples of PROTOCOL.md are what the broker takes and tells, and the links of the pages lead somewhere. @module */

import { existsSync } from "node:fs";
import { posix } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createParser } from "eventsource-parser";
import { planResume } from "../../src/protocol/cursor.ts";
import { parseEvent } from "../../src/protocol/schema.ts";
import { at } from "../support/json.ts";
import { anchorsOf, codeIn, examplesOf, linksOf, readPage, tableOf } from "../support/markdown.ts";

const page = readPage("src/protocol/PROTOCOL.md");

test("every JSON example is JSON", () => {
  const examples = examplesOf(page, "json");
  assert.ok(examples.length > 10);
  for (const example of examples) {
    const texts = example.includes("\n{") ? example.trim().split("\n") : [example];
    for (const text of texts) assert.type(JSON.parse(text), "object");
  }
});

test("the example of a post is taken", () => {
  const [body = ""] = /(?<=-d ').*(?=')/.exec(examplesOf(page, "sh")[0] ?? "") ?? [];
  assert.is(parseEvent(JSON.parse(body)).kind, "prompt.submit");
});

test("the example of an event stream is one, with messages and cursors that are known", () => {
  const types = tableOf(page, "5.5 Messages", "type").map((row) => codeIn(row, "type"));
  const [example = ""] = examplesOf(page, "text");
  const told: string[] = [];
  let retry = 0;
  const parser = createParser({
    onRetry: (ms) => retry = ms,
    onEvent({ event = "", id, data }) {
      told.push(event);
      assert.type(JSON.parse(data), "object");
      if (id === undefined) return;
      assert.equal(planResume(id, { epoch: id.split(".")[0] ?? "", oldest: 1, head: 9 }).mode, "delta");
      if (event === "snapshot") assert.is(`${at(JSON.parse(data), "epoch")}.${at(JSON.parse(data), "seq")}`, id);
    },
  });
  parser.feed(`${example}\n`);
  assert.ok(retry >= 1_000 && retry <= 3_000);
  assert.equal(told, ["hello", "reset", "snapshot", "live", "session"]);
  assert.equal(told.filter((type) => !types.includes(type)), []);
});

for (const path of ["src/protocol/PROTOCOL.md", "CONTRIBUTING.md", "CHANGELOG.md"]) {
  test(`every link of ${path} leads somewhere`, () => {
    const from = readPage(path);
    assert.ok(linksOf(from).length > 0);
    for (const link of linksOf(from)) {
      const target = link.path === "" ? path : posix.join(posix.dirname(path), link.path);
      assert.ok(existsSync(target), `${target} is not there`);
      if (link.anchor === undefined) continue;
      assert.ok(anchorsOf(readPage(target)).includes(link.anchor), `${target} has no heading #${link.anchor}`);
    }
  });
}

test.run();
