import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { REDACTED, Redactor, redactText } from "../../src/cli/_redact.ts";

const SECRET = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";
const TOKEN = `perch_a1B2c3D4e5_${SECRET}`;

test("a token keeps its id and nothing else, wherever it stands", () => {
  assert.is(redactText(`a ${TOKEN} b`), `a perch_a1B2c3D4e5_${REDACTED} b`);
  for (const text of [TOKEN, `x${TOKEN}`, `"${TOKEN}"`, `/a?b=${TOKEN}&c`, `${TOKEN}${TOKEN}`, TOKEN.slice(0, 30)]) {
    assert.not.match(redactText(text), SECRET.slice(0, 5), text);
  }
});

test("what grants access by its place in a text is taken out, and nothing beside it", () => {
  const texts: Readonly<Record<string, string>> = {
    [`GET /v1/ws?topics=pet&ticket=${SECRET}&since=now`]: `GET /v1/ws?topics=pet&ticket=${REDACTED}&since=now`,
    [`/login?code=${SECRET}#top`]: `/login?code=${REDACTED}`,
    [`/go?to=%2Flogin%3Fcode%3D${SECRET}`]: `/go?to=%2Flogin%3Fcode%3D${REDACTED}`,
    [`Authorization: Basic ${SECRET}\nHost: a`]: `Authorization: ${REDACTED}\nHost: a`,
    [`set-cookie: a=${SECRET}; Path=/\nHost: a`]: `set-cookie: ${REDACTED}\nHost: a`,
    [`{ 'cookie': 'a=${SECRET}; b=${SECRET}' }`]: `{ 'cookie': '${REDACTED}`,
    [`sent Bearer ${SECRET}, and then more`]: `sent Bearer ${REDACTED}, and then more`,
  };
  for (const [text, expected] of Object.entries(texts)) assert.is(redactText(text), expected);
});

test("what is no secret stays as it is", () => {
  for (const text of ["a cookie jar", "perch_cli and perch_a_b", "error code: 5", "barcode=1", "the ticket is here"]) {
    assert.is(redactText(text), text);
  }
  const data = { code: "EACCES", count: 3, isOpen: true, none: null, list: ["a", [1]], nested: { id: "x" } };
  assert.equal(new Redactor().copy(data), data);
});

test("a secret under a telling name goes, whatever it looks like", () => {
  const value = {
    headers: { Authorization: "abc", Cookie: ["abc"], host: "a" },
    raw: ["Host", "a", "cookie", "abc", "Accept", "b"],
    pairs: [["Authorization", "abc"]],
    map: new Map([["set-cookie", "abc"]]),
    web: new Headers({ authorization: "abc" }),
    ticket: { value: "abc" },
    accessToken: "abc",
    secret: 7,
  };
  const copy = JSON.stringify(new Redactor().copy(value));
  assert.not.match(copy, "abc");
  assert.not.match(copy, "7");
  assert.is(copy.split(REDACTED).length - 1, 9);
  assert.match(copy, '"host":"a"');
});

/** Something of any shape that holds `leaf` somewhere. */
function holding(leaf: string): fc.Arbitrary<unknown> {
  const around = fc.tuple(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 })).map(([a, b]) => `${a} ${leaf} ${b}`);
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      around,
      fc.constant(leaf),
      tie("value").map((inner) => [1, inner, "x"]),
      tie("value").map((inner) => ({ inner, more: 1 })),
      tie("value").map((inner) => new Map([["inner", inner], [leaf, 1]])),
      tie("value").map((inner) => new Set([inner])),
      tie("value").map((inner) => new Error(`failed: ${leaf}`, { cause: inner })),
      tie("value").map((inner) => new AggregateError([inner], leaf)),
      tie("value").map((inner) => Object.assign(new Error("failed"), { inner, [leaf]: leaf })),
    ),
  }));
  return value;
}

test("a token that is anywhere in a value comes out of no copy", () => {
  const id = fc.string({ unit: fc.constantFrom(..."aZ09"), minLength: 10, maxLength: 10 });
  const secret = fc.string({ unit: fc.constantFrom(..."QXqx89-_"), minLength: 43, maxLength: 43 });
  fc.assert(
    fc.property(fc.tuple(id, secret).chain(([id, secret]) => fc.tuple(fc.constant(secret), holding(`perch_${id}_${secret}`))), (
      [secret, value],
    ) => {
      const copy = JSON.stringify(new Redactor().copy(value));
      assert.not.ok(copy.includes(secret.slice(0, 12)), copy);
    }),
    { numRuns: 500 },
  );
});

test("whatever is copied is small, plain and ends", () => {
  const loop: Record<string, unknown> = { name: "loop" };
  loop["self"] = loop;
  assert.equal(new Redactor().copy(loop), { name: "loop", self: "[circular]" });
  const shared = { a: 1 };
  assert.equal(new Redactor().copy([shared, shared]), [shared, shared]);
  const deep = Array.from({ length: 30 }).reduce((inner: unknown) => ({ inner }), 1);
  assert.match(JSON.stringify(new Redactor().copy(deep)), "[…]");
  const trap = {
    get broken() {
      throw new Error(`no: ${TOKEN}`);
    },
  };
  assert.is(new Redactor().copy(trap), `[unreadable: Error: no: perch_a1B2c3D4e5_${REDACTED}]`);
  const odd = {
    big: 10n,
    nan: NaN,
    fn: () => 1,
    sym: Symbol("s"),
    bytes: new Uint8Array(9),
    date: new Date(0),
    gone: undefined,
  };
  assert.equal(new Redactor().copy(odd), {
    big: "10",
    nan: "NaN",
    fn: "[function fn]",
    sym: "Symbol(s)",
    bytes: "[9 bytes]",
    date: "1970-01-01T00:00:00.000Z",
  });
  assert.is(JSON.stringify(new Redactor().copy(Array.from({ length: 1_000 }, (_, i) => i))).split(",").length, 51);
});

test.run();
