import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatCursor, newEpoch, parseCursor, planResume } from "../../src/protocol/cursor.ts";
import { anyText } from "../support/arbitraries.ts";

const EPOCH = "Ab3Ab3Ab3A";
const LOG = { epoch: EPOCH, head: 20, oldest: 11 };

test("reads what it has written", () => {
  const epochs = fc.stringMatching(/^[A-Za-z0-9]{8,10}$/);
  fc.assert(fc.property(epochs, fc.maxSafeNat(), (epoch, seq) => {
    assert.equal(parseCursor(formatCursor(epoch, seq)), { epoch, seq });
  }));
});

const MALFORMED = [
  "",
  ".",
  "1",
  EPOCH,
  `${EPOCH}.`,
  `.${1}`,
  `${EPOCH}.01`,
  `${EPOCH}.-1`,
  `${EPOCH}.+1`,
  `${EPOCH}.1.5`,
  `${EPOCH}.1e3`,
  `${EPOCH}.0x1`,
  `${EPOCH}.1 `,
  ` ${EPOCH}.1`,
  `${EPOCH}.1\n`,
  `${EPOCH} .1`,
  `${EPOCH}.١`,
  `${EPOCH}1.1`,
  "Ab3Ab3A.1",
  "Äb3Ab3Ab3A.1",
  `${EPOCH}.${Number.MAX_SAFE_INTEGER + 1}`,
  `${EPOCH}.99999999999999999`,
  `${EPOCH}.${"9".repeat(1000)}`,
  `${EPOCH}.1,${EPOCH}.2`,
  "__proto__",
  "Earliest",
];

test("takes nothing else for a cursor", () => {
  for (const text of MALFORMED) assert.is(parseCursor(text), undefined, JSON.stringify(text));
  assert.equal(parseCursor(`${EPOCH}.${Number.MAX_SAFE_INTEGER}`), { epoch: EPOCH, seq: Number.MAX_SAFE_INTEGER });
});

test("either refuses a text, or writes it back as it was", () => {
  const texts = fc.oneof(anyText, fc.stringMatching(/^[A-Za-z0-9]{7,11}\.[0-9]{0,18}$/));
  fc.assert(fc.property(texts, (text) => {
    const place = parseCursor(text);
    if (place !== undefined) assert.is(formatCursor(place.epoch, place.seq), text);
  }));
});

test("goes on where a cursor left off, as long as the next message is kept", () => {
  for (const seq of [10, 11, 15, 20]) {
    assert.equal(planResume(`${EPOCH}.${seq}`, LOG), { mode: "delta", since: seq });
  }
});

test("starts with a snapshot, and says why, when it can't go on", () => {
  const reasons = [
    [undefined, "none"],
    ["", "none"],
    [`${EPOCH}.9`, "gap"],
    [`${EPOCH}.0`, "gap"],
    [`${EPOCH}.21`, "future"],
    [`${EPOCH}.${Number.MAX_SAFE_INTEGER}`, "future"],
    ["ab3ab3ab3a.15", "epoch"],
    [`${EPOCH.slice(1)}.15`, "epoch"],
    ["otherlog.999", "epoch"],
  ] as const;
  for (const [cursor, reason] of reasons) assert.equal(planResume(cursor, LOG), { mode: "snapshot", reason }, cursor);
  for (const cursor of MALFORMED.slice(1)) {
    assert.equal(planResume(cursor, LOG), { mode: "snapshot", reason: "malformed" }, JSON.stringify(cursor));
  }
});

test("earliest asks for all that is kept, now for nothing but what comes", () => {
  assert.equal(planResume("earliest", LOG), { mode: "delta", since: 10 });
  assert.equal(planResume("now", LOG), { mode: "delta", since: 20 });
});

test("knows its place in a log that is empty, and in one that has lost all but its newest message", () => {
  const empty = { epoch: EPOCH, head: 0, oldest: 1 };
  assert.equal(planResume(`${EPOCH}.0`, empty), { mode: "delta", since: 0 });
  assert.equal(planResume(`${EPOCH}.1`, empty), { mode: "snapshot", reason: "future" });
  assert.equal(planResume("earliest", empty), { mode: "delta", since: 0 });
  const short = { epoch: EPOCH, head: 9, oldest: 9 };
  assert.equal(planResume(`${EPOCH}.8`, short), { mode: "delta", since: 8 });
  assert.equal(planResume(`${EPOCH}.7`, short), { mode: "snapshot", reason: "gap" });
});

test("promises exactly what the log has, wherever log and cursor stand", () => {
  fc.assert(fc.property(fc.nat(30), fc.nat(30), fc.nat(40), (head, kept, seq) => {
    const log = { epoch: EPOCH, head, oldest: head - Math.min(kept, head) + 1 };
    const missed = Array.from({ length: Math.max(0, head - seq) }, (_, index) => seq + 1 + index);
    const isThere = seq <= head && missed.every((each) => each >= log.oldest && each <= head);
    assert.is(planResume(`${EPOCH}.${seq}`, log).mode, isThere ? "delta" : "snapshot");
  }));
});

test("makes epochs of 10 characters out of all 62, none of them twice", () => {
  const epochs = Array.from({ length: 2_000 }, newEpoch);
  for (const epoch of epochs) assert.match(epoch, /^[A-Za-z0-9]{10}$/);
  assert.is(new Set(epochs).size, epochs.length);
  assert.is(new Set(epochs.join("")).size, 62);
});

test.run();
