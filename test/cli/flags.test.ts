import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/cli/_exit.ts";
import { type Flags, readFlags } from "../../src/cli/_flags.ts";
import { answerOption, integerOption, listOption, switchOption, textOption } from "../../src/cli/_option.ts";

const TITLE = textOption({ name: "title", hint: "TEXT", description: "", env: ["TITLE", "OLD_TITLE"], fallback: undefined });
const PORT = integerOption({
  name: "port",
  hint: "PORT",
  description: "",
  env: ["PORT", "MAVIS_PET_PORT"],
  min: -5,
  max: 99,
  fallback: 7,
});
const ORIGIN = listOption({ name: "origin", hint: "ORIGIN", description: "", env: ["ORIGIN"], check: (text) => `<${text}>` });
const QUIET = switchOption({ name: "quiet", description: "" });
const OK = answerOption({ name: "ok", description: "", opposite: "" });
const ALL = [TITLE, PORT, ORIGIN, QUIET, OK];

const read = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  warn: (message: string) => void = () => assert.unreachable("nothing to warn of"),
): Flags => readFlags(args, ALL, { env: (name) => env[name], warn });

/** What reading `args`, and then every option, is refused with. */
function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  try {
    const flags = read(args, env);
    for (const option of ALL) flags.get<unknown>(option);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "was taken";
}

test("reads values after a space and after an equals sign, and words in between", () => {
  const flags = read(["one", "--title", "a b", "--port=12", "two", "--quiet", "--no-ok"]);
  assert.is(flags.get(TITLE), "a b");
  assert.is(flags.get(PORT), 12);
  assert.is(flags.get(QUIET), true);
  assert.is(flags.get(OK), false);
  assert.equal(flags.words, ["one", "two"]);
});

test("has defaults for what was not given", () => {
  const flags = read([]);
  assert.equal([TITLE, PORT, QUIET, OK].map((option) => flags.get<unknown>(option)), [undefined, 7, false, undefined]);
  assert.equal(flags.get(ORIGIN), []);
  assert.equal(flags.words, []);
});

test("keeps every value of an option that repeats, in order", () => {
  assert.equal(read(["--origin", "a", "--origin=b"]).get(ORIGIN), ["<a>", "<b>"]);
});

test("takes what follows -- as words, and a lone - as one", () => {
  assert.equal(read(["-", "--", "--port", "x", "--"]).words, ["-", "--port", "x", "--"]);
});

test("takes a negative number as a value, and an equals sign inside one", () => {
  assert.is(read(["--port", "-3"]).get(PORT), -3);
  assert.is(read(["--title=a=b"]).get(TITLE), "a=b");
});

test("a flag beats a variable, the first variable the second, and an empty one counts as unset", () => {
  const env = { TITLE: "first", OLD_TITLE: "second" };
  assert.is(read(["--title", "flag"], env).get(TITLE), "flag");
  assert.is(read([], env).get(TITLE), "first");
  assert.is(read([], { ...env, TITLE: "" }).get(TITLE), "second");
});

test("reads a variable of an option that repeats as a list with commas", () => {
  assert.equal(read([], { ORIGIN: "a, b,c" }).get(ORIGIN), ["<a>", "<b>", "<c>"]);
});

test("refuses what it does not know, and says what may have been meant", () => {
  assert.is(refusal(["--prot", "1"]), "The flag --prot is unknown (did you mean --port?)");
  assert.is(refusal(["--no-okay"]), "The flag --no-okay is unknown (did you mean --no-ok?)");
  assert.is(refusal(["--wholly-different"]), "The flag --wholly-different is unknown");
  assert.is(refusal(["--hlep"]), "The flag --hlep is unknown (did you mean --help?)");
  assert.is(refusal(["-p", "1"]), "The flag -p is unknown");
  assert.is(refusal(["--no-quiet"]), "The flag --no-quiet is unknown (did you mean --quiet?)");
});

test("refuses a flag without its value, also when the next word is another flag", () => {
  const needs = "--port needs a value: --port=PORT";
  assert.is(refusal(["--port"]), needs);
  assert.is(refusal(["--port", "--quiet"]), needs);
  assert.is(refusal(["--title="]), '--title is "": it must not be empty');
});

test("refuses a value for a switch, and an option that is given twice", () => {
  assert.is(refusal(["--quiet=yes"]), '--quiet takes no value, and was given "yes": leave it out');
  assert.is(refusal(["--port", "1", "--port", "2"]), "--port was given twice: give it once");
  assert.is(refusal(["--ok", "--no-ok"]), "--ok was given twice: give it once");
});

test("names the flag or the variable that a wrong value came from", () => {
  const range = "it must be a whole number from -5 to 99";
  for (const text of ["abc", "1.5", "1e1", "0x10", " 1", "100", "-6", "9".repeat(30)]) {
    assert.is(refusal([`--port=${text}`]), `--port is ${JSON.stringify(text)}: ${range}`);
    assert.is(refusal([], { PORT: text }), `PORT is ${JSON.stringify(text)}: ${range}`);
  }
});

test("a variable of the mavis pet broker that can't be read is ignored with a warning, any other is refused", () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  assert.is(read([], { MAVIS_PET_PORT: "loud" }, warn).get(PORT), 7);
  assert.equal(warnings, ['MAVIS_PET_PORT is "loud": it must be a whole number from -5 to 99; it is ignored']);
  assert.is(read([], { MAVIS_PET_PORT: "8" }).get(PORT), 8);
  assert.is(read(["--port", "9"], { MAVIS_PET_PORT: "loud" }).get(PORT), 9);
  assert.throws(() => read([], { PORT: "loud", MAVIS_PET_PORT: "8" }).get(PORT), /^PORT is "loud"/);
});

test("whatever is typed is either read or refused with a usage error", () => {
  const arg = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "--port",
      "--title",
      "--origin",
      "--quiet",
      "--ok",
      "--no-ok",
      "--",
      "-",
      "--port=1",
      "--no-",
      "--=",
      "__proto__",
    ),
  );
  fc.assert(fc.property(fc.array(arg, { maxLength: 6 }), (args) => {
    assert.type(refusal(args), "string");
  }));
});

test("both spellings of a value mean the same", () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !text.startsWith("-"));
  fc.assert(fc.property(value, (text) => {
    assert.is(read(["--title", text]).get(TITLE), text);
    assert.is(read([`--title=${text}`]).get(TITLE), text);
  }));
});

test.run();
