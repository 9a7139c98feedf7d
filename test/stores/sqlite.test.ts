import { DatabaseSync } from "node:sqlite";
import * as assert from "uvu/assert";
import { StoreError } from "../../src/errors.ts";
import { type Database, isBroken, NewerSchemaError } from "../../src/stores/sqlite.ts";
import { storeContract } from "../contracts/store.ts";
import { commitOf, messageAt, messagesFrom, seqsOf } from "../support/messages.ts";
import { FakeMark, freshPath, openStore } from "./_open.ts";

const test = storeContract("store in SQLite", () => openStore());

/** Opens stores of one path and one mark, as a broker does that is started again. */
function places() {
  const path = freshPath();
  const mark = new FakeMark();
  return { path, mark, open: (more = {}) => openStore(path, { mark, ...more }) };
}

test("goes on where it left off, with the same epoch", () => {
  const { open } = places();
  const first = open();
  first.append(commitOf(messagesFrom(1, 3)));
  first.append(commitOf(messagesFrom(4, 5)));
  const before = first.bounds();
  first.close();
  const second = open();
  assert.equal(second.bounds(), before);
  assert.equal(seqsOf(second.read(0, 10)), [1, 2, 3, 4, 5]);
  second.append(commitOf([messageAt(6)]));
  assert.equal(seqsOf(second.read(1, 3)), [2, 3, 4]);
});

test("reads from the file what is no longer in memory, however commits were cut", () => {
  const store = openStore(freshPath(), { ring: { items: 5, bytes: 1_000_000 } });
  for (let seq = 1; seq <= 100; seq += 4) store.append(commitOf(messagesFrom(seq, seq + 3)));
  assert.equal(seqsOf(store.read(0, 3)), [1, 2, 3]);
  assert.equal(seqsOf(store.read(41, 7)), [42, 43, 44, 45, 46, 47, 48]);
  assert.equal(seqsOf(store.read(96, 10)), [97, 98, 99, 100]);
  assert.equal(seqsOf(store.read(0, 1_000)), seqsOf(messagesFrom(1, 100)));
});

test("tells what it takes in memory and in its file, also once neither can be asked any more", () => {
  const store = openStore();
  const before = store.size?.();
  for (let seq = 1; seq <= 500; seq += 1) store.append(commitOf([messageAt(seq)]));
  const after = store.size?.();
  assert.ok((after?.memoryBytes ?? 0) > (before?.memoryBytes ?? 0));
  assert.ok((after?.diskBytes ?? 0) > (before?.diskBytes ?? 0) && (after?.diskBytes ?? 0) % 4_096 === 0);
  store.close();
  assert.equal(store.size?.(), { memoryBytes: after?.memoryBytes });
});

test("reads after a restart what it kept before, from memory once it was asked for", () => {
  const { open } = places();
  const first = open();
  first.append(commitOf(messagesFrom(1, 50)));
  first.close();
  const second = open({ ring: { items: 20, bytes: 1_000_000 } });
  second.append(commitOf(messagesFrom(51, 55)));
  assert.equal(seqsOf(second.read(44, 100)), seqsOf(messagesFrom(45, 55)));
  const [before] = second.read(44, 1);
  second.append(commitOf(messagesFrom(56, 58)));
  assert.is(second.read(44, 1)[0], before);
  assert.equal(seqsOf(second.read(30, 100)), seqsOf(messagesFrom(31, 58)));
});

test("begins a new epoch when the log is shorter than it was, was put back, or its mark is gone", () => {
  for (const text of [undefined, "", "garbage", "otherEpoch.3"]) {
    const { mark, open } = places();
    const first = open();
    first.append(commitOf(messagesFrom(1, 3)));
    const { epoch } = first.bounds();
    first.close();
    mark.text = text;
    const second = open();
    assert.is.not(second.bounds().epoch, epoch);
    assert.is(second.bounds().head, 3, "what is there stays");
    second.close();
    assert.is(open().bounds().epoch, second.bounds().epoch);
  }
  const { mark, open } = places();
  const first = open();
  first.append(commitOf(messagesFrom(1, 3)));
  const { epoch } = first.bounds();
  mark.text = `${epoch}.4`;
  first.close();
  assert.is.not(open().bounds().epoch, epoch);
});

