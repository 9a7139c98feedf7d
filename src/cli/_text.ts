/** Text that others wrote, made fit for a terminal: harmless, and as wide as it is said to be. @module */

const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
const LINE_BREAKS = /[\t\n\r\v\f\u0085\u2028\u2029]+/g;

/**
 * One line without anything that a terminal would obey or hide: tabs and line breaks become spaces, other control characters
 * `\uFFFD`, and what is invisible (also what turns the writing direction) is left out.
 */
export function oneLine(text: string): string {
  return text.replace(LINE_BREAKS, " ").replace(/\p{Cc}/gu, "\uFFFD").replace(INVISIBLE, "").trim();
}

const PLAIN = /^[\x20-\x7E]*$/;
const WIDE =
  /^(?:[\u1100-\u115F\u2E80-\u303E\u3041-\u4DBF\u4E00-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|.\uFE0F)/u;

/** Marks that one character may carry; more are a trick to paint over other lines. */
const MOST_MARKS = 8;

/** Made on first use: it takes longer than all else at the start of a program. */
let graphemes: Intl.Segmenter | undefined;

/**
 * Parts of one line that belong together, with their widths: 2 columns for what East Asian scripts and emoji take, else 1. Of a
 * character with too many marks only itself is left.
 */
function* measured(line: string): Generator<readonly [part: string, width: number]> {
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { segment } of graphemes.segment(line)) {
    const [base = "", ...marks] = segment;
    yield [marks.length > MOST_MARKS ? base : segment, WIDE.test(segment) ? 2 : 1];
  }
}

/** How many columns one line takes. */
export function widthOf(line: string): number {
  if (PLAIN.test(line)) return line.length;
  let width = 0;
  for (const [, columns] of measured(line)) width += columns;
  return width;
}

/** The line in exactly `columns` columns: filled with spaces, or cut, with `…` at its end. */
export function fit(line: string, columns: number): string {
  if (PLAIN.test(line)) {
    return line.length <= columns ? line.padEnd(columns) : columns < 1 ? "" : `${line.slice(0, columns - 1)}…`;
  }
  let kept = "";
  let keptWidth = 0;
  let short = "";
  let shortWidth = 0;
  for (const [part, width] of measured(line)) {
    if (keptWidth + width > columns) return columns < 1 ? "" : `${short}…`.padEnd(short.length + columns - shortWidth);
    kept += part;
    keptWidth += width;
    if (keptWidth > columns - 1) continue;
    short = kept;
    shortWidth = keptWidth;
  }
  return kept + " ".repeat(columns - keptWidth);
}
