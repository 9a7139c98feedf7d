/** Category 6: texts that are UTF-8 and texts that are not, by RFC 3629. @module */

import { close, closing, first, type FrameCase, inParts, last, more, ping, pongs, resume, row, text } from "./_rfc6455.ts";

const V1 = { path: "/v1/ws" } as const;
const CUT = { deno: "cut" };
const SAMPLE = "Hello-µ@ßöäüàá-水🐾";

const hex = (bytes: string): Uint8Array => Buffer.from(bytes.replaceAll(" ", ""), "hex");
const join = (...parts: readonly (string | Uint8Array)[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));
const around = (bytes: Uint8Array): Buffer => join("a", bytes, "b");

/** A text that is told back as it came. Control characters can't stand in JSON as they are, so those go where nobody reads them. */
function good(name: string, sample: string): FrameCase {
  const isPlain = JSON.stringify(sample) === `"${sample}"`;
  return isPlain ? row(name, [text(resume(sample))], `hello ${sample}, open`, V1) : row(name, [text(sample)], "open");
}

const bad = (name: string, bytes: Uint8Array): FrameCase =>
  row(`${name}: ${Buffer.from(bytes).toString("hex")}`, [text(bytes)], 1007, CUT);
const badIn = (name: string) => (bytes: string): FrameCase => bad(name, around(hex(bytes)));
const codePoint = (code: number): FrameCase => good(`U+${code.toString(16)}`, String.fromCodePoint(code));

const SPLIT = Buffer.from(resume(SAMPLE));
const INSIDE_OF_A_CHARACTER = SPLIT.indexOf("µ") + 1;
const AFTER_A_CHARACTER = INSIDE_OF_A_CHARACTER + 1;
const BROKEN = join("κόσμε", hex("EDA080"), "edited");
const HELD = `hello ${SAMPLE}, open`;

const WHOLE_AND_IN_PARTS: readonly FrameCase[] = [
  row("nothing", [text("")], "open"),
  row("three parts of nothing", [first(""), more(""), last("")], "open"),
  row("a part between parts of nothing", [first(""), more(SPLIT), last("")], HELD, V1),
  row("a text", [text(SPLIT)], HELD, V1),
  row(
    "cut after a character",
    [first(SPLIT.subarray(0, AFTER_A_CHARACTER)), last(SPLIT.subarray(AFTER_A_CHARACTER))],
    HELD,
    V1,
  ),
  row(
    "cut inside of a character",
    [first(SPLIT.subarray(0, INSIDE_OF_A_CHARACTER)), last(SPLIT.subarray(INSIDE_OF_A_CHARACTER))],
    HELD,
    V1,
  ),
  row("every byte a part", inParts(SPLIT, 1), HELD, V1),
  row("a broken text", [text(BROKEN)], 1007, CUT),
  row("a broken text, every byte a part", inParts(BROKEN, 1), 1007, CUT),
  row("broken in the first part", [first(BROKEN), last("x")], 1007, CUT),
  row("broken in the last part", [first("x"), last(BROKEN)], 1007, CUT),
  row("broken by what is missing between two parts", [first(hex("CE")), last("x")], 1007, CUT),
  row("broken in the first part, byte by byte", [first(BROKEN), last("x")], 1007, { piece: 1, ...CUT }),
  row(
    "a ping inside of a character",
    [first(SPLIT.subarray(0, INSIDE_OF_A_CHARACTER)), ping("in"), last(SPLIT.subarray(INSIDE_OF_A_CHARACTER))],
    `${pongs("in")}${HELD}`,
    V1,
  ),
  row("a close inside of a character", [first(hex("CE")), close(closing(1000))], 1000),
];

/** The first and the last character of each length, and the neighbours of what is no character; the others are below. */
const EDGES: readonly FrameCase[] = [
  ...[0, 0x7F, 0x80, 0x7FF, 0x800, 0x1_0000].map(codePoint),
  ...[0xD7FF, 0xE000, 0xFFFD].map(codePoint),
  badIn("one past the last")("F4908080"),
];

const prefixes = (bytes: string): string[] =>
  Array.from({ length: bytes.length / 2 - 1 }, (_, cut) => bytes.slice(0, 2 * cut + 2));