test("keeps receipts over a restart, at least the newest and the youngest", () => {
  const { open } = places();
  const receipts = { ageMs: 1_000, least: 5, most: 40 };
  const first = open({ receipts });
  const keep = (key: number, now: number) =>
    first.append(commitOf([], { now, receipts: [{ key: String(key), fingerprint: "f", seqs: [key] }] }));
  for (let key = 1; key <= 30; key += 1) keep(key, 10_000);
  assert.ok(first.receipt("1"), "young enough");
  for (let key = 31; key <= 36; key += 1) keep(key, 20_000);
  first.close();
  const second = open({ receipts });
  for (let key = 32; key <= 36; key += 1) assert.equal(second.receipt(String(key))?.seqs, [key]);
  assert.is(second.receipt("1"), undefined);
});

test("never keeps more receipts than it may", () => {
  const store = openStore(freshPath(), { receipts: { ageMs: 1_000_000, least: 2, most: 10 } });
  for (let key = 1; key <= 100; key += 1) {
    store.append(commitOf([], { receipts: [{ key: String(key), fingerprint: "f", seqs: [key] }] }));
  }
  const kept = Array.from({ length: 100 }, (_, index) => store.receipt(String(index + 1))).filter((each) => each !== undefined);
  assert.ok(kept.length <= 10 && kept.length >= 2, String(kept.length));
});

test("forgets what is too much or too old, but nothing that is needed to go on", () => {
  const store = openStore(freshPath(), { ring: { items: 1, bytes: 1 }, retention: { events: 100, ageMs: 1_000 } });
  for (let seq = 1; seq <= 5_000; seq += 20) store.append(commitOf(messagesFrom(seq, seq + 19), { now: 0 }));
  const { head, oldest } = store.bounds();
  assert.is(head, 5_000);
  assert.ok(oldest > 3_900 && oldest <= 4_901, String(oldest));
  assert.is(store.read(oldest - 1, 1)[0]?.seq, oldest);
  assert.equal(store.read(oldest - 2, 1).map(({ seq }) => seq), [oldest]);
});

test("refuses a file of a newer version and leaves it as it is", () => {
  const path = freshPath();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99; CREATE TABLE theirs (x);");
  database.close();
  assert.throws(() => openStore(path), (error: unknown) => error instanceof NewerSchemaError && error.message.includes("99"));
  const after = new DatabaseSync(path);
  assert.equal({ ...after.prepare("PRAGMA user_version").get() }, { user_version: 99 });
  after.close();
});

test("tells a log whose text was changed", () => {
  const { path, open } = places();
  const store = open();
  store.append(commitOf(messagesFrom(1, 3)));
  store.close();
  const database = new DatabaseSync(path);
  database.exec("UPDATE log SET body = replace(body, 's1', 's9')");
  database.close();
  try {
    open();
    assert.unreachable();
  } catch (error) {
    assert.ok(isBroken(error), String(error));
  }
});

/** A database whose next writes fail, with the code of SQLite that it is told. */
function failing(path: string) {
  const real = new DatabaseSync(path);
  const state: { errcode: number | undefined } = { errcode: undefined };
  const database: Database = {
    exec: (sql) => real.exec(sql),
    close: () => real.close(),
    prepare(sql) {
      const statement = real.prepare(sql);
      const run = (...values: readonly (string | number)[]) => {
        if (state.errcode !== undefined && sql === "COMMIT") throw Object.assign(new Error("no"), { errcode: state.errcode });
        return statement.run(...values);
      };
      return { run, get: (...values) => statement.get(...values), all: (...values) => statement.all(...values) };
    },
  };
  return { database, state };
}

test("a full disk is 507, everything else 503; nothing has happened, and it works again", () => {
  const path = freshPath();
  const { database, state } = failing(path);
  const store = openStore(path, { database });
  store.append(commitOf(messagesFrom(1, 2)));
  for (const [errcode, status] of [[13, 507], [10, 503], [1_546, 503], [8, 503]] as const) {
    state.errcode = errcode;
    const isRight = (error: unknown) => error instanceof StoreError && error.status === status;
    assert.throws(() => store.append(commitOf([messageAt(3)])), isRight);
    assert.throws(() => store.check(), isRight);
    assert.equal([store.bounds().head, seqsOf(store.read(0, 9))], [2, [1, 2]]);
  }
  state.errcode = undefined;
  store.check();
  store.append(commitOf([messageAt(3)]));
  assert.equal(seqsOf(store.read(0, 9)), [1, 2, 3]);
});

test.run();
