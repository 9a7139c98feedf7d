/** What each runtime makes of files and locks, on the runtime that runs this test. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadHere } from "../../adapters/machine.ts";
import { newStateDir } from "../support/state-dir.ts";

const { machine: { files, locks, pid }, surroundings } = await loadHere();
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("knows this process, its folder and its home", () => {
  assert.is(pid, process.pid);
  assert.is(files.user, process.getuid?.());
  assert.is(surroundings.cwd(), process.cwd());
  assert.is(surroundings.env("PATH"), process.env["PATH"]);
  assert.ok(existsSync(surroundings.home()));
});

test("tells what there is, links apart from what they lead to", () => {
  const folder = newStateDir();
  const [file, link] = [join(folder, "file"), join(folder, "link")];
  writeFileSync(file, "four");
  chmodSync(file, 0o640);
  symlinkSync(folder, link);
  assert.equal({ ...files.look(file), edition: "" }, {
    kind: "file",
    owner: process.getuid?.(),
    mode: 0o640,
    bytes: 4,
    edition: "",
  });
  assert.equal([folder, link].map((path) => files.look(path)?.kind), ["folder", "link"]);
  assert.is(files.look(link, "follow")?.kind, "folder");
  assert.is(files.look("/dev/null")?.kind, "other");
  for (const path of [join(folder, "none"), join(folder, "none", "below")]) {
    assert.equal([files.look(path), files.look(path, "follow"), files.read(path)], [undefined, undefined, undefined]);
  }
  assert.equal([...files.list(folder)].sort(), ["file", "link"]);
});

test("a write is there whole, private, and another edition, also when it is of the same length", () => {
  const path = join(newStateDir(), "file");
  const editions = new Set<string | undefined>();
  for (let i = 0; i < 20; i++) {
    files.write(path, `text ${String(i).padStart(2, "0")} ü`, i % 2 === 0 ? "keep" : undefined);
    editions.add(files.look(path)?.edition);
  }
  assert.is(readFileSync(path, "utf8"), "text 19 ü");
  assert.is(files.read(path), "text 19 ü");
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.is(editions.size, 20);
  assert.equal(readdirSync(join(path, "..")), ["file"]);
});

test("a write that fails leaves what was there, and no draft", () => {
  const folder = newStateDir();
  files.makeFolder(join(folder, "taken"));
  files.create(join(folder, "taken", "inside"));
  assert.throws(() => files.write(join(folder, "taken"), "text"));
  assert.throws(() => files.write(join(folder, "none", "file"), "text", "keep"));
  assert.equal(readdirSync(folder), ["taken"]);
});

test("making a folder or file leaves one that is there alone, and removing what is gone is fine", () => {
  const folder = join(newStateDir(), "a b", "c");
  files.makeFolder(folder);
  assert.is(statSync(folder).mode & 0o777, 0o700);
  const path = join(folder, "file");
  files.create(path);
  assert.is(statSync(path).mode & 0o777, 0o600);
  files.write(path, "text");
  files.create(path);
  files.makeFolder(folder);
  assert.is(files.read(path), "text");
  files.restrict(path, 0o640);
  assert.is(statSync(path).mode & 0o777, 0o640);
  files.remove(path);
  files.remove(path);
  assert.not.ok(existsSync(path));
});

test("a lock has one holder, also within a process, and looking at it takes nothing away", () => {
  const path = join(newStateDir(), "lock");
  files.create(path);
  assert.not.ok(locks.isHeld(path));
  const lock = locks.take(path, 0);
  assert.ok(lock);
  assert.equal([locks.take(path, 0), locks.isHeld(path), locks.take(path, 0)], [undefined, true, undefined]);
  lock?.release();
  lock?.release();
  assert.not.ok(locks.isHeld(path));
  const again = locks.take(path, 0);
  assert.ok(again);
  again?.release();
  assert.equal(readdirSync(join(path, "..")), ["lock"]);
});

test("a lock waits as long as it was told, and what is no lock is refused", () => {
  const path = join(newStateDir(), "lock");
  files.create(path);
  const lock = locks.take(path, 0);
  const from = performance.now();
  assert.is(locks.take(path, 300), undefined);
  assert.ok(performance.now() - from >= 250, `${performance.now() - from} ms`);
  lock?.release();
  writeFileSync(path, "no database".repeat(1_000));
  assert.throws(() => locks.take(path, 0), /not a database/);
  assert.throws(() => locks.take(join(path, "below"), 0));
});

const HOLDER = `
const { loadHere } = await import("./adapters/machine.ts");
const { machine } = await loadHere();
const lock = machine.locks.take(process.argv.at(-1), 0);
console.log(lock === undefined ? "refused" : "held");
setInterval(() => {}, 1000);
`;
const HOLDERS = {
  node: [
    fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url)),
    "--input-type=module",
    "--eval",
    HOLDER,
    "--",
  ],
  deno: [
    fileURLToPath(new URL("../../node_modules/.bin/deno", import.meta.url)),
    "eval",
    "--ext=ts",
    `import process from "node:process";${HOLDER}`,
  ],
};

for (const [runtime, [command = "", ...args]] of Object.entries(HOLDERS)) {
  test(`what ${runtime} holds is held here, whatever it does, until it is killed`, async () => {
    const path = join(newStateDir(), "lock");
    files.create(path);
    const holder = spawn(command, [...args, path], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [said] = await once(holder.stdout, "data");
      assert.is(String(said).trim(), "held");
      assert.equal([locks.isHeld(path), locks.take(path, 0)], [true, undefined]);
      process.kill(holder.pid ?? 0, "SIGSTOP");
      assert.is(locks.take(path, 0), undefined);
    } finally {
      process.kill(holder.pid ?? 0, "SIGKILL");
      await once(holder, "exit");
    }
    const lock = locks.take(path, 1_000);
    assert.ok(lock);
    lock?.release();
  });
}

test.run();
