// runtime: node
// limit: 120 s
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly lastLine: string;
}

/** The runner's answer, run as people run it. */
function runTests(args: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  const options = { encoding: "utf8", env: { ...process.env, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["test/run.ts", ...args], options);
  return { code: status, stdout: stdout + stderr, lastLine: stdout.trimEnd().split("\n").at(-1) ?? "" };
}

const fixture = (name: string): string => `test/fixtures/runner/${name}.fixture.ts`;

/** True while the process works; one that has ended may still be listed until its parent has noticed. */
function isAlive(pid: string): boolean {
  const stat = spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" }).stdout.trim();
  return stat !== "" && !stat.startsWith("Z");
}

test("counts tests on both runtimes", () => {
  const { code, stdout } = runTests([fixture("passes")]);
  assert.is(stdout, "4 passed, 0 failed\n");
  assert.is(code, 0);
});

test("runs on one runtime when asked to", () => {
  assert.is(runTests([fixture("passes"), "--runtime", "deno"]).stdout, "2 passed, 0 failed\n");
});

test("takes the files that --only names", () => {
  const { stdout } = runTests([fixture("passes"), fixture("skip"), "--only", "passes"]);
  assert.is(stdout, "4 passed, 0 failed\n");
});

test("keeps a file to the runtime that it names", () => {
  assert.is(runTests([fixture("node-only")]).stdout, "1 passed, 0 failed\n");
});

const FALSE_GREENS: readonly (readonly [name: string, problem: string, sum: string])[] = [
  ["before-throws", "0 of 1 tests passed", "0 passed, 2 failed"],
  ["after-each-throws", "0 of 2 tests passed", "0 passed, 4 failed"],
  ["throws-undefined", "1 of 3 tests passed", "2 passed, 4 failed"],
  ["throws-text", "0 of 1 tests passed", "0 passed, 2 failed"],
  ["never-run", "no test ran: is .run() missing?", "0 passed, 2 failed"],
  ["only", "left out by test.only or test.skip: 1", "2 passed, 2 failed"],
  ["skip", "left out by test.only or test.skip: 1", "2 passed, 2 failed"],
  ["exit-zero", "0 of 1 tests passed", "0 passed, 2 failed"],
  ["second-run", "1 of 2 tests passed", "2 passed, 2 failed"],
  ["early-exit", "no test ran: is .run() missing?", "0 passed, 2 failed"],
  ["exits-with-seven", "all tests passed, but the process ended with code 7", "2 passed, 2 failed"],
  ["rejects-late", "all tests passed, but the process ended with code 1", "2 passed, 2 failed"],
];

for (const [name, problem, sum] of FALSE_GREENS) {
  test(`reports ${name} as failed on both runtimes`, () => {
    const { code, stdout, lastLine } = runTests([fixture(name)]);
    for (const runtime of ["node", "deno"]) {
      assert.match(stdout, `failed ${fixture(name)} on ${runtime}: ${problem}\n`);
    }
    assert.is(lastLine, sum);
    assert.is(code, 1);
  });
}

for (const [name, problem] of [["never-ends", "killed after 1 s"], ["leaves-a-process", "0 of 1 tests passed"]]) {
  test(`ends ${name} with all processes that it has started`, () => {
    const { code, stdout } = runTests([fixture(`${name}`)]);
    for (const runtime of ["node", "deno"]) assert.match(stdout, `on ${runtime}: ${problem}\n`);
    const pids = [...stdout.matchAll(/left behind: (\d+)/g)].map(([, pid]) => `${pid}`);
    assert.is(pids.length, 2);
    assert.equal(pids.filter(isAlive), []);
    assert.is(code, 1);
  });
}

test("shows what a failed file has printed", () => {
  assert.match(runTests([fixture("exit-zero")]).stdout, "hidden by the exit code");
});

test("skips a file that needs Chromium where none is, and tells so", () => {
  const { code, stdout } = runTests([fixture("needs-chromium"), fixture("passes")], {
    CHROME_PATH: "/nowhere/chromium",
    PERCH_REQUIRE_CHROMIUM: "",
  });
  assert.match(stdout, `skipped ${fixture("needs-chromium")}: chromium is not installed (apt-get install chromium)\n`);
  assert.match(stdout, /\n4 passed, 0 failed, 1 skipped\n$/);
  assert.is(code, 0);
});

test("fails a file that needs Chromium where one is required", () => {
  const env = { CHROME_PATH: "/nowhere/chromium", PERCH_REQUIRE_CHROMIUM: "1" };
  const { code, stdout, lastLine } = runTests([fixture("needs-chromium"), fixture("passes")], env);
  assert.match(stdout, `failed ${fixture("needs-chromium")}: chromium is not installed`);
  assert.is(lastLine, "4 passed, 1 failed");
  assert.is(code, 1);
});

test("runs a file that needs Chromium where one is", () => {
  const { stdout } = runTests([fixture("needs-chromium")], { CHROME_PATH: process.execPath });
  assert.is(stdout, "2 passed, 0 failed\n");
});

test("fails whatever is missing where all is required", () => {
  const env = { CHROME_PATH: "/nowhere/chromium", PERCH_REQUIRE_ALL: "1" };
  assert.is(runTests([fixture("needs-chromium")], env).lastLine, "0 passed, 1 failed");
});

test("names what a file needs that is not on this machine", () => {
  const { stdout, code } = runTests([fixture("needs-nft")], { PATH: "/nowhere" });
  assert.match(stdout, `skipped ${fixture("needs-nft")}: nft is not installed (apt-get install nftables)`);
  assert.is(code, 1);
});

test("runs few rounds by default, and many with --hard, which tells the seed and what was measured", () => {
  const env = { TEST_SEED: "42", FIXTURE_ROUNDS: "3" };
  assert.is(runTests([fixture("rounds"), "--runtime", "node"], env).stdout, "1 passed, 0 failed\n");
  const hard = runTests([fixture("rounds"), "--runtime", "node", "--hard"], { ...env, FIXTURE_ROUNDS: "1000" });
  const title = `${fixture("rounds")} on node`;
  assert.match(hard.stdout, new RegExp(`^TEST_SEED=42 for ${title}, at most 7 s\n  measured 1000 rounds\n  took [0-9.]+ s\n`));
  assert.is(hard.lastLine, "1 passed, 0 failed");
});

test("makes up a seed for each hard file that has none", () => {
  const { TEST_SEED: _seed, ...env } = process.env;
  const options = { encoding: "utf8", env } as const;
  const args = ["test/run.ts", "--hard", "--runtime", "node", fixture("passes")];
  assert.match(spawnSync(process.execPath, args, options).stdout, /^TEST_SEED=[0-9]+ for .*passes.* at most 900 s\n/);
});

test("fails a file whose comment it does not understand", () => {
  const { code, stdout, lastLine } = runTests([fixture("bad-comment")]);
  assert.match(stdout, '"// limit: 5 minutes" is not known');
  assert.is(lastLine, "0 passed, 1 failed");
  assert.is(code, 1);
});

test("fails a file that is not there", () => {
  const { code, lastLine } = runTests([fixture("missing")]);
  assert.is(lastLine, "0 passed, 1 failed");
  assert.is(code, 1);
});

test("fails when nothing ran", () => {
  const { code, stdout, lastLine } = runTests(["--only", "no such file"]);
  assert.match(stdout, /^nothing to run: [0-9]+ test files, none of them for --only "no such file" here\n/);
  assert.is(lastLine, "0 passed, 0 failed");
  assert.is(code, 1);
});

test("refuses a runtime and an argument that it does not know with code 2", () => {
  const unknown = runTests(["--runtime", "bun"]);
  assert.match(unknown.stdout, 'Cannot run on "bun": --runtime takes node or deno');
  assert.is(unknown.code, 2);
  assert.is(runTests(["--fast"]).code, 2);
});

test("finds with --hard what has a hard form and nothing else", () => {
  const { stdout } = runTests(["--hard", "--only", "test/core/", "--runtime", "deno"]);
  const [, found] = /^nothing to run: ([0-9]+) test files/.exec(stdout) ?? [];
  const all = Number(/^nothing to run: ([0-9]+) test files/.exec(runTests(["--only", "no such file"]).stdout)?.[1]);
  assert.ok(Number(found) > 0 && Number(found) < all, `${found} of ${all}`);
});

test("finds this file by itself", () => {
  const { stdout } = runTests(["--only", "test/run.test.ts", "--runtime", "deno"]);
  assert.match(stdout, /^nothing to run: [1-9][0-9]* test files/);
});

test.run();
