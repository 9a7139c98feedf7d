// runtime: node
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readOptions } from "./options.ts";

const read = (...args: string[]) => readOptions(args, ["ingest", "start"]);

test("everything is measured three times unless something else is asked for", () => {
  assert.equal(read(), { only: [], rounds: 3, isQuick: false, jsonFile: undefined, markdownFile: undefined });
  assert.equal([read("--quick").rounds, read("--quick", "--rounds", "2").rounds], [1, 2]);
  assert.equal(read("--only", "start,ingest").only, ["start", "ingest"]);
});

test("what is unknown is refused, with what there is", () => {
  assert.throws(() => read("--only", "nothing"), /no suite "nothing": --only takes ingest, start/);
  assert.throws(() => read("--rounds", "0"), /--rounds is "0"/);
  assert.throws(() => read("--fast"), /fast/);
});

test.run();
