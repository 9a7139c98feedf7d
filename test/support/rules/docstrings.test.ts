import { test } from "uvu";
import * as assert from "uvu/assert";
import { exportedNames, withoutDocstring } from "./docstrings.ts";
import { source } from "./source.ts";

const inner = `/** The module. @module */

/** Says so. */
export function told(): void {}

export function untold(): void {}

/** Of something else. */
const hidden = 1;
export const alsoUntold = hidden;

/**
 * Longer.
 */
export abstract class Told {}

// export const comment = 1;
`;

test("finds what an entry point exports without a docstring, through other files", () => {
  const entry = `/** Not for the next line. */

export { told, untold } from "./inner.ts";
export { type Told as Renamed } from "./inner.ts";
`;
  const sources = [source("src/entry.ts", entry), source("src/inner.ts", inner)];
  assert.equal(exportedNames(sources, "src/entry.ts"), ["told", "untold", "Told"]);
  assert.equal(withoutDocstring(sources, "src/entry.ts"), ["src/inner.ts: untold"]);
});

test("follows export *", () => {
  const sources = [source("mod.ts", 'export * from "./src/inner.ts";'), source("src/inner.ts", inner)];
  assert.equal(exportedNames(sources, "mod.ts"), ["told", "untold", "alsoUntold", "Told"]);
  assert.equal(withoutDocstring(sources, "mod.ts"), ["src/inner.ts: untold", "src/inner.ts: alsoUntold"]);
});

test("reports a name and a file that are not there, and a list of what is declared elsewhere", () => {
  const sources = [source("mod.ts", 'export { gone } from "./src/inner.ts";\nexport * from "./lost.ts";\nexport { told };')];
  assert.equal(withoutDocstring(sources, "mod.ts"), ["mod.ts: gone", "mod.ts: export { told };", "lost.ts: is not there"]);
});

test.run();
