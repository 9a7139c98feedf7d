import { test } from "uvu";
import * as assert from "uvu/assert";
import { VERSION } from "../../src/version.ts";
import { FakeTerminal, runFake, visible } from "./_fake-io.ts";

const TOKEN_COMMANDS = ["token", "token create", "token link", "token list", "token revoke", "token rotate"];
const COMMANDS = ["serve", "status", "event", "watch", ...TOKEN_COMMANDS];

test("--version prints the version and nothing else, with any command", async () => {
  for (const args of [["--version"], ["-v"], ["-V"], ["status", "--version"], ["serve", "--port", "0", "--version"]]) {
    const { code, out, err } = await runFake(args);
    assert.equal({ code, out, err }, { code: 0, out: `${VERSION}\n`, err: "" });
  }
});

test("--help names all commands and exit codes", async () => {
  for (const args of [["--help"], ["-h"], ["help"], ["--port", "0", "--help"]]) {
    const { code, out, err } = await runFake(args);
    assert.is(code, 0);
    assert.is(err, "");
    for (const name of COMMANDS) assert.match(out, new RegExp(`^ +${name} {4}\\w`, "m"));
    assert.ok(out.includes(`USAGE perch [${COMMANDS.join("|")}] [OPTIONS]\n`), out);
    assert.match(out, /^EXIT CODES\n\n {2}0 {2}done;.* SIGHUP .*\n {2}1 {2}failed.*\n {2}2 /m);
  }
});

test("every command has a help of its own, in any spelling", async () => {
  for (const name of COMMANDS) {
    const { code, out } = await runFake([...name.split(" "), "--help"]);
    assert.is(code, 0);
    assert.match(out, new RegExp(`USAGE perch ${name} `));
    assert.match(out, /^EXAMPLES$/m);
    assert.match(out, /^ +-h, --help {4}\w[^]*^ +-v, -V, --version {4}\w/m);
    assert.is((await runFake(["help", ...name.split(" ")])).out, out);
  }
});

test("the help of serve shows each flag with its variables and its default", async () => {
  const out = (await runFake(["serve", "--help"])).out.replace(/\s+/g, " ");
  assert.match(
    out,
    /--port=<PORT> +port to listen on; 0 for a free one \[env PERCH_PORT, MAVIS_PET_BROKER_PORT\] \(Default: 7857\)/,
  );
  assert.match(out, /--log-level=<debug\|info\|warn\|error> .*\[env PERCH_LOG_LEVEL, MAVIS_PET_LOG_LEVEL\] \(Default: info\)/);
  assert.match(out, /--allow-origin=<ORIGIN> .*\[repeatable; env PERCH_ALLOW_ORIGIN\]/);
});

test("the descriptions in the help have lines that fit, below where they begin", async () => {
  const terminal = new FakeTerminal(80, 24, () => {
    throw new Error("the help takes no terminal over");
  });
  for (const [world, width] of [[{ terminal, env: { NO_COLOR: "1" } }, 80], [{}, 100]] as const) {
    for (const name of COMMANDS) {
      const [, tables = ""] = /USAGE([^]*)EXAMPLES/.exec((await runFake([...name.split(" "), "--help"], world)).out) ?? [];
      assert.match(tables, /OPTIONS/);
      assert.ok(tables.split("\n").every((line) => line.length <= width), tables);
    }
    const { out } = await runFake(["event", "--help"], world);
    assert.match(out, /^ {2}KIND {4}one of session\.start,.*\n {10}\w.*\n {10}\w[^]*session\.interrupt \(Required\)\n\n/m);
  }
});

test("the help has no escape sequences where they are not wanted, and no spaces at line ends", async () => {
  const terminal = new FakeTerminal(80, 24, () => {
    throw new Error("the help takes no terminal over");
  });
  for (const world of [{}, { terminal, env: { NO_COLOR: "1" } }, { terminal, env: { TERM: "dumb" } }]) {
    const { out } = await runFake(["--help"], world);
    assert.not.match(visible(out), /␛/);
    assert.not.match(out, / $/m);
  }
});

test("an unknown command is refused with a guess and a list", async () => {
  const { code, out, err } = await runFake(["statsu", "--json"]);
  assert.equal({ code, out }, { code: 2, out: "" });
  const hint = "did you mean status?";
  assert.is(
    err,
    `perch: The command statsu is unknown (${hint}): choose from serve, status, event, watch, token, token create, token link, token list, token revoke, token rotate (perch --help lists all)\n`,
  );
});

test("names that every object has are no commands", async () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    const { code, err } = await runFake([name]);
    assert.is(code, 2, name);
    assert.match(err, /^perch: The command \w+ is unknown: choose from .* \(perch --help lists all\)\n$/);
  }
});

test("a word too many is refused, and a command in the wrong place is explained", async () => {
  const many = await runFake(["status", "now"]);
  assert.is(many.code, 2);
  assert.is(many.err, 'perch: The word "now" is one too many (perch status --help lists all)\n');
  const late = await runFake(["--port", "0", "serve"]);
  assert.is(late.code, 2);
  assert.is(late.err, 'perch: The word "serve" is one too many: a command comes first (perch serve --help lists all)\n');
});

test("an error is one line, whatever was typed", async () => {
  const { code, err } = await runFake(["serve", "--port=1\n\x1b[2J\u202E2"]);
  assert.is(code, 2);
  assert.is(err.indexOf("\n"), err.length - 1);
  assert.not.match(err.trimEnd(), /[\p{Cc}\p{Cf}]/u);
});

test("what nobody expected is still one line and exit code 1", async () => {
  const { code, err } = await runFake(["serve", "--port", "0"], { serve: () => Promise.reject(new Error("no such\nluck")) });
  assert.is(code, 1);
  assert.is(err, "perch: Cannot listen on 127.0.0.1 port 0: no such luck\n");
});

test("a command that belongs to another is refused by its whole name", async () => {
  const { code, err } = await runFake(["token", "creat", "--scope", "read"]);
  assert.is(code, 2);
  assert.ok(err.startsWith("perch: The command token creat is unknown (did you mean token create?): "), err);
  assert.match((await runFake(["token", "list", "more"])).err, /The word "more" is one too many/);
});

test.run();
