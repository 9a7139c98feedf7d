/** Texts that try to break out of whatever they are put into. @module */

import fc from "fast-check";

/** What ends a line, a block, a string or a message somewhere, and what turns text round. All of it is well-formed. */
export const HOSTILE: readonly string[] = [
  "\r",
  "\n",
  "\r\n",
  "\n\n",
  "\r\r",
  "\0",
  "\x1B[2J",
  "\x7F",
  "\x85",
  "\u2028",
  "\u2029",
  "\uFEFF",
  "\u200B",
  "\u202E",
  "\u2066",
  "\uFFFE",
  "\u{1F43E}",
  "\u{10FFFF}",
  " ",
  "\t",
  ":",
  "data: x",
  "data",
  "\ndata: injected\n\n",
  "\r\nevent: bye\r\ndata: {}\r\n\r\n",
  "\nid: AAAAAAAAAA.1\n",
  "\nretry: 1\n",
  ": comment",
  '"',
  '\\"}',
  "\\",
  "\\u000a",
  "</script>",
  "__proto__",
];

/** Well-formed text of at most `limit` code units, mostly of hostile pieces. */
export function hostileText(limit: number): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 5 }));
  return fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("").slice(0, limit))
    .filter((text) => text.isWellFormed());
}

/** The same with halves of pairs among it, which no UTF-8 can carry. */
export const brokenText: fc.Arbitrary<string> = fc.tuple(
  hostileText(60),
  fc.constantFrom("\uD800", "\uDBFF", "\uDC00", "\uDFFF", "\uDE00\uD83D"),
  hostileText(60),
).map((parts) => parts.join("")).filter((text) => !text.isWellFormed());

/**
 * `count` values of a generator.
 *
 * @returns The values, and the words with which a failure says how to repeat it: the same each time unless `TEST_SEED` is set.
 */
export function sampled<Value>(
  values: fc.Arbitrary<Value>,
  count: number,
): { readonly items: Value[]; readonly repeat: string } {
  const seed = Number(process.env["TEST_SEED"] ?? 6_202);
  return { items: fc.sample(values, { numRuns: count, seed }), repeat: `with TEST_SEED=${seed}` };
}
