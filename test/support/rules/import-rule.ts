/** Who may import whom. @module */

import { posix } from "node:path";
import { type Import, importsOf } from "./imports.ts";
import type { Source } from "./source.ts";

/** What may be imported, by folder or file: folders and files of this table, and packages. `type x`: only its types. */
export type ImportTable = Readonly<Record<string, readonly string[]>>;

const NODE_PACKAGES = ["@hono/node-server", "@hono/node-ws"];
const PROTOCOL_AND_BELOW = ["ports", "protocol", "core"];
const HTTP = ["http", "hub", ...PROTOCOL_AND_BELOW, "hono", "valibot"];
const SOURCE = [
  "broker",
  "dismiss",
  "app",
  "surface",
  "fast-path",
  "stream",
  "counts",
  "readiness",
  "metrics",
  "routes",
  "compat",
  "client",
  "cli",
  "folder",
  "tokens",
  "stores",
  ...HTTP,
];

/**
 * The table: one direction, and no way back. A name is a folder in `src`, a file in it (without `.ts`), or a folder of the
 * project. Each may import itself, and anyone `errors`, `version` and `random`, which import nothing.
 */
export const IMPORTS: ImportTable = {
  errors: [],
  version: [],
  random: [],
  core: [],
  protocol: ["core", "valibot"],
  ports: ["protocol", "core", "@logtape/logtape"],
  agents: ["protocol", "core"],
  tokens: ["ports", "core", "valibot"],
  folder: ["tokens", "ports", "core", "valibot"],
  stores: [...PROTOCOL_AND_BELOW, "valibot"],
  hub: PROTOCOL_AND_BELOW,
  alarm: ["type ports"],
  turns: [],
  counts: PROTOCOL_AND_BELOW,
  readiness: ["broker", ...PROTOCOL_AND_BELOW],
  metrics: ["readiness", "counts", "broker", ...HTTP, "prom-client"],
  announcer: ["hub", ...PROTOCOL_AND_BELOW],
  batch: PROTOCOL_AND_BELOW,
  once: ["batch", "protocol", "core"],
  health: ["ports"],
  commits: ["batch", "health", "counts", "turns", "ports"],
  truth: ["batch", ...PROTOCOL_AND_BELOW],
  expiry: ["alarm", ...PROTOCOL_AND_BELOW],
  broker: [
    "announcer",
    "batch",
    "commits",
    "expiry",
    "health",
    "counts",
    "once",
    "truth",
    "stores",
    "hub",
    ...PROTOCOL_AND_BELOW,
  ],
  stream: ["broker", "hub", ...PROTOCOL_AND_BELOW],
  http: ["stream", "broker", "hub", ...PROTOCOL_AND_BELOW, "hono"],
  routes: ["metrics", "readiness", "stream", "broker", "agents", ...HTTP],
  compat: ["broker", "agents", ...HTTP],
  surface: ["metrics", "readiness", "routes", "compat", "broker", ...HTTP],
  "fast-path": ["surface", "routes", "compat", "broker", ...HTTP],
  app: ["surface", "routes", "compat", "broker", ...HTTP],
  client: ["protocol", "eventsource-parser"],
  cli: ["client", "folder", "tokens", "type broker", "type routes", ...PROTOCOL_AND_BELOW, "citty", "@logtape/logtape"],
  dismiss: ["stream", "http", "broker", "hub", ...PROTOCOL_AND_BELOW],
  "mod.ts": SOURCE,
  adapters: [...SOURCE, "node:", "@hono/node-server", "@hono/node-ws", "citty"],
  examples: ["mod.ts", "client", "hono", ...NODE_PACKAGES, "ws", "node:"],
};

const FOR_ANYONE = ["errors", "version", "random"];

/** The name in the table that a file goes by. */
function layerOf(path: string): string {
  const [folder = "", inner = ""] = path.split("/");
  return folder === "src" ? inner.replace(/\.ts$/, "") : folder;
}

/** Imports that the table does not allow, that reach into another folder's private files, or that are computed. */
export function breaksOfImportRule(sources: readonly Source[], table: ImportTable = IMPORTS): string[] {
  return sources.flatMap((source) => {
    const layer = layerOf(source.path);
    const allowed = table[layer];
    if (allowed === undefined) return [`${source.path}: the import table has no row "${layer}"`];
    return importsOf(source).flatMap((found) => {
      const problem = problemOf(found, source.path, layer, allowed);
      return problem === undefined ? [] : [`${found.place}: ${problem}`];
    });
  });
}

function problemOf(found: Import, path: string, layer: string, allowed: readonly string[]): string | undefined {
  const { specifier, target, isDynamic } = found;
  if (specifier === undefined) return "the imported module is computed: name it";
  if (target !== undefined && posix.basename(target).startsWith("_") && posix.dirname(target) !== posix.dirname(path)) {
    return `"${specifier}" is private to its folder`;
  }
  const name = found.package ?? layerOf(target ?? "");
  if (layer === "mod.ts" && isDynamic && name === "adapters") return undefined;
  if (NODE_PACKAGES.includes(name) && !/^(?:adapters\/node|examples\/)/.test(path)) {
    return `only adapters/node*.ts may import ${name}`;
  }
  if (name === layer || FOR_ANYONE.includes(name) || allowed.includes(name)) return undefined;
  if (allowed.includes(`type ${name}`)) return found.isTypeOnly ? undefined : `${layer} may import only types of ${name}`;
  return `${layer} must not import ${name} ("${specifier}")`;
}

/** Relative imports that do not end in `.ts`. */
export function breaksOfEndingRule(sources: readonly Source[]): string[] {
  return sources.flatMap(importsOf)
    .filter(({ target }) => target !== undefined && !target.endsWith(".ts"))
    .map(({ place, specifier }) => `${place}: "${specifier}" does not end in .ts`);
}

/** Packages outside `allowed` that are loaded, on whatever way, by the files whose path starts with `start`. */
export function strayPackages(sources: readonly Source[], start: string, allowed: readonly string[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const queue = sources.filter((source) => source.path.startsWith(start));
  const stray: string[] = [];
  for (const source of queue) {
    for (const found of importsOf(source).filter(({ isTypeOnly }) => !isTypeOnly)) {
      if (found.package !== undefined && !allowed.includes(found.package)) stray.push(`${found.place}: loads ${found.package}`);
      const next = byPath.get(found.target ?? "");
      if (next !== undefined && !queue.includes(next)) queue.push(next);
    }
  }
  return stray;
}
