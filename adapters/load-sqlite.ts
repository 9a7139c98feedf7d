/** SQLite of the runtime, loaded when it is needed. @module */

/**
 * Loads `node:sqlite`. Node 22 warns that it is experimental: that warning is left out, since what a broker says on stderr is read
 * by programs. The rest of what Node may warn of meanwhile is said.
 */
export function loadSqlite(): Promise<typeof import("node:sqlite")> {
  // Deno warns of nothing, and would load half of what it has for Node to give `process`.
  return typeof Deno === "object" ? import("node:sqlite") : Promise.resolve(loadQuietly());
}

function loadQuietly(): typeof import("node:sqlite") {
  const { process } = globalThis;
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...details: unknown[]): void => {
    if (!String(warning).startsWith("SQLite is an experimental feature")) {
      Reflect.apply(emitWarning, process, [warning, ...details]);
    }
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
