/** Tables of text. @module */

import { fit, widthOf } from "./_text.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** The column is not made narrower than this, in columns of the terminal. */
  readonly least: number;
  /** One line, harmless; see `oneLine`. */
  cell(row: Row): string;
  /** Dresses the finished cell in escape sequences. */
  readonly dress?: (row: Row, text: string) => string;
}

const GAP = "  ";

/**
 * The lines of a table, first the titles. Columns that are empty in all rows are left out.
 *
 * @param width Columns of the terminal. The widest columns are cut until the table fits, and where that is not enough the last
 * ones are left out, but for the first. Default: as wide as needed.
 */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number = Infinity): string[] {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""))
    .map(({ column, cells }, place) => {
      const wanted = Math.max(column.title.length, ...cells.map(widthOf));
      const least = Math.min(wanted, Math.max(column.title.length, column.least), place === 0 ? width : Infinity);
      return { column, cells, wanted, least };
    });
  while (filled.length > 1 && widthWithGaps(filled.map(({ least }) => least)) > width) filled.pop();
  const widths = narrow(filled, width - GAP.length * (filled.length - 1));
  const line = (textOf: (place: number, columns: number) => string) =>
    filled.map((_, place) => textOf(place, widths[place] ?? 0)).join(GAP).trimEnd();
  return [
    line((place, columnWidth) => fit(filled[place]?.column.title ?? "", columnWidth)),
    ...rows.map((row, at) =>
      line((place, columnWidth) => {
        const text = fit(filled[place]?.cells[at] ?? "", columnWidth);
        return filled[place]?.column.dress?.(row, text) ?? text;
      })
    ),
  ];
}

const widthWithGaps = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));

/** Takes from the widest until all have room. */
function narrow(columns: readonly { readonly wanted: number; readonly least: number }[], room: number): number[] {
  const widths = columns.map(({ wanted }) => wanted);
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    let widest = -1;
    columns.forEach(({ least }, at) => {
      const width = widths[at] ?? 0;
      if (width > least && (widest < 0 || width > (widths[widest] ?? 0))) widest = at;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}
