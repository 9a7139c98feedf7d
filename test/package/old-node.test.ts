// runtime: node
/** What the bin of the npm package does on a Node that is too old for the rest. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runIn } from "./_install.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules", "typescript", "bin", "tsc");

const place = mkdtempSync(join(tmpdir(), "perch-old-node-"));
process.once("exit", () => rmSync(place, { recursive: true, force: true }));

/** Builds the bin into a folder of its own; what it loads on a good Node is replaced by something that says so. */
async function buildBin(name: string, ...flags: readonly string[]): Promise<string> {
  const folder = join(place, name);
  const { code, stdout } = await runIn(ROOT, [process.execPath, TSC, "-p", "adapters", "--outDir", folder, ...flags]);
  assert.is(code, 0, stdout);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "adapters", "cli.js"), 'export const main = () => console.log("loaded");');
  return join(folder, "adapters", "bin.js");
}

const bin = await buildBin("bin");

const refusal = (version: string) => ({
  code: 1,
  stdout: "",
  stderr: `perch: Node ${version} is too old: install Node 22.18 or newer from https://nodejs.org\n`,
});

/** Runs the bin on a Node that says it is of this version. */
function runAs(version: string) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  return runIn(place, [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(pretend)}`, bin, "--version"]);
}

test("versions before 22.18 get one line and exit code 1", async () => {
  for (const version of ["14.21.3", "18.20.8", "20.20.2", "21.7.3", "22.0.0", "22.17.1"]) {
    assert.equal(await runAs(version), refusal(version));
  }
});

test("22.18 and later versions run", async () => {
  for (const version of ["22.18.0", "23.0.0", "24.21.0", "100.0.0"]) {
    assert.equal(await runAs(version), { code: 0, stdout: "loaded\n", stderr: "" });
  }
});

test("the bin has no syntax that Node 14 does not know", async () => {
  assert.is(readFileSync(bin, "utf8"), readFileSync(await buildBin("es2020", "--target", "es2020"), "utf8"));
});

/** An old Node on the path, where there is one. */
const oldNode = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node")).find((path) => {
  if (!existsSync(path)) return false;
  const [major = 0] = execFileSync(path, ["--version"], { encoding: "utf8" }).slice(1).split(".").map(Number);
  return major < 22;
});

if (oldNode !== undefined) {
  test("an old Node that is really there gets that line too", async () => {
    const version = execFileSync(oldNode, ["--version"], { encoding: "utf8" }).trim().slice(1);
    assert.equal(await runIn(place, [oldNode, bin]), refusal(version));
  });
}

test.run();
