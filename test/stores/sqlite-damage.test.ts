// limit: 120 s
// hard limit: 1800 s
/** Files of a log that a disk has damaged: it is found out and told, or nothing is lost. What was never written is never read. */

import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openSqliteStore } from "../../adapters/sqlite.ts";
import { createBroker } from "../../src/broker.ts";
import type { Store } from "../../src/ports/store.ts";
import { agentEvent } from "../support/events.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { measured, rounds } from "../support/hard.ts";
import { recordsOf } from "../support/log-records.ts";
import { type Random, randomOf, SEED, seeded } from "../support/seed.ts";
import { freshPath } from "./_open.ts";
import { copyLog, type Image, lineOfMessage, makeImage, readAll, textOfKept } from "./_image.ts";

const DAMAGES = rounds(40, 1_000);

/** Enough for a checkpoint, and for more than one log of changes. */
const COMMITS = 900;

const PAGE = 4_096;

/** Ways to damage a file of `size` bytes. */
const WAYS: Readonly<Record<string, (file: number, size: number, random: Random) => void>> = {
  "one bit is another": (file, size, random) => {
    const place = random.below(size);
    const byte = new Uint8Array([(readByte(file, place) ^ (1 << random.below(8))) & 0xFF]);
    writeSync(file, byte, 0, 1, place);
  },
  "its end is missing": (file, size, random) => ftruncateSync(file, random.below(size)),
  "a page is empty": (file, size, random) => {
    const page = random.below(Math.ceil(size / PAGE));
    writeSync(file, new Uint8Array(Math.min(PAGE, size)), 0, Math.min(PAGE, size), page * PAGE);
  },
  "a sector is noise": (file, size, random) => {
    const noise = Uint8Array.from({ length: Math.min(512, size) }, () => random.below(256));
    writeSync(file, noise, 0, noise.length, random.below(Math.ceil(size / 512)) * 512);
  },
};

function readByte(file: number, place: number): number {
  return readFileSync(`/dev/fd/${file}`)[place] ?? 0;
}

/** Damages one file of a log in some way, and says how. */
function damage(folder: string, random: Random): string {
  const name = random.pick(readdirSync(folder).sort());
  if (random.below(20) === 0) {
    rmSync(join(folder, name));
    return `${name} is gone`;
  }
  const way = random.pick(Object.keys(WAYS));
  const file = openSync(join(folder, name), "r+");
  try {
    const { size } = statSync(join(folder, name));
    if (size > 0) WAYS[way]?.(file, size, random);
    return `in ${name} ${way}`;
  } finally {
    closeSync(file);
  }
}

/** What became of a damaged log. */
interface Outcome {
  readonly isSameEpoch: boolean;
  readonly lostMessages: number;
  readonly lostReceipts: number;
}

/** Holds what a store gives after damage against what was true. */
function judge(store: Store, image: Image): Outcome {
  const kept = store.load();
  const { epoch, head } = store.bounds();
  const lines = readAll(store).map(lineOfMessage);
  const wrong = lines.find((line) => !known.has(line));
  assert.is(wrong, undefined, `a message is told that never was: ${wrong}`);
  if (kept === undefined) assert.is(head, 0, "there is a log, but nothing to go on from");
  else assert.ok(image.kept.get(head)?.has(textOfKept(kept)), `at ${head} something else was kept`);
  const lost = [...image.receipts].filter(([id, seq]) => seq <= head && store.receipt(` event ${id}`)?.seqs[0] !== seq);
  const isSameEpoch = epoch === image.epoch;
  if (isSameEpoch) assert.is(head, image.head, "the log has another end, and its cursors are believed");
  return { isSameEpoch, lostMessages: image.messages.length - lines.length, lostReceipts: lost.length };
}

async function goesOn(store: Store): Promise<void> {
  const clock = new FakeClock();
  const broker = createBroker({ store, clock });
  const taken = broker.ingest([agentEvent("tool.start", { sessionId: "after", id: `after-${SEED}` })]);
  clock.advance(0);
  const { seqs } = await taken;
  assert.equal(broker.read((seqs[0] ?? 0) - 1, 1).map(({ body }) => body.type), ["event"]);
  await broker.close();
}

const image = await makeImage(COMMITS, randomOf(SEED));
const known: ReadonlySet<string> = new Set(image.messages);

test("what was not damaged is read as it was", async () => {
  const folder = freshPath();
  copyLog(image.folder, folder);
  const records = await recordsOf(async () => {
    const store = await openSqliteStore(join(folder, "perch.db"));
    assert.equal(judge(store, image), { isSameEpoch: true, lostMessages: 0, lostReceipts: 0 });
    await goesOn(store);
  });
  assert.equal(records.filter(({ level }) => level !== "debug"), []);
});

test(`${DAMAGES} damages are found, or nothing is lost`, () =>
  seeded(async (random) => {
    const counts = { "a new epoch": 0, "told": 0, "nothing lost": 0 };
    for (let round = 0; round < DAMAGES; round += 1) {
      const folder = freshPath();
      copyLog(image.folder, folder);
      const how = damage(folder, random);
      try {
        counts[await tryDamaged(folder)] += 1;
      } catch (cause) {
        throw new Error(`When ${how}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      }
      rmSync(folder, { recursive: true });
    }
    measured(`${DAMAGES} damages: ${JSON.stringify(counts)}`);
    assert.ok(counts["a new epoch"] > 0 && counts["nothing lost"] > 0, JSON.stringify(counts));
  }));

/** Opens a damaged log and goes on with it. Whoever lost something must be told: by a new epoch, or in the log of the program. */
async function tryDamaged(folder: string): Promise<"a new epoch" | "told" | "nothing lost"> {
  const outcomes: Outcome[] = [];
  const records = await recordsOf(async () => {
    const store = await openSqliteStore(join(folder, "perch.db"));
    outcomes.push(judge(store, image));
    await goesOn(store);
  });
  const [outcome] = outcomes;
  if (outcome?.isSameEpoch !== true) return "a new epoch";
  const { lostMessages, lostReceipts } = outcome;
  if (lostMessages === 0 && lostReceipts === 0) return "nothing lost";
  const isTold = records.some(({ level }) => level === "error");
  assert.ok(isTold, `${lostMessages} messages and ${lostReceipts} receipts are lost without a word`);
  return "told";
}

test.run();
