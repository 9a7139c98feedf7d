import { test } from "uvu";
import * as assert from "uvu/assert";
import { openLogTarget } from "../../src/cli/_log-target.ts";
import { recordsOf, textOf } from "../support/log-records.ts";
import { FakeIo, runFake } from "./_fake-io.ts";

const SETTINGS = { path: "/logs/perch.log", maxBytes: 65_536, maxFiles: 2 };

test("without a file lines go to stderr", async () => {
  const io = new FakeIo();
  (await openLogTarget(undefined, io))("a line\n");
  assert.is(io.err, "a line\n");
});

test("a file that fails for a while costs its lines, is told of once, and says how many when it works again", async () => {
  let isFull = false;
  const lines: string[] = [];
  const io = new FakeIo({
    openLogFile: () =>
      Promise.resolve({
        write(line) {
          if (isFull) throw new Error("ENOSPC: no space left on device, write");
          lines.push(line);
        },
        close() {},
      }),
  });
  const records = await recordsOf(async () => {
    const write = await openLogTarget(SETTINGS, io);
    write("1\n");
    isFull = true;
    for (const line of ["2\n", "3\n", "4\n"]) write(line);
    isFull = false;
    for (const line of ["5\n", "6\n"]) write(line);
  });
  assert.equal(lines, ["1\n", "5\n", "6\n"]);
  const problem = "ENOSPC: no space left on device, write";
  assert.is(io.err, `perch: Cannot write the log to /logs/perch.log: ${problem}: lines are lost until it works\n`);
  assert.equal(records.map(textOf), ["3 lines could not be written and are lost"]);
});

test("a file that can't be opened ends the command before anything was started", async () => {
  let started = 0;
  const { code, err } = await runFake(["serve", "--log-file", "/no/log"], {
    openLogFile: () => Promise.reject(new Error("ENOENT: no such file or directory, open '/no/log'")),
    serve: () => Promise.reject(new Error(`started ${started += 1}`)),
  });
  assert.equal([code, started], [1, 0]);
  assert.is(err, "perch: Cannot write the log to /no/log: ENOENT: no such file or directory, open '/no/log'\n");
});

test.run();
