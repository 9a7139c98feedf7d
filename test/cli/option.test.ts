import { test } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/cli/_exit.ts";
import {
  answerOption,
  choiceOption,
  cittyArg,
  integerOption,
  listOption,
  type Option,
  switchOption,
  textOption,
} from "../../src/cli/_option.ts";

const FACTS = { name: "size", description: "how large" };
const TEXT = textOption({ ...FACTS, hint: "TEXT", fallback: "some" });
const NUMBER = integerOption({ ...FACTS, hint: "N", min: 0, max: 9_000_000_000, fallback: 7 });
const CHOICE = choiceOption({ ...FACTS, words: ["small", "large"], fallback: "small" });
const LIST = listOption({ ...FACTS, hint: "TEXT", env: ["SIZES"], check: (text) => `<${text}>` });

/** What an option makes of a text, or why it refuses it. */
function outcome(option: Option<unknown>, ...texts: readonly string[]): unknown {
  try {
    return option.read(texts);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

test("what was not given is the default, and help shows the same", () => {
  assert.equal([TEXT, NUMBER, CHOICE, LIST].map((option) => outcome(option)), ["some", 7, "small", []]);
  assert.equal([TEXT, NUMBER, CHOICE, LIST].map(({ fallback }) => fallback), ["some", "7", "small", undefined]);
});

test("a text is any but the empty one, and what a check makes of it", () => {
  assert.equal([outcome(TEXT, "a b"), outcome(TEXT, "")], ["a b", "it must not be empty"]);
  const checked = textOption({ ...FACTS, hint: "TEXT", fallback: undefined, check: (text) => text.toUpperCase() });
  assert.equal([outcome(checked, "a"), outcome(checked)], ["A", undefined]);
});

test("a number is whole, in decimal, and between its ends", () => {
  assert.equal(["0", "-0", "007", "9000000000"].map((text) => outcome(NUMBER, text)), [0, -0, 7, 9_000_000_000]);
  for (const text of ["", "-1", "9000000001", "1.5", "1e3", "0x10", " 1", "1 ", "+1", "one", "9".repeat(17), "Infinity"]) {
    assert.is(outcome(NUMBER, text), "it must be a whole number from 0 to 9000000000", text);
  }
});

test("a choice is one of its words, and what is nearly one says so", () => {
  assert.is(outcome(CHOICE, "large"), "large");
  assert.match(String(outcome(CHOICE, "lrage")), /^it must be one of small, large.*"?large/);
  for (const text of ["", "Large", "medium"]) assert.match(String(outcome(CHOICE, text)), "it must be one of small, large");
  assert.is(CHOICE.hint, "small|large");
});

test("a switch is on when it is given; an answer can also be left open", () => {
  const answer = answerOption({ ...FACTS, opposite: "how small" });
  assert.equal([outcome(switchOption(FACTS), "true"), outcome(switchOption(FACTS))], [true, false]);
  assert.equal([outcome(answer, "true"), outcome(answer, "false"), outcome(answer)], [true, false, undefined]);
});

test("a list has every text, each checked, in order", () => {
  assert.equal([outcome(LIST, "b", "a"), LIST.repeats], [["<b>", "<a>"], true]);
});

test("help tells the hint, the default, the variables, what repeats, and what the opposite says", () => {
  assert.equal(cittyArg(NUMBER), { type: "string", description: "how large", valueHint: "N", default: "7" });
  assert.equal(cittyArg(LIST), { type: "string", description: "how large [repeatable; env SIZES]", valueHint: "TEXT" });
  assert.equal(cittyArg(switchOption(FACTS)), { type: "boolean", description: "how large" });
  assert.equal(cittyArg(answerOption({ ...FACTS, env: ["A", "B"], opposite: "how small" })), {
    type: "boolean",
    description: "how large [env A, B]",
    negativeDescription: "how small",
  });
});

test.run();
