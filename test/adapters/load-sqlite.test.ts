// runtime: node
/** Node 22 warns of its SQLite; what a broker says on stderr must stay one line. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadSqlite } from "../../adapters/load-sqlite.ts";

/** What is warned of while SQLite is loaded, on a Node that warns of these. */
async function warnedOf(...warnings: readonly string[]): Promise<string[]> {
  const { getBuiltinModule, emitWarning } = process;
  const said: string[] = [];
  const listen = (warning: string | Error): void => void said.push(String(warning));
  process.emitWarning = listen;
  process.getBuiltinModule = new Proxy(getBuiltinModule, {
    apply(load, self, args) {
      for (const warning of warnings) process.emitWarning(warning, "ExperimentalWarning");
      return Reflect.apply(load, self, args);
    },
  });
  try {
    const { DatabaseSync } = await loadSqlite();
    assert.type(DatabaseSync, "function");
    assert.is(process.emitWarning, listen, "what was there before is there again");
  } finally {
    Object.assign(process, { getBuiltinModule, emitWarning });
  }
  return said;
}

test("that SQLite is experimental is not said, and everything else is", async () => {
  const others = ["Something else is an experimental feature", "SQLite is gone"];
  assert.equal(await warnedOf("SQLite is an experimental feature and might change at any time", ...others), others);
  assert.equal(await warnedOf(), []);
});

test.run();
