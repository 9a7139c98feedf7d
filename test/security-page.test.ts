// runtime: node
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const page = readFileSync(`${ROOT}SECURITY.md`, "utf8");

test("every row of the page of threats names tests that are there", () => {
  const rows = page.split("\n").filter((line) => /^\| (?!-|it can't|they can't)/.test(line));
  assert.ok(rows.length > 25);
  for (const row of rows) {
    const links = [...row.matchAll(/\]\((test\/[^)]+)\)/g)].map(([, path = ""]) => path);
    assert.ok(links.length > 0, `no test in: ${row}`);
    for (const path of links) assert.ok(existsSync(ROOT + path), `${path} is not there`);
  }
});

test.run();
