import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MAX_OPEN } from "../../src/core/evidence.ts";
import { expire } from "../../src/core/expire.ts";
import { nextDeadline, type Session, shownState } from "../../src/core/session.ts";
import { DEFAULT_TIMINGS } from "../../src/core/states.ts";
import { transition } from "../../src/core/transition.ts";
import { type Happening, happenings, Life, type Shown, stamped, WALL } from "../support/events.ts";

const { failedMs, waitingMs, endingMs, doneMs, silenceMs, toolMs, forgetMs } = DEFAULT_TIMINGS;

/** Lives through all that happens, as one session; `note` sees each event once it has acted. */
function live(all: readonly Happening[], note: (life: Life, at: number, happening: Happening) => void = () => {}): Life {
  const life = Life.v1();
  let now = 0;
  for (const happening of all) {
    now += happening.pause;
    const { kind, ...fields } = happening.event;
    life.at(now, kind, { ...fields, sessionId: "s", plain: happening.plain });
    note(life, now, happening);
  }
  return life;
}

/** What showed at `time`: of changes at one moment the last counts. */
const shownAt = (shown: readonly Shown[], time: number) => shown.findLast(([at]) => at <= time)?.[1];

const isFailure = ({ event: { kind, ok, exitCode } }: Happening) =>
  kind === "turn.fail" || (kind === "tool.end" && (ok === false || (ok === undefined && exitCode === 1)));

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}

/** The session without the times that only people read. */
const timeless = (session: Session | undefined) =>
  session && { ...session, since: 0, startedAt: 0, lastEventAt: 0, because: { ...session.because, at: 0 } };

test("failed shows for its whole time, whatever follows", () => {
  fc.assert(
    fc.property(happenings(12), (all) => {
      const failures: number[] = [];
      const life = live(all, (_, at, happening) => void (isFailure(happening) && failures.push(at)));
      life.until(Number.MAX_SAFE_INTEGER);
      for (const at of failures) {
        assert.is(shownAt(life.shown, at), "failed");
        const next = life.shown.find(([changed, state]) =>
          changed >= at && state !== "failed" && shownAt(life.shown, changed) !== "failed"
        );
        assert.ok(next !== undefined && next[0] >= at + failedMs, `failed at ${at}, but ${next} followed`);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("no order of events makes a session stuck: with time alone each state ends, and the session is forgotten", () => {
  fc.assert(
    fc.property(happenings(12).filter((all) => all.length > 0), (all) => {
      const life = live(all);
      const last = all.reduce((sum, { pause }) => sum + pause, 0);
      life.untilGone();
      const gone = life.shown.at(-1)?.[0] ?? Infinity;
      assert.ok(gone <= last + forgetMs, `forgotten after ${gone - last} ms`);
      const ceilings = { working: toolMs, waiting: waitingMs, failed: failedMs, ending: doneMs + endingMs, done: doneMs };
      for (const [state, ceiling] of Object.entries(ceilings)) {
        assert.is.not(shownAt(life.shown, last + ceiling), state, `${state} for over ${ceiling} ms after the last event`);
      }
      assert.ok(["idle", "unknown", "gone"].includes(shownAt(life.shown, last + waitingMs) ?? ""));
    }),
    { numRuns: 1_000 },
  );
});

test("a v0 session is at work for 30 s after its last event at most, and unknown only after a request", () => {
  fc.assert(
    fc.property(happenings(12, true).filter((all) => all.length > 0), (all) => {
      const last = all.reduce((sum, { pause }) => sum + pause, 0);
      const life = live(all).untilGone();
      assert.is.not(shownAt(life.shown, last + silenceMs), "working");
      const hasRequest = all.some(({ event }) => event.kind === "permission.request");
      assert.ok(hasRequest || life.shown.every(([, state]) => state !== "unknown"));
    }),
    { numRuns: 500 },
  );
});

test("after every event the session is in order: what shows, its deadline, its evidence", () => {
  fc.assert(
    fc.property(happenings(20), (all) => {
      live(all, ({ alive, step }, at) => {
        assert.is(alive.state, shownState(alive));
        assert.is(alive.deadline, nextDeadline(alive));
        assert.is(step?.deadline, alive.deadline);
        assert.ok(alive.deadline > at, `due at ${alive.deadline}, and it is ${at}`);
        assert.is(alive.baseUntil > 0, alive.base === "working");
        assert.is(alive.overlayUntil > 0, alive.overlay !== undefined);
        if (alive.tools.length > 0) assert.is(alive.baseUntil, alive.tools[0]?.until);
        for (const open of [alive.tools, alive.waits]) {
          assert.ok(open.length <= MAX_OPEN);
          assert.equal(open.map(({ until }) => until), open.map(({ until }) => until).toSorted((a, b) => a - b));
        }
      });
    }),
    { numRuns: 500 },
  );
});

test("neither an event nor time changes the session that it is given", () => {
  fc.assert(fc.property(happenings(12), (all) => {
    const timings = Object.freeze({ ...DEFAULT_TIMINGS });
    let session: Session | undefined;
    let now = 0;
    for (const [seq, { pause, event, plain }] of all.entries()) {
      const given = stamped(event.kind, { ...event, sessionId: "s", seq, plain });
      now += pause;
      deepFreeze(session);
      deepFreeze(given);
      if (session !== undefined) expire(session, now, WALL, timings);
      session = transition(session, given, now, timings).session;
    }
    deepFreeze(session);
    if (session !== undefined) expire(session, now + forgetMs, WALL, timings);
  }));
});

test("time that passes in one big step does the same as in many small ones", () => {
  fc.assert(
    fc.property(happenings(10), fc.array(fc.nat(2_000_000), { maxLength: 20 }), (all, pauses) => {
      const now = all.reduce((sum, { pause }) => sum + pause, 0);
      const { session } = live(all);
      fc.pre(session !== undefined);
      let stepped: Session | undefined = session;
      let time = now;
      for (const pause of pauses) {
        time += pause;
        if (stepped !== undefined) stepped = expire(stepped, time, WALL + time, DEFAULT_TIMINGS).session;
      }
      const leapt = expire(session, time, WALL + time, DEFAULT_TIMINGS).session;
      assert.equal(timeless(leapt), timeless(stepped));
    }),
    { numRuns: 500 },
  );
});

test("time that acts late, with the next event, does the same as time that acts when it is due", () => {
  fc.assert(
    fc.property(happenings(12), (all) => {
      let session: Session | undefined;
      let now = 0;
      const punctual = live(all, (life, at, { pause, event, plain }) => {
        now += pause;
        const given = stamped(event.kind, { ...event, sessionId: "s", seq: life.alive.lastSeq, receivedAt: WALL + at, plain });
        session = transition(session, given, now, DEFAULT_TIMINGS).session;
        assert.equal(timeless(session), timeless(life.session));
      });
      assert.equal(timeless(session), timeless(punctual.session));
    }),
    { numRuns: 500 },
  );
});

test("the clocks of clients change nothing", () => {
  fc.assert(fc.property(happenings(12), fc.integer(), (all, lie) => {
    const lying = all.map((each) => ({ ...each, event: { ...each.event, occurredAt: lie } }));
    assert.equal(live(lying).session, live(all).session);
  }));
});

test.run();
