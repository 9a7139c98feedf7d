/** The files of a log as a crash leaves them, and all that was true while they were written. @module */

import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "../../adapters/sqlite.ts";
import { createBroker } from "../../src/broker.ts";
import { EVENT_KINDS } from "../../src/core/events.ts";
import { expire } from "../../src/core/expire.ts";
import type { Session } from "../../src/core/session.ts";
import { DEFAULT_TIMINGS } from "../../src/core/states.ts";
import type { Kept, Store } from "../../src/ports/store.ts";
import type { Message } from "../../src/protocol/message.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { Random } from "../support/seed.ts";
import { freshPath } from "./_open.ts";

/** What was true once. */
export interface Image {
  /** The folder of the files; `perch.db` is the database. */
  readonly folder: string;
  readonly epoch: string;
  readonly head: number;
  /** All messages, the first has number 1. */
  readonly messages: readonly string[];
  /** What was kept, by the head that it was kept at; more than one where a commit had no message. */
  readonly kept: ReadonlyMap<number, ReadonlySet<string>>;
  /** The place of each event that has an id. */
  readonly receipts: ReadonlyMap<string, number>;
}

/** A message as one line, to compare. */
export function lineOfMessage(message: Message): string {
  return `${message.seq} ${message.body.type} ${message.json("full")}`;
}

/**
 * What a store gives to go on from, as one text, whatever its order. What time has done without a word to anybody by `now` is not
 * kept, since it comes out the same when it is done once more: here it is done.
 */
export function textOfKept({ sessions, state, pet, now }: Omit<Kept, "at">): string {
  const settled = sessions.map((session) => settle(session, now)).sort((a, b) => a.id < b.id ? -1 : 1);
  return JSON.stringify({ sessions: settled, state, pet }, sortKeys);
}

function settle(session: Session, now: number): Session {
  if (session.deadline > now) return session;
  const { session: after } = expire(session, session.deadline, 0, DEFAULT_TIMINGS);
  if (after === undefined) throw new Error(`The session ${session.id} should have gone at ${session.deadline}, before ${now}`);
  return settle(after, now);
}

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));

const KEPT_FOLDER_PARTS = /^perch\.db(?:-wal|-head)?$/;

/** Copies the files of a log. */
export function copyLog(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) if (KEPT_FOLDER_PARTS.test(name)) cpSync(join(from, name), join(to, name));
}

/** Leads a broker through `commits` commits, and takes its files away while it has them open. */
export async function makeImage(commits: number, random: Random): Promise<Image> {
  const folder = `${freshPath()}.life`;
  mkdirSync(folder);
  const store = await openSqliteStore(join(folder, "perch.db"));
  const clock = new FakeClock();
  const broker = createBroker({ store, clock });
  const kept = new Map<number, Set<string>>();
  const receipts = new Map<string, number>();
  const note = (): void => {
    const { head } = store.bounds();
    const text = textOfKept({
      sessions: [...broker.sessions()],
      state: broker.state(),
      pet: broker.pet() ?? undefined,
      now: clock.now(),
    });
    kept.set(head, (kept.get(head) ?? new Set()).add(text));
  };
  broker.onMessages(note);
  for (let count = 0; count < commits; count += 1) {
    const id = `event-${count}`;
    const event = {
      kind: random.pick(EVENT_KINDS),
      sessionId: `s${random.below(12)}`,
      title: "t".repeat(random.below(200)),
      id,
    };
    const taken = broker.ingest([event]);
    clock.advance(0);
    receipts.set(id, (await taken).seqs[0] ?? 0);
    note();
    if (random.below(4) === 0) clock.advance(random.below(3_000));
    note();
  }
  const image = `${folder}.image`;
  copyLog(folder, image);
  const { epoch, head } = store.bounds();
  const messages = readAll(store).map(lineOfMessage);
  await broker.close();
  return { folder: image, epoch, head, messages, kept, receipts };
}

/** All messages that a store gives, page by page. */
export function readAll(store: Store): Message[] {
  const { head, oldest } = store.bounds();
  const messages: Message[] = [];
  for (let seq = oldest - 1; seq < head;) {
    const page = store.read(seq, 500);
    messages.push(...page);
    // Where something was found broken, what is left begins later.
    seq = page.at(-1)?.seq ?? Math.max(seq + 1, store.bounds().oldest - 1);
  }
  return messages;
}
