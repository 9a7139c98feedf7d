import { test } from "uvu";
import * as assert from "uvu/assert";
import { Registry } from "../src/core/registry.ts";
import { newSession, type Session } from "../src/core/session.ts";
import { Expiry } from "../src/expiry.ts";
import { stamped } from "./support/events.ts";
import { FakeClock } from "./support/fake-clock.ts";

/** An expiry whose commits do what `commit` says and are noted with their time. */
function expiryOf(commit: (due: readonly Session[], registry: Registry) => void | Promise<void>) {
  const clock = new FakeClock();
  const registry = new Registry();
  const commits: [at: number, count: number][] = [];
  const expiry = new Expiry(registry, clock, (due) => {
    commits.push([clock.now(), due.length]);
    return commit(due, registry);
  });
  const add = (count: number, deadline: number) => {
    for (let number = 0; number < count; number += 1) {
      const id = `${registry.size}`;
      registry.put({ ...newSession(stamped("session.update", { sessionId: id }), deadline), deadline });
    }
    expiry.update();
  };
  return { clock, registry, commits, expiry, add };
}

const forget = (due: readonly Session[], registry: Registry): void => {
  for (const { id } of due) registry.remove(id);
};

const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

test("what is due together is committed together, at its time, and one timer waits for it", () => {
  const { clock, commits, add } = expiryOf(forget);
  add(3, 20);
  add(2, 10);
  assert.is(clock.pending, 1);
  clock.advance(9);
  assert.equal(commits, []);
  clock.advance(91);
  assert.equal([commits, clock.pending], [[[10, 2], [20, 3]], 0]);
});

test("at most 100 sessions are committed at once, and other work has its turn before the next", () => {
  const seen: number[] = [];
  const { clock, commits, add } = expiryOf((due, registry) => {
    forget(due, registry);
    clock.defer(() => seen.push(commits.length));
  });
  add(250, 10);
  clock.advance(10);
  assert.equal(commits, [[10, 100], [10, 100], [10, 50]]);
  assert.equal(seen, [1, 2, 3]);
});

test("exactly 100 sessions leave nothing to do and no timer", () => {
  const { clock, commits, add } = expiryOf(forget);
  add(100, 10);
  clock.advance(1_000);
  assert.equal([commits, clock.pending, clock.deferred], [[[10, 100]], 0, 0]);
});

test("what could not be kept is due again 1 s later, and later deadlines are not lost", () => {
  let isBroken = true;
  const { clock, commits, add, registry } = expiryOf((due, all) => {
    if (isBroken) throw new Error("disk full");
    forget(due, all);
  });
  add(2, 10);
  add(1, 5_000);
  clock.advance(1_009);
  assert.equal(commits, [[10, 2]]);
  clock.advance(1);
  assert.equal(commits, [[10, 2], [1_010, 2]]);
  isBroken = false;
  clock.advance(10_000);
  assert.equal([commits.slice(2), registry.size, clock.pending], [[[2_010, 2], [5_000, 1]], 0, 0]);
});

test("more than a slice that could not be kept is due again too", () => {
  let isBroken = true;
  const { clock, add, registry } = expiryOf((due, all) => {
    if (isBroken) throw new Error("disk full");
    forget(due, all);
  });
  add(150, 10);
  clock.advance(500);
  isBroken = false;
  clock.advance(1_000);
  assert.equal([registry.size, clock.pending, clock.deferred], [0, 0, 0]);
});

test("while a store takes its time nothing else is committed, and what is refused is due again", async () => {
  const answers: ((isKept: boolean) => void)[] = [];
  const { clock, commits, add, registry } = expiryOf((due, all) =>
    new Promise<void>((resolve, reject) => {
      answers.push((isKept) => {
        if (isKept) forget(due, all);
        return isKept ? resolve() : reject(new Error("disk full"));
      });
    })
  );
  add(1, 10);
  clock.advance(10);
  add(1, 20);
  clock.advance(490);
  assert.equal(commits, [[10, 1]]);
  answers[0]?.(false);
  await settled();
  clock.advance(2_000);
  assert.equal(commits, [[10, 1], [1_500, 2]]);
  answers[1]?.(true);
  await settled();
  assert.equal([registry.size, clock.pending], [0, 0]);
});

test("once it is stopped no time passes, not even for what is under way or could not be kept", () => {
  const waiting = expiryOf(forget);
  waiting.add(1, 10);
  waiting.expiry.stop();
  waiting.add(1, 20);
  waiting.clock.advance(1_000);
  assert.equal([waiting.commits, waiting.clock.pending], [[], 0]);

  const busy = expiryOf((due, all) => {
    forget(due, all);
    busy.expiry.stop();
  });
  busy.add(150, 10);
  busy.clock.advance(1_000);
  assert.equal([busy.commits, busy.clock.pending, busy.clock.deferred], [[[10, 100]], 0, 0]);

  const broken = expiryOf(() => {
    broken.expiry.stop();
    throw new Error("disk full");
  });
  broken.add(1, 10);
  broken.clock.advance(10_000);
  assert.equal([broken.commits, broken.clock.pending], [[[10, 1]], 0]);
});

test.run();
