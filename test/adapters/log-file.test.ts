import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openLogFile } from "../../adapters/log-file.ts";

const test = suite<{ folder: string; path: string }>("log file");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "perch-log-"));
  context.path = join(context.folder, "perch.log");
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A line of exactly so many bytes. */
const lineOf = (bytes: number, letter = "x"): string => `${letter.repeat(bytes - 1)}\n`;

test("a file that is full to the last byte stays, and the next line begins another", ({ path }) => {
  const file = openLogFile({ path, maxBytes: 100, maxFiles: 3 });
  file.write(lineOf(60, "a"));
  file.write(lineOf(40, "b"));
  assert.not.ok(existsSync(`${path}.1`));
  file.write(lineOf(60, "c"));
  assert.is(readFileSync(`${path}.1`, "utf8"), lineOf(60, "a") + lineOf(40, "b"));
  file.write(lineOf(41, "d"));
  assert.equal([readFileSync(path, "utf8"), readFileSync(`${path}.1`, "utf8")], [lineOf(41, "d"), lineOf(60, "c")]);
  file.close();
});

test("bytes count, not characters", ({ path }) => {
  const file = openLogFile({ path, maxBytes: 100, maxFiles: 2 });
  for (let count = 0; count < 2; count += 1) file.write(`${"ü".repeat(24)}ab`);
  assert.not.ok(existsSync(`${path}.1`));
  file.write("ü");
  assert.is(statSync(`${path}.1`).size, 100);
  file.close();
});

test("there are never more files than were asked for, the newest have the lowest numbers, and all are for their owner", ({ folder, path }) => {
  for (const maxFiles of [1, 2, 4]) {
    const file = openLogFile({ path, maxBytes: 10, maxFiles });
    for (let line = 0; line < 10; line += 1) file.write(lineOf(10, String(line)));
    file.close();
    const names = readdirSync(folder).sort();
    assert.equal(names, ["perch.log", "perch.log.1", "perch.log.2", "perch.log.3"].slice(0, maxFiles));
    assert.equal(names.map((name) => readFileSync(join(folder, name), "utf8")[0]), ["9", "8", "7", "6"].slice(0, maxFiles));
    assert.equal(names.map((name) => modeOf(join(folder, name))), names.map(() => "600"));
    for (const name of names) rmSync(join(folder, name));
  }
});

test("a file that is there is gone on with, and nobody else may read it any more", ({ path }) => {
  writeFileSync(path, lineOf(90, "o"), { mode: 0o644 });
  chmodSync(path, 0o644);
  const file = openLogFile({ path, maxBytes: 100, maxFiles: 2 });
  assert.is(modeOf(path), "600");
  file.write(lineOf(10));
  assert.is(statSync(path).size, 100);
  file.write(lineOf(10));
  assert.is(statSync(`${path}.1`).size, 100);
  file.close();
});

test("a line that is larger than a file stays alone", ({ path }) => {
  const file = openLogFile({ path, maxBytes: 10, maxFiles: 3 });
  for (const size of [5, 50, 5]) file.write(lineOf(size));
  assert.equal([`${path}.2`, `${path}.1`, path].map((name) => statSync(name).size), [5, 50, 5]);
  file.close();
});

test("what is no file is written to, and neither moved nor closed to others", () => {
  const before = modeOf("/dev/null");
  const file = openLogFile({ path: "/dev/null", maxBytes: 10, maxFiles: 2 });
  for (let line = 0; line < 5; line += 1) file.write(lineOf(10));
  file.close();
  assert.equal([modeOf("/dev/null"), existsSync("/dev/null.1")], [before, false]);
});

test("a path that can't be opened is an error with the system's code", ({ folder }) => {
  const codeOf = (path: string) => {
    try {
      openLogFile({ path, maxBytes: 10, maxFiles: 2 });
      return "opened";
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : error;
    }
  };
  assert.equal([codeOf(join(folder, "no", "log")), codeOf(folder)], ["ENOENT", "EISDIR"]);
});

test("a file that can't be moved takes no more, and goes on once it can", ({ path }) => {
  const file = openLogFile({ path, maxBytes: 10, maxFiles: 2 });
  file.write(lineOf(10, "a"));
  mkdirSync(join(`${path}.1`, "in the way"), { recursive: true });
  for (let line = 0; line < 3; line += 1) assert.throws(() => file.write(lineOf(10, "b")));
  assert.is(readFileSync(path, "utf8"), lineOf(10, "a"));
  rmSync(`${path}.1`, { recursive: true });
  file.write(lineOf(10, "c"));
  assert.equal([readFileSync(path, "utf8"), readFileSync(`${path}.1`, "utf8")], [lineOf(10, "c"), lineOf(10, "a")]);
  file.close();
});

if (process.platform === "linux") {
  test("a disk that is full loses lines with the system's code", () => {
    const file = openLogFile({ path: "/dev/full", maxBytes: 10, maxFiles: 2 });
    assert.throws(() => file.write("a\n"), (error: { code?: string }) => error.code === "ENOSPC");
    file.close();
  });
}

test.run();
