import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ClientLog, Told, Visit } from "./client-log.ts";
import { GUARANTEES, violationsOf } from "./guarantees.ts";
import { type Entry, Truth } from "./truth.ts";

const EPOCH = "epoch12345";
const ALL = ["state", "pet", "sessions", "events"];

/** The log: two events at once, with what the second causes; a pet; one event with what it causes; what time does. */
const LOG: readonly (readonly [type: string, data: object])[] = [
  ["event", { kind: "tool.start", sessionId: "a", seq: 1 }],
  ["event", { kind: "tool.start", sessionId: "b", seq: 2 }],
  ["session", { id: "b", state: "working", because: { seq: 2, source: "hook" } }],
  ["state", { state: "working", because: { seq: 2, source: "hook" } }],
  ["pet", { slug: "boba" }],
  ["event", { kind: "turn.complete", sessionId: "b", seq: 6 }],
  ["session", { id: "b", state: "done", because: { seq: 6, source: "hook" } }],
  ["state", { state: "done", because: { seq: 6, source: "hook" } }],
  ["session", { id: "b", state: "idle", because: { seq: 6, source: "clock" } }],
  ["session.gone", { id: "b", reason: "silent" }],
];

const ENTRIES: readonly Entry[] = LOG.map(([type, data], index) => ({ seq: index + 1, type, json: JSON.stringify(data) }));
const KEPT = { messages: 4, replay: { messages: 4, chars: 1_000 } };
const TRUTH = new Truth(EPOCH, ENTRIES, [[1, 2], [6, 6]], KEPT);

const id = (seq: number): string => `${EPOCH}.${seq}`;

const say = (type: string, data: object, seq?: number): Told => ({
  type,
  id: seq === undefined ? undefined : id(seq),
  json: JSON.stringify(data),
});

/** The message of this number, as it should be told; `conflated` when it stands for older ones. */
function tell(seq: number, conflated = 0): Told {
  const { type = "", json = "" } = ENTRIES[seq - 1] ?? {};
  return { type, id: id(seq), json: conflated === 0 ? json : `{"conflated":${conflated},${json.slice(1)}` };
}

const hello = (mode: string, head: number, since?: string): Told => say("hello", { epoch: EPOCH, mode, head, since });
const live = (head: number): Told => say("live", { head }, head);
const heartbeat = (seq: number): Told => ({ type: "heartbeat", id: id(seq), json: "" });

const SESSION_B = LOG[2]?.[1];
const SNAPSHOT_4 = { epoch: EPOCH, seq: 4, state: LOG[3]?.[1], pet: { slug: null }, sessions: [SESSION_B] };

/** A visit that begins with a snapshot at place 4. */
const fresh = (...told: readonly Told[]): Visit => ({
  since: undefined,
  told: [hello("snapshot", 4), say("reset", { reason: "none" }), say("snapshot", SNAPSHOT_4, 4), live(4), ...told],
});

/** A visit that goes on from a place. */
const back = (since: number, head: number, ...told: readonly Told[]): Visit => ({
  since: id(since),
  told: [hello("delta", head, id(since)), ...told],
});

const clientOf = (visits: readonly Visit[], more: Partial<ClientLog> = {}): ClientLog => ({
  name: "client",
  topics: ALL,
  session: undefined,
  visits,
  ...more,
});

/** The names of the guarantees that a client's log breaks. */
function broken(visits: readonly Visit[], more: Partial<ClientLog> = {}): string[] {
  const problems = violationsOf(clientOf(visits, more), TRUTH);
  return GUARANTEES.filter((name) => problems.some((problem) => problem.startsWith(`${name}: client `)));
}

const tellAll = (from: number, to: number): Told[] => Array.from({ length: to - from + 1 }, (_, index) => tell(from + index));

test("a client that is told all in order breaks nothing, whenever its connection breaks", () => {
  assert.equal(broken([fresh(...tellAll(5, 10))], { upTo: 10 }), []);
  for (let place = 4; place <= 10; place += 1) {
    const visits = [fresh(...tellAll(5, place)), back(place, 10, ...tellAll(place + 1, 10), live(10), heartbeat(10))];
    assert.equal(broken(visits, { upTo: 10 }), [], `cut after ${place}`);
  }
  assert.equal(broken([{ since: "earliest", told: [hello("delta", 9, "earliest"), ...tellAll(6, 10)] }]), []);
});

