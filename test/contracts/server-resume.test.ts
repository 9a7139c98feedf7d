// runtime: node
// limit: 300 s
/** Whatever breaks, a reader is told every message once and in order, and every transport tells the same. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { askAs } from "../support/http.ts";
import { Inbox } from "../support/inbox.ts";
import { at, listAt } from "../support/json.ts";
import { type Random, seeded } from "../support/seed.ts";
import { type Heard, seqOf } from "../support/stream-reader.ts";
import { ALL_TOPICS, logOf, publish } from "../support/log.ts";
import { openStream, readStart, type Transport, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 resume");

const EVENTS = 2_000;
const BREAKS = 30;

/** How many messages a broker keeps; with fewer, no reader can fall out of the log. */
const RING = 4_096;

/** Most updates change nothing, so that the whole log is kept. */
const KINDS = [
  ...Array.from({ length: 8 }, () => "session.update"),
  "tool.start",
  "tool.end",
  "prompt.submit",
  "turn.complete",
  "permission.request",
  "permission.resolve",
];

/** Posts all events, and notes the cursor after each. */
async function publishAll(perch: ServerProcess, random: Random, cursors: Inbox<string>): Promise<void> {
  for (let sent = 0; sent < EVENTS; sent += 1) {
    const sessionId = `s${random.below(5)}`;
    cursors.push(await publish(perch, { kind: random.pick(KINDS), sessionId, toolUseId: `t${random.below(3)}` }));
  }
}

/** The line of JSON that says the same in the history. */
const lineOf = ({ type, id, text }: Heard): string => `{"type":"${type}","id":"${id}","data":${text}}`;

const isLogged = ({ type }: Heard): boolean => !["hello", "live", "reset", "snapshot", "bye"].includes(type);

/** Reads the log up to the last event, and breaks the connection off and stays away for a while again and again. */
async function readWithBreaks(perch: ServerProcess, transport: Transport, random: Random, cursors: Inbox<string>) {
  const places = Array.from({ length: 2 * BREAKS }, () => random.below(EVENTS)).sort((a, b) => a - b);
  const lines: string[] = [];
  let cursor = "earliest";
  for (let round = 0; round <= BREAKS; round += 1) {
    await cursors.nth(places[2 * round - 1] ?? 0, 60_000);
    const reader = await openStream(perch, transport, { resume: cursor, topics: ALL_TOPICS });
    const { mode, reason } = await readStart(reader);
    assert.is(mode, "delta", `${transport} lost its place: ${reason}`);
    const until = await cursors.nth(places[2 * round] ?? EVENTS - 1, 60_000);
    const isThere = ({ id }: Heard) => id !== undefined && seqOf(id) >= seqOf(until);
    if (!reader.messages.items.some(isThere)) await reader.messages.next(`message ${until}`, isThere);
    reader.close();
    const told = reader.messages.items.filter(isLogged);
    lines.push(...told.map(lineOf));
    cursor = told.at(-1)?.id ?? cursor;
  }
  return lines;
}

/** The same by asking again and again for what is new. */
async function poll(perch: ServerProcess, cursors: Inbox<string>): Promise<string[]> {
  const lines: string[] = [];
  for (let next = "earliest";;) {
    const { status, json, text } = await askAs(perch, `/v1/events?topics=${ALL_TOPICS}&since=${next}`);
    assert.ok(status === 200 || status === 204, String(status));
    if (status === 200) {
      const page = listAt(json, "messages").map((message) => JSON.stringify(message));
      assert.ok(text.startsWith(`{"messages":[${page.join()}],"next":`), "the page is not made of these very lines");
      lines.push(...page);
      next = String(at(json, "next"));
    }
    const last = cursors.items[EVENTS - 1];
    if (last !== undefined && seqOf(next) >= seqOf(last)) return lines;
  }
}

test(`tells all of ${EVENTS} events once and in order over ${BREAKS} broken connections, the same over every transport`, (start) =>
  seeded(async (random) => {
    const perch = await start();
    const cursors = new Inbox<string>("events");
    const published = publishAll(perch, random, cursors);
    const readers = TRANSPORTS.map((transport) => readWithBreaks(perch, transport, random, cursors));
    const [sse = [], ws = [], polled] = await Promise.all([...readers, poll(perch, cursors), published]);
    const log = (await logOf(perch)).map(({ json }) => json);
    const told = log.slice(0, seqOf(cursors.items.at(-1)));
    assert.ok(log.length < RING && told.length > EVENTS, `${log.length} messages`);
    for (const [name, lines] of Object.entries({ sse, ws, polled })) {
      const wrong = told.findIndex((line, index) => line !== lines?.[index]);
      assert.is(wrong, -1, `${name} differs at ${wrong}: ${lines?.[wrong]} instead of ${told[wrong]}`);
    }
  }));

test("tells a reader that has lost nothing that it is recovered, and one of another log that it is not", async (start) => {
  const [perch, other] = await Promise.all([start(), start()]);
  const [cursor, foreign] = await Promise.all(
    [perch, other].map((server) => publish(server, { kind: "tool.start", sessionId: "s" })),
  );
  assert.is.not(cursor?.split(".")[0], foreign?.split(".")[0]);
  for (const transport of TRANSPORTS) {
    const same = await openStream(perch, transport, { resume: cursor });
    assert.equal(await readStart(same).then(({ mode, missed }) => [mode, missed]), ["delta", []]);
    const lost = await openStream(perch, transport, { resume: foreign });
    assert.equal(await readStart(lost).then(({ mode, reason }) => [mode, reason]), ["snapshot", "epoch"]);
  }
});

const ROUNDS = 500;
const AT_ONCE = 10;

/** Opens a stream while events come in, and checks that what follows its start follows without a gap. */
async function joinOnce(perch: ServerProcess, random: Random, cursors: Inbox<string>): Promise<void> {
  const transport = random.pick(TRANSPORTS);
  const known = cursors.items.at(-1 - random.below(Math.min(50, cursors.items.length)));
  const resume = [undefined, "now", known][random.below(3)];
  const reader = await openStream(perch, transport, { topics: ALL_TOPICS, resume });
  const { head, missed } = await readStart(reader);
  const from = resume === known && known !== undefined ? seqOf(known) : head;
  const next = [
    await reader.messages.next("message"),
    await reader.messages.next("message"),
    await reader.messages.next("message"),
  ];
  reader.close();
  const seqs = [...missed, ...next].map(({ id }) => seqOf(id));
  assert.equal(seqs, seqs.map((_, index) => from + 1 + index), `${transport} from ${resume}, head ${head}`);
}

test(`leaves no gap and repeats nothing between the start of a stream and what follows, in ${ROUNDS} rounds`, (start) =>
  seeded(async (random) => {
    const perch = await start();
    const cursors = new Inbox<string>("events");
    let rounds = 0;
    let isOver = false;
    const join = async () => {
      for (await cursors.nth(0); rounds < ROUNDS;) {
        rounds += 1;
        await joinOnce(perch, random, cursors);
      }
    };
    const publishing = async () => {
      for (let count = 0; !isOver; count += 1) {
        cursors.push(await publish(perch, { kind: "session.update", sessionId: `s${count % 3}`, activity: `${count}` }));
      }
    };
    const joins = Promise.all(Array.from({ length: AT_ONCE }, join)).finally(() => isOver = true);
    await Promise.all([joins, publishing()]);
  }));

test.run();
