/**
 * THE table of states. Everything that names a state reads it from here: the state machine, the v0 and v1 surfaces, the
 * documentation check and the tests.
 *
 * @module
 */

/** A session's (and the aggregate's) state, as v1 names it. */
export type State =
  | "failed"
  | "waiting"
  | "prompted"
  | "starting"
  | "ending"
  | "done"
  | "working"
  | "unknown"
  | "idle";

/** What a v0 floater (and a Codex/petdex sprite sheet) shows for a state. */
export type Pose = "failed" | "review" | "jump" | "extra1" | "extra2" | "wave" | "run" | "idle";

/**
 * How a state lasts: an `overlay` covers the base for a fixed time, a `sticky` state stays until it is answered, a `base`
 * state is what shows when nothing covers it.
 */
export type StateKind = "overlay" | "sticky" | "base";

/** One row of the table of states. */
export interface StateRow {
  /** The v0 pose of this state. */
  readonly pose: Pose;
  readonly kind: StateKind;
  /** How long the state lasts by default, in milliseconds; absent where evidence ends it. */
  readonly ms?: number;
}

/** Poses, kinds and durations of all states. Durations of overlays are those of the mavis pet broker 0.7.4. */
export const STATES: Readonly<Record<State, StateRow>> = {
  failed: { pose: "failed", kind: "overlay", ms: 2_000 },
  waiting: { pose: "review", kind: "sticky", ms: 30 * 60_000 },
  prompted: { pose: "jump", kind: "overlay", ms: 1_500 },
  starting: { pose: "extra1", kind: "overlay", ms: 2_500 },
  ending: { pose: "extra2", kind: "overlay", ms: 2_500 },
  done: { pose: "wave", kind: "overlay", ms: 1_000 },
  working: { pose: "run", kind: "base" },
  unknown: { pose: "idle", kind: "base" },
  idle: { pose: "idle", kind: "base" },
};

/** Default order of the aggregate: the first state that any session is in wins. The v0 poses keep the order of 0.7.4. */
export const DEFAULT_ORDER: readonly State[] = [
  "failed",
  "waiting",
  "prompted",
  "starting",
  "ending",
  "done",
  "working",
  "unknown",
  "idle",
];

/** How long states and evidence last, in milliseconds. */
export interface Timings {
  /** `failed` shows for this long, whatever follows. Default 2,000 (2 s). */
  readonly failedMs: number;
  /** An unanswered permission request turns `unknown` after this. Default 1,800,000 (30 min). */
  readonly waitingMs: number;
  /** Default 1,500 (1.5 s). */
  readonly promptedMs: number;
  /** Default 2,500 (2.5 s). */
  readonly startingMs: number;
  /** An ended session is forgotten after this. Default 2,500 (2.5 s). */
  readonly endingMs: number;
  /** Default 1,000 (1 s). */
  readonly doneMs: number;
  /** Without an open tool or turn, `working` ends this long after the last event. Default 30,000 (30 s). */
  readonly silenceMs: number;
  /** A tool that is open for longer is no evidence of work any more. Default 600,000 (10 min). */
  readonly toolMs: number;
  /** An open turn without any event is no evidence of work after this. Default 600,000 (10 min). */
  readonly turnMs: number;
  /** A session without any event is forgotten after this. Default 86,400,000 (24 h). */
  readonly forgetMs: number;
}

/**
 * The timings with defaults for what is left out.
 *
 * @throws {RangeError} If one is not a number of milliseconds above 0.
 */
export function completeTimings(timings: Partial<Timings> = {}): Timings {
  for (const [name, ms] of Object.entries(timings)) {
    if (!(Number.isFinite(ms) && ms > 0)) throw new RangeError(`Cannot use ${name} ${ms}: it must be milliseconds above 0`);
  }
  return { ...DEFAULT_TIMINGS, ...timings };
}

/** The documented defaults of {@linkcode Timings}. */
export const DEFAULT_TIMINGS: Timings = {
  failedMs: 2_000,
  waitingMs: 30 * 60_000,
  promptedMs: 1_500,
  startingMs: 2_500,
  endingMs: 2_500,
  doneMs: 1_000,
  silenceMs: 30_000,
  toolMs: 10 * 60_000,
  turnMs: 10 * 60_000,
  forgetMs: 24 * 60 * 60_000,
};
