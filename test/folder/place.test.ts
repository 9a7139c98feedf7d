/** The state folder is where env-paths says, which is too slow to be asked. */

import process from "node:process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import envPaths from "env-paths";
import { folderPath, type Surroundings } from "../../src/folder/place.ts";

const around = (os: Surroundings["os"], env: Readonly<Record<string, string>> = {}): Surroundings => ({
  os,
  env: (name) => env[name],
  home: () => "/home/me",
  cwd: () => "/work",
});

/** What env-paths says on another system; it reads the home when it is loaded, and the rest when it is asked. */
function envPathsOn(platform: string, home: string): string {
  const original = Object.getOwnPropertyDescriptor(process, "platform");
  Object.defineProperty(process, "platform", { value: platform, configurable: true });
  try {
    return envPaths("perch", { suffix: "" }).data.replace(home, "/home/me");
  } finally {
    if (original !== undefined) Object.defineProperty(process, "platform", original);
  }
}

test("is the place that env-paths names on each system", async () => {
  const { homedir } = await import("node:os");
  const { XDG_DATA_HOME, LOCALAPPDATA } = process.env;
  delete process.env["XDG_DATA_HOME"];
  delete process.env["LOCALAPPDATA"];
  try {
    assert.is(folderPath(undefined, around("unix")), envPathsOn("linux", homedir()));
    assert.is(folderPath(undefined, around("darwin")), envPathsOn("darwin", homedir()));
    assert.is(folderPath(undefined, around("windows")).replaceAll("\\", "/"), envPathsOn("win32", homedir()));
    process.env["XDG_DATA_HOME"] = "/data";
    assert.is(folderPath(undefined, around("unix", { XDG_DATA_HOME: "/data" })), envPathsOn("linux", homedir()));
    process.env["LOCALAPPDATA"] = "/local";
    const windows = folderPath(undefined, around("windows", { LOCALAPPDATA: "/local" }));
    assert.is(windows.replaceAll("\\", "/"), envPathsOn("win32", homedir()));
  } finally {
    for (const [name, value] of Object.entries({ XDG_DATA_HOME, LOCALAPPDATA })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

test("is what was named, made absolute", () => {
  assert.is(folderPath("/states/a b", around("unix")), "/states/a b");
  assert.is(folderPath("states", around("unix")), "/work/states");
  for (const path of ["C:\\states", "C:/states", "\\\\server\\states"]) assert.is(folderPath(path, around("windows")), path);
});

test("a relative XDG_DATA_HOME is ignored, as its specification says", () => {
  assert.is(folderPath(undefined, around("unix", { XDG_DATA_HOME: "data" })), "/home/me/.local/share/perch");
});

test("what may not be asked is told, with what to do", () => {
  const home = (): never => {
    throw new Error("Requires sys access to homedir");
  };
  const says = /^Cannot tell where the state folder is: Requires sys access to homedir\. Name it in full with --state-dir or /;
  assert.throws(() => folderPath(undefined, { ...around("unix"), home }), says);
  assert.is(folderPath("/states", { ...around("unix"), home }), "/states");
});

test.run();
