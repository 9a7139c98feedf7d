import { test } from "uvu";
import * as assert from "uvu/assert";
import { Tally } from "../../src/core/tally.ts";

test("names are counted each, and listed in the order in which they were first seen", () => {
  const tally = new Tally(["a", "b"]);
  tally.add("b");
  tally.add("c", 5);
  tally.add("b", 2);
  assert.equal([...tally.entries()], [["a", 0], ["b", 3], ["c", 5]]);
});

test("200 names are told apart, and from the 201st on all are counted together", () => {
  const tally = new Tally();
  for (let name = 0; name < 200; name += 1) tally.add(`n${name}`);
  assert.is([...tally.entries()].length, 200);
  for (let name = 0; name < 1_000; name += 1) tally.add(`more${name}`, 2);
  tally.add("n0");
  const counts = new Map(tally.entries());
  assert.equal([counts.size, counts.get("other"), counts.get("n0"), counts.get("n199")], [201, 2_000, 2, 1]);
});

test.run();