test("a client of some topics or of one session need not be told the rest", () => {
  assert.equal(broken([back(0, 9, tell(5), live(9), heartbeat(10))], { topics: ["pet"], upTo: 10 }), []);
  const told = [tell(2), tell(3), live(5), tell(6), tell(7), live(8), tell(9), tell(10)];
  assert.equal(broken([back(0, 5, ...told)], { topics: ["sessions", "events"], session: "b", upTo: 10 }), []);
});

test("newer messages may stand for older ones, also when the connection breaks before they are all told", () => {
  const topics = ["state", "sessions"];
  assert.equal(broken([back(0, 0, live(0), tell(8, 1), tell(10, 3))], { topics, upTo: 10 }), []);
  const cut = [back(0, 0, live(0), tell(8, 1)), back(8, 10, tell(9), tell(10), live(10))];
  assert.equal(broken(cut, { topics, upTo: 10 }), []);
});

test("ordered: nothing older comes after something newer", () => {
  assert.equal(broken([fresh(tell(6), tell(5), ...tellAll(7, 10))]), ["ordered"]);
  assert.equal(broken([fresh(tell(5), heartbeat(4), tell(6))]), ["ordered"]);
});

test("unique: nothing comes twice, not even over two visits", () => {
  assert.equal(broken([fresh(tell(5), tell(5), tell(6))]), ["unique"]);
  assert.equal(broken([fresh(tell(4), tell(5))]), ["unique"]);
  assert.equal(broken([fresh(tell(5), tell(6)), back(6, 8, tell(6), tell(7), tell(8), live(8))]), ["unique"]);
});

test("reliable: nothing is lost, between two messages, at the end or over two visits", () => {
  assert.equal(broken([fresh(tell(5), tell(7), tell(8))]), ["reliable", "atomic"]);
  assert.equal(broken([fresh(tell(6), tell(7), tell(8))]), ["reliable"]);
  assert.equal(broken([fresh(tell(5))], { upTo: 10 }), ["reliable"]);
  assert.equal(broken([fresh(), back(4, 6, tell(6))]), ["reliable"]);
  assert.equal(broken([], { upTo: 10 }), ["reliable"]);
});

test("reliable: what is told is in the log, byte for byte, and was asked for", () => {
  assert.equal(broken([fresh({ ...tell(5), json: '{"slug":"bobb"}' })]), ["reliable"]);
  assert.equal(broken([fresh({ ...tell(5), type: "state" })]), ["reliable"]);
  assert.equal(broken([back(0, 4, tell(4), tell(5))], { topics: ["state"] }), ["reliable"]);
  assert.equal(broken([back(0, 1, tell(1), tell(2))], { topics: ["events"], session: "b" }), ["reliable"]);
  assert.equal(broken([back(10, 11, say("pet", { slug: "x" }, 11))]), ["reliable"]);
});

test("reliable: a message stands for exactly as many older ones as it says, and no event is left out", () => {
  const topics = ["sessions"];
  assert.equal(broken([back(0, 0, tell(7))], { topics }), ["reliable"]);
  assert.equal(broken([back(0, 0, tell(7, 2))], { topics }), ["reliable"]);
  assert.equal(broken([back(0, 0, tell(6, 2))], { topics: ["events"] }), ["reliable"]);
});

test("atomic: a commit is told whole or not at all", () => {
  assert.equal(broken([back(0, 0, tell(2), tell(5))], { topics: ["events", "pet"] }), ["reliable", "atomic"]);
});

test("atomic: no snapshot and no bookmark stands inside of a commit", () => {
  assert.equal(broken([back(5, 7, tell(6), tell(7), live(7), tell(8))]), ["atomic"]);
  const early = { ...SNAPSHOT_4, seq: 3, state: undefined };
  const told = [hello("snapshot", 3), say("reset", { reason: "none" }), say("snapshot", early, 3), tell(4)];
  assert.equal(broken([{ since: undefined, told }]), ["atomic"]);
});

