import { test } from "uvu";
import * as assert from "uvu/assert";
import { Secrets } from "../../src/http/secrets.ts";

const secretsOf = (max = 3) => new Secrets<string>({ ms: 1_000, max });

test("a secret stands for its value until its time is over", () => {
  const secrets = secretsOf();
  const text = secrets.issue("value", 0);
  assert.match(text, /^[A-Za-z0-9]{10}\.[A-Za-z0-9_-]{43}$/);
  assert.equal([secrets.find(text, 0), secrets.find(text, 999), secrets.find(text, 1_000)], ["value", "value", undefined]);
  assert.is(secrets.size, 0);
});

test("one that is taken is good once", () => {
  const secrets = secretsOf();
  const text = secrets.issue("value", 0);
  assert.equal([secrets.take(text, 0), secrets.take(text, 0), secrets.find(text, 0)], ["value", undefined, undefined]);
});

test("no other text is one, however much of it is right", () => {
  const secrets = secretsOf();
  const text = secrets.issue("value", 0);
  const other = secrets.issue("other", 0);
  const wrong = [
    "",
    text.slice(0, -1),
    `${text}A`,
    text.slice(0, 11),
    text.slice(0, 11) + other.slice(11),
    text.toLowerCase() + "x",
  ];
  for (const guess of wrong) assert.is(secrets.take(guess, 0), undefined, guess);
  const last = text.endsWith("A") ? "B" : "A";
  assert.is(secrets.find(text.slice(0, -1) + last, 0), undefined);
  assert.is(secrets.take(text, 0), "value");
});

test("no two are the same", () => {
  const secrets = secretsOf(1_000);
  assert.is(new Set(Array.from({ length: 1_000 }, () => secrets.issue("x", 0))).size, 1_000);
});

test("there are as many as allowed; for one more the oldest makes room", () => {
  const secrets = secretsOf(3);
  const texts = ["a", "b", "c"].map((value) => secrets.issue(value, 0));
  assert.equal(texts.map((text) => secrets.find(text, 0)), ["a", "b", "c"]);
  secrets.issue("d", 0);
  assert.equal([secrets.size, ...texts.map((text) => secrets.find(text, 0))], [3, undefined, "b", "c"]);
});

test("those that are too old make room first", () => {
  const secrets = secretsOf(3);
  secrets.issue("a", 0);
  const young = secrets.issue("b", 500);
  secrets.issue("c", 1_000);
  assert.equal([secrets.size, secrets.find(young, 1_000)], [2, "b"]);
});

test("one that is forgotten is no more", () => {
  const secrets = secretsOf();
  const text = secrets.issue("a", 0);
  secrets.remove(text);
  secrets.remove("nothing");
  assert.equal([secrets.find(text, 0), secrets.size], [undefined, 0]);
});

test.run();
