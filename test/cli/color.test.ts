import { test } from "uvu";
import * as assert from "uvu/assert";
import { colorFor } from "../../src/cli/_color.ts";
import { FakeIo } from "./_fake-io.ts";

const terminal = { size: () => ({ columns: 80, rows: 24 }), onResize: () => () => {}, takeOver: () => () => {} };

test("a terminal gets color, anything else gets none", () => {
  assert.equal([colorFor(new FakeIo({ terminal })), colorFor(new FakeIo())], [true, false]);
});

test("who does not want color, or can't show it, gets none", () => {
  const isColored = (env: Record<string, string>) => colorFor(new FakeIo({ terminal, env }));
  for (const env of [{ NO_COLOR: "1" }, { NO_COLOR: "0" }, { TERM: "dumb" }]) assert.is(isColored(env), false);
  for (const env of [{ NO_COLOR: "" }, { TERM: "xterm" }]) assert.is(isColored(env), true);
});

test.run();
