/** Texts and JSON that break what can be broken. @module */

import fc from "fast-check";

/** Characters that end lines, texts or frames somewhere, that turn text round, and halves of pairs. */
const HOSTILE = [
  ..."\0\t\n\v\f\r \"'\\:{}",
  "\x1b",
  "\x7f",
  "\x85",
  "\u00a0",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\ufffd",
  "\ud83d",
  "\ude00",
  "😀",
  "\r\n",
  "\n\n",
  "data: x",
  "id: 1",
  "\nevent: bye\n\n",
];

/** Any text: also one that no UTF-8 can carry. */
export const anyText: fc.Arbitrary<string> = fc.array(
  fc.oneof(fc.constantFrom(...HOSTILE), fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))),
  { maxLength: 12 },
).map((parts) => parts.join(""));

/** V8 (13.6 in Node 24, 15.0 in Deno 2.9) at times reads a name of one escaped character, such as "\\u0000", as a backslash. */
const anyName = anyText.filter((name) => name.length !== 1 || JSON.stringify(name).length === 3);

/** Any JSON value, with any text in it, as names too. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyText,
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => number === 0 ? 0 : number),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(anyName, tie("value")), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;