const UNFINISHED = ["C280", "E0A080", "F0908080", "F888808080", "FC8480808080"].flatMap(prefixes);

const ENDS: readonly FrameCase[] = [
  ...UNFINISHED.map((bytes) => bad("not finished", hex(bytes))),
  bad("one after the other, none finished", hex(UNFINISHED.join(""))),
];

/** The same text, cut after each of its bytes. */
const CUTS: readonly FrameCase[] = Array.from({ length: 11 }, (_, length) => {
  const bytes = Buffer.from("κόσμε!").subarray(0, length);
  const whole = bytes.toString("utf8");
  return whole.includes("\uFFFD") ? bad("cut", bytes) : good(`cut after ${length} bytes`, whole);
});

const continuations = (count: number): string => "80BF".repeat(3).slice(0, 2 * count);
const range = (from: number, to: number): Uint8Array => Uint8Array.from({ length: to - from + 1 }, (_, index) => from + index);
const leads = (from: number, to: number): Uint8Array =>
  Buffer.concat([...range(from, to)].map((byte) => join(Uint8Array.of(byte), " ")));

const STRAY: readonly FrameCase[] = [
  ...["80", "BF", ...[2, 3, 4, 5, 6].map(continuations)].map(badIn("continues nothing")),
  bad("every byte that continues", range(0x80, 0xBF)),
  bad("every first byte of two, alone", leads(0xC0, 0xDF)),
  bad("every first byte of three, alone", leads(0xE0, 0xEF)),
  bad("every first byte of four, alone", leads(0xF0, 0xF7)),
  bad("every first byte of five, alone", leads(0xF8, 0xFB)),
  bad("every first byte of six, alone", leads(0xFC, 0xFD)),
  ...["FE", "FF", "FEFEFFFF"].map(badIn("never a byte of UTF-8")),
];

const TOO_LONG: readonly FrameCase[] = [
  ...["C0AF", "E080AF", "F08080AF", "F8808080AF", "FC80808080AF"].map(badIn("a slash that is too long")),
  ...["C1BF", "E09FBF", "F08FBFBF", "F887BFBFBF", "FC83BFBFBFBF"].map(badIn("the most that is too long")),
  ...["C080", "E08080", "F0808080", "F880808080", "FC8080808080"].map(badIn("a NUL that is too long")),
];

const HIGH = ["EDA080", "EDADBF", "EDAE80", "EDAFBF"];
const LOW = ["EDB080", "EDBE80", "EDBFBF"];

const SURROGATES: readonly FrameCase[] = [
  ...[...HIGH, ...LOW].map(badIn("a surrogate")),
  ...HIGH.flatMap((high) => ["EDB080", "EDBFBF"].map((low) => high + low)).map(badIn("a pair of surrogates")),
];

const NO_CHARACTERS: readonly FrameCase[] = Array.from(
  { length: 17 },
  (_, plane) => [0xFFFE, 0xFFFF].map((low) => plane * 0x1_0000 + low),
)
  .flat().map(codePoint);

const BEYOND: readonly FrameCase[] = [
  ...["F5808080", "F7BFBFBF", "F888808080", "FBBFBFBFBF", "FC8480808080", "FDBFBFBFBFBF"].map(badIn("beyond Unicode")),
];

const ODD: readonly FrameCase[] = [
  row("a byte order mark in front", [text(join(hex("EFBBBF"), "x"))], "open"),
  good("a byte order mark inside", "a\uFEFFb"),
  good("from right to left", "مرحبا"),
  good("joined", "👨‍👩‍👧"),
  bad("Latin-1", Buffer.from("café!", "latin1")),
  bad("UTF-16", Buffer.from("\uFEFFcafé", "utf16le")),
  badIn("one byte more than the character has")("C3A9A9"),
];

/** Texts that are UTF-8, and texts that are not. */
export const UTF8_CASES: readonly FrameCase[] = [
  ...WHOLE_AND_IN_PARTS,
  ...EDGES,
  ...ENDS,
  ...CUTS,
  ...STRAY,
  ...TOO_LONG,
  ...SURROGATES,
  ...NO_CHARACTERS,
  ...BEYOND,
  ...ODD,
];
