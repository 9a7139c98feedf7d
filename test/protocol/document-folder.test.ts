/** What PROTOCOL.md says of the state folder is what the code does. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { nodeDigests } from "../../adapters/digests.ts";
import { parseBrokerInfo } from "../../src/folder/discovery.ts";
import { isOwnName, pathsIn } from "../../src/folder/paths.ts";
import { addToken } from "../../src/tokens/changes.ts";
import { codeIn, readPage, sectionOf, tableOf } from "../support/markdown.ts";

const page = readPage("src/protocol/PROTOCOL.md");
const HEADING = "12. The state folder";

test("the table of files names each file of the folder, and only those", () => {
  const { folder, ...files } = pathsIn("/s");
  const named = tableOf(page, HEADING, "file").map((row) => codeIn(row, "file"));
  assert.is(folder, "/s");
  assert.equal(named.map((name) => `/s/${name}`).sort(), Object.values(files).sort());
  for (const name of named) assert.ok(isOwnName(name), name);
  for (const name of ["perch.db-wal", "perch.db-head"]) assert.ok(isOwnName(name), name);
  for (const name of ["thesis.pdf", "token.txt", "my-token", "locks"]) assert.not.ok(isOwnName(name), name);
});

test("the table of fields names each field of a token", () => {
  const wish = { scopes: [], expiresAt: 2, note: "n", isRoot: true } as const;
  const { record } = addToken([], wish, 1, nodeDigests());
  const fields = tableOf(page, HEADING, "field").map((row) => codeIn(row, "field"));
  assert.equal(fields.sort(), [...Object.keys(record), "revokedAt"].sort());
});

test("the example of a discovery file is one", () => {
  const [, example = ""] = /```json\n([^]*?)```/.exec(sectionOf(page, HEADING)) ?? [];
  assert.equal(parseBrokerInfo(example), JSON.parse(example));
});

test.run();
