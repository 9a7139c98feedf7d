/** The rows of the table: what is measured, and how good it has to be. @module */

/** The servers that take turns. */
export const TARGET_NAMES = ["peer", "node", "deno"] as const;

/** A server that takes its turn. */
export type TargetName = typeof TARGET_NAMES[number];

/** Perch on one runtime. */
export type PerchName = Exclude<TargetName, "peer">;

/** What a value has to reach; `shown` asks for nothing but that the value is there. */
export type Goal =
  | { readonly kind: "ratio"; readonly least: number }
  | { readonly kind: "value"; readonly most: number; readonly mostLater?: number }
  | { readonly kind: "share"; readonly least: number }
  | { readonly kind: "shown" };

/** At least this many times better than the peer. */
export const times = (least: number): Goal => ({ kind: "ratio", least });

/** At most this, in the unit of the row; and of {@linkcode Reading.later} at most `mostLater`, when it is given. */
export const atMost = (most: number, mostLater?: number): Goal =>
  mostLater === undefined ? { kind: "value", most } : { kind: "value", most, mostLater };

/** At least this share of what Perch itself does in another way: {@linkcode Reading.value} is that share. */
export const share = (least: number): Goal => ({ kind: "share", least });

/** Measured and shown, with no claim. */
export const SHOWN: Goal = { kind: "shown" };

/** A row of the table. */
export interface Row {
  readonly measure: string;
  readonly unit: string;
  /** Which values are the better ones. */
  readonly better: "more" | "less";
  /** No goal for a runtime: the row is not measured there. */
  readonly goals: Readonly<Partial<Record<PerchName, Goal>>>;
}

/** What one turn has shown of a row. */
export interface Reading {
  readonly row: Row;
  readonly value: number;
  /** CPU of the server for one event or one message that was delivered, in microseconds. */
  readonly cpuUs?: number;
  /** How much of the value came in the second half, where a goal asks for it. */
  readonly later?: number;
  /** Why the value is void, e.g. readers that missed messages. */
  readonly fault?: string | undefined;
  /** What else is worth keeping; for the JSON only. */
  readonly details?: Readonly<Record<string, number>>;
}

/** A reading, and how it came about. Those of one round belong together. */
export interface Sample extends Reading {
  readonly target: TargetName;
  readonly round: number;
  /** CPU that other processes used meanwhile, in percent of one core. */
  readonly othersPct: number;
}
