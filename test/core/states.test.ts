import { test } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_ORDER, DEFAULT_TIMINGS, type State, STATES } from "../../src/core/states.ts";

test("the table holds the poses, kinds and durations of the protocol", () => {
  assert.equal(STATES, {
    failed: { pose: "failed", kind: "overlay", ms: 2_000 },
    waiting: { pose: "review", kind: "sticky", ms: 1_800_000 },
    prompted: { pose: "jump", kind: "overlay", ms: 1_500 },
    starting: { pose: "extra1", kind: "overlay", ms: 2_500 },
    ending: { pose: "extra2", kind: "overlay", ms: 2_500 },
    done: { pose: "wave", kind: "overlay", ms: 1_000 },
    working: { pose: "run", kind: "base" },
    unknown: { pose: "idle", kind: "base" },
    idle: { pose: "idle", kind: "base" },
  });
});

test("the default timings are those of the protocol, and agree with the table", () => {
  assert.equal(DEFAULT_TIMINGS, {
    failedMs: 2_000,
    waitingMs: 1_800_000,
    promptedMs: 1_500,
    startingMs: 2_500,
    endingMs: 2_500,
    doneMs: 1_000,
    silenceMs: 30_000,
    toolMs: 600_000,
    turnMs: 600_000,
    forgetMs: 86_400_000,
  });
  const { failedMs, waitingMs, promptedMs, startingMs, endingMs, doneMs } = DEFAULT_TIMINGS;
  const timed: Partial<Record<State, number>> = {
    failed: failedMs,
    waiting: waitingMs,
    prompted: promptedMs,
    starting: startingMs,
    ending: endingMs,
    done: doneMs,
  };
  for (const state of DEFAULT_ORDER) assert.is(STATES[state].ms, timed[state], state);
});

test("the default order names every state once and keeps the order of the v0 poses", () => {
  assert.equal([...DEFAULT_ORDER].sort(), Object.keys(STATES).sort());
  const poses = [...new Set(DEFAULT_ORDER.map((state) => STATES[state].pose))];
  assert.equal(poses, ["failed", "review", "jump", "extra1", "extra2", "wave", "run", "idle"]);
});

test.run();
