/** The npm package, packed and installed as a stranger does it. @module */

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What packing must not need. */
const NOT_FOR_PACKING = [".git", "dist", "examples", "node_modules", "test"];

/** What an npm that runs these tests tells its scripts, and what would change what `perch` does. */
const FROM_OUTSIDE = /^(?:npm_(?!config_(?:registry|cache|userconfig)$)|PERCH_|MAVIS_|(?:INIT_CWD|NO_COLOR|CI)$)/i;

/** How a command went. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, in `folder`, with the Node that runs this first on the path. */
export async function runIn(folder: string, [command = "", ...args]: readonly string[]): Promise<Outcome> {
  const path = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FROM_OUTSIDE.test(name)));
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: folder, env: { ...env, PATH: path } });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "number")) throw error;
    const textOf = (name: string): string => String(Reflect.get(error, name));
    return { code: error.code, stdout: textOf("stdout"), stderr: textOf("stderr") };
  }
}

async function mustRun(folder: string, command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runIn(folder, command);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** The package in a folder of its own, which goes with this process. */
export interface Installed {
  /** Where it was installed. */
  readonly folder: string;
  /** Where it was packed, from sources without tests. */
  readonly sources: string;
  /** The files of the package, sorted. */
  readonly files: readonly string[];
}

/** Packs the sources and installs the tarball in an empty folder. */
export async function installPackage(): Promise<Installed> {
  const place = mkdtempSync(join(tmpdir(), "perch-package-"));
  process.once("exit", () => rmSync(place, { recursive: true, force: true }));
  const sources = join(place, "sources");
  const folder = join(place, "installed");
  mkdirSync(sources);
  mkdirSync(folder);
  for (const name of readdirSync(ROOT)) {
    if (!NOT_FOR_PACKING.includes(name)) cpSync(join(ROOT, name), join(sources, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(sources, "node_modules"), "junction");
  await mustRun(sources, ["npm", "pack", "--pack-destination", place, "--loglevel", "error"]);
  const tarball = readdirSync(place).find((name) => name.endsWith(".tgz")) ?? "no tarball";
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await mustRun(folder, ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", join(place, tarball)]);
  const inside = join(folder, "node_modules", "@perch", "broker");
  return { folder, sources, files: listFiles(inside).sort() };
}

function listFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name === "node_modules" ? [] : listFiles(folder, path);
  });
}