test("atomic: a snapshot is what the log has made of it", () => {
  const changes = [{ state: LOG[7]?.[1] }, { pet: { slug: "boba" } }, { sessions: [] }, { sessions: [SESSION_B, SESSION_B] }];
  for (const change of changes) {
    const snapshot = say("snapshot", { ...SNAPSHOT_4, ...change }, 4);
    const told = [hello("snapshot", 4), say("reset", { reason: "none" }), snapshot, live(4)];
    assert.equal(broken([{ since: undefined, told }]), ["atomic"], JSON.stringify(change));
  }
});

test("resumable: the broker answers for the cursor that it was asked with, in its own epoch, and as it has promised", () => {
  assert.equal(broken([{ since: id(4), told: [hello("delta", 4, id(3)), live(4)] }]), ["resumable"]);
  const other = say("hello", { epoch: "epoch00000", mode: "delta", head: 4, since: id(4) });
  assert.equal(broken([{ since: id(4), told: [other, live(4)] }]), ["resumable"]);
  const [, ...silent] = fresh().told;
  assert.equal(broken([{ since: undefined, told: silent }]), ["resumable"]);
  assert.ok(broken([{ since: id(4), told: [hello("snapshot", 4, id(4)), live(4)] }]).includes("resumable"));
  const bare = [hello("snapshot", 4), say("reset", { reason: "none" }), live(4)];
  assert.ok(broken([{ since: undefined, told: bare }]).includes("resumable"));
});

test("resumable: a reset says why, and that is true", () => {
  const reset = (reason: string, since: string | undefined, head = 4): Visit => ({
    since,
    told: [hello("snapshot", head, since), say("reset", { reason }), say("snapshot", SNAPSHOT_4, 4), live(4)],
  });
  assert.equal(broken([reset("none", id(3))]), ["resumable"]);
  assert.equal(broken([reset("epoch", id(3))]), ["resumable"]);
  assert.equal(broken([reset("future", id(3))]), ["resumable"]);
  assert.equal(broken([reset("gap", id(3))]), ["resumable"]);
  assert.equal(broken([reset("too_large", id(3))]), ["resumable"]);
  assert.equal(broken([reset("whim", id(3))]), ["resumable"]);
  assert.equal(broken([reset("gap", undefined)]), ["resumable"]);
  assert.equal(broken([reset("epoch", "epoch00000.3")]), []);
  assert.equal(broken([reset("future", id(9))]), []);
  assert.equal(broken([reset("gap", id(3), 8)]), []);
  assert.equal(broken([reset("too_large", id(3), 8)]), []);
});

test("resumable: a reset on the way is for readers that have missed too much", () => {
  const onTheWay = (...told: readonly Told[]): Visit => ({
    since: id(0),
    told: [
      hello("delta", 0, id(0)),
      live(0),
      ...told,
      say("reset", { reason: "gap" }),
      say("snapshot", SNAPSHOT_4, 4),
      live(4),
    ],
  });
  assert.equal(broken([onTheWay(tell(1), tell(2))]), ["resumable"]);
  const patient = new Truth(EPOCH, ENTRIES, [[1, 2], [6, 6]], { messages: 4, replay: { messages: 3, chars: 1_000 } });
  assert.equal(violationsOf(clientOf([onTheWay()]), patient), []);
});

test("bookmarkable: a cursor without a message covers nothing that was not told before it", () => {
  assert.equal(broken([fresh(heartbeat(5), tell(5), tell(6))]), ["bookmarkable"]);
  assert.equal(broken([fresh(heartbeat(5)), back(5, 8, tell(6), tell(7), tell(8), live(8))]), ["reliable", "bookmarkable"]);
  assert.equal(broken([back(4, 8, live(5), tell(5), tell(6), tell(7), tell(8))]), ["bookmarkable"]);
  const behind = [back(0, 0, live(0), tell(8, 1), heartbeat(9))];
  assert.equal(broken(behind, { topics: ["state", "sessions"] }), ["bookmarkable"]);
});

test("a log with a hole is no truth", () => {
  assert.throws(() => new Truth(EPOCH, ENTRIES.slice(1), [], KEPT), /number 2 where 1 should be/);
});

test.run();
