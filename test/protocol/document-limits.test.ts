/** The tables of limits and errors of PROTOCOL.md say what the code says. @module */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { SHUTDOWN_MS } from "../../adapters/server.ts";
import { createBroker } from "../../src/broker.ts";
import { GROUP_EVENTS } from "../../src/commits.ts";
import { serveCommand } from "../../src/cli/serve.ts";
import { MOST_ALIKE, MOST_KINDS, WINDOW_MS } from "../../src/cli/_flood.ts";
import { FLOATER_BODY_BYTES } from "../../src/compat/mavis-v0.ts";
import { MAX_OPEN } from "../../src/core/evidence.ts";
import { MOST_CLIENTS } from "../../src/core/rate-limiter.ts";
import { PerchError, StoreError } from "../../src/errors.ts";
import { LEAVE_MS } from "../../src/folder/enter.ts";
import { LOOK_MS } from "../../src/folder/instance.ts";
import { MOST_LIST_BYTES } from "../../src/folder/token-file.ts";
import { DEFAULT_QUEUE_LIMITS } from "../../src/hub/lane-queue.ts";
import { DEFAULT_READER_LIMITS } from "../../src/hub/reader.ts";
import { bodyTransport } from "../../src/hub/sse-sink.ts";
import { MAX_DEPTH } from "../../src/protocol/schema.ts";
import { JSON_WORDING, SSE_WORDING } from "../../src/protocol/wording.ts";
import { JUMP_TOLD_MS, MOST_DRIFT_MS } from "../../src/readiness.ts";
import { DEFAULT_INGEST_LIMITS, PAGE_LIMITS } from "../../src/routes/events.ts";
import { LINK_MS, LOGIN_MS } from "../../src/http/logins.ts";
import { DEFAULT_RATES } from "../../src/http/rates.ts";
import { dialectFor } from "../../src/http/readers.ts";
import { TICKET_MS } from "../../src/http/tickets.ts";
import { TICKET_BODY_BYTES } from "../../src/routes/tickets.ts";
import { DEFAULT_RING_LIMITS, memoryStore } from "../../src/stores/memory.ts";
import { DEFAULT_RETENTION, RECEIPT_LIMITS } from "../../src/stores/sqlite.ts";
import { REPLAY_LIMITS } from "../../src/stream.ts";
import { createSurface } from "../../src/surface.ts";
import { MOST_ENDED, MOST_TOKENS } from "../../src/tokens/changes.ts";
import { MOST_NOTE_CHARS } from "../../src/tokens/list.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { at } from "../support/json.ts";
import { codeIn, codesIn, numberIn, proseOf, readPage, type Row, tableOf } from "../support/markdown.ts";
import { argumentsOf, codeLikeWords, numberOf, propertiesOf, raisedErrors } from "./_facts.ts";

const page = readPage("src/protocol/PROTOCOL.md");
const rows = tableOf(page, "8. Limits", "limit");
const readers = { ...DEFAULT_READER_LIMITS, ...DEFAULT_QUEUE_LIMITS };
const surface = createSurface({ broker: createBroker() });

const fallbackOf = (flag: string): number => Number(serveCommand.options.find(({ name }) => name === flag)?.fallback);

const LIMITS: Readonly<Record<string, number>> = {
  "body of a v0 request": FLOATER_BODY_BYTES,
  "body of a v1 request": DEFAULT_INGEST_LIMITS.bodyBytes,
  "one event": DEFAULT_INGEST_LIMITS.eventBytes,
  "events of one request": DEFAULT_INGEST_LIMITS.batch,
  "depth of an event": MAX_DEPTH,
  "session id of a v0 event": numberOf("src/compat/", "MAX_ID"),
  "slug of a pet": 256,
  "live sessions": numberOf("src/broker.ts", "maxSessions"),
  "open tools of a session": MAX_OPEN,
  "unanswered requests of a session": MAX_OPEN,
  "messages of the log in memory": DEFAULT_RING_LIMITS.items,
  "bytes of the log in memory": DEFAULT_RING_LIMITS.bytes,
  "age of history on disk": DEFAULT_RETENTION.ageMs,
  "events of history on disk": DEFAULT_RETENTION.events,
  "bytes of history on disk": DEFAULT_RETENTION.bytes,
  "pages of 4 KiB of the database": numberOf("src/stores/", "MAX_PAGES"),
  "events of one commit": GROUP_EVENTS,
  "messages between two checkpoints": numberOf("src/stores/_checkpoint.ts", "MESSAGES"),
  "time keys are remembered for": RECEIPT_LIMITS.ageMs,
  "keys that are always remembered": RECEIPT_LIMITS.least,
  "keys that are remembered": RECEIPT_LIMITS.most,
  "time until a failed store is tried": numberOf("src/health.ts", "CHECK_MS"),
  "messages of one replay": REPLAY_LIMITS.messages,
  "characters of one replay": REPLAY_LIMITS.chars,
  "messages of one page of history": PAGE_LIMITS.messages,
  "characters of one page of history": PAGE_LIMITS.chars,
  readers: surface.maxReaders,
  "frame of a client": surface.maxFrameBytes,
  "frames of a client a second": DEFAULT_RATES.frames.perSecond,
  "frames of a client at once": DEFAULT_RATES.frames.burst,
  "new streams of a client a second": DEFAULT_RATES.streams.perSecond,
  "new streams of a client at once": DEFAULT_RATES.streams.burst,
  "limited requests of a client a second": DEFAULT_RATES.requests.perSecond,
  "limited requests of a client at once": DEFAULT_RATES.requests.burst,
  "wrong credentials a minute": DEFAULT_RATES.failures.perSecond * 60,
  "wrong credentials at once": DEFAULT_RATES.failures.burst,
  "clients that are counted": MOST_CLIENTS,
  "time of a ticket": TICKET_MS,
  tickets: numberOf("src/http/", "MOST_TICKETS"),
  "body of a request for a ticket": TICKET_BODY_BYTES,
  "time of a login link": LINK_MS,
  "login links": numberOf("src/http/", "MOST_LINKS"),
  "time of a login": LOGIN_MS,
  logins: numberOf("src/http/", "MOST_LOGINS"),
  "wait for a `resume` frame": numberOf("src/routes/", "RESUME_GRACE_MS"),
  "unsent bytes until a reader is behind": readers.highWaterBytes,
  "time until it is tried again": numberOf("src/hub/", "RETRY_MS"),
  "messages kept for readers behind": readers.messages,
  "characters kept for readers behind": readers.chars,
  "messages behind, with `events`": readers.behindMessages,
  "characters behind, with `events`": readers.behindChars,
  "time without taking anything": readers.stallMs,
  "unsent bytes": readers.maxBacklogBytes,
  "time until a cut reader is destroyed": numberOf("src/hub/", "END_MS"),
  "quiet time of an event stream": readers.heartbeatMs,
  "quiet time of a WebSocket": readers.pingMs,
  "time until a pong": readers.pongMs,
  "how often readers are looked after": numberOf("src/hub/", "CHECK_MS"),
  "v0 events that are remembered": numberOf("src/compat/", "RECENT_EVENTS"),
  "v0 events that `/status` lists": numberOf("src/compat/", "LISTED_EVENTS"),
  "v0 cards": numberOf("src/compat/", "MAX_CARDS"),
  "time of a finished v0 card": numberOf("src/compat/", "FINISHED_MS"),
  "time between two `sessions` of v0": numberOf("src/compat/", "PAUSE_MS"),
  "time of a v0 bubble": numberOf("src/compat/", "BUBBLE_TTL_MS"),
  "time for the head of a request (Node)": numberOf("adapters/", "headersTimeout"),
  "time for a request (Node)": numberOf("adapters/", "requestTimeout"),
  "time to take an answer (Node)": numberOf("adapters/", "TAKE_MS"),
  "quiet time of a kept connection (Node)": numberOf("adapters/", "keepAliveTimeout"),
  "pause without file descriptors (Deno)": numberOf("adapters/", "PAUSE_MS"),
  "time over which readers are dismissed": numberOf("src/", "SPREAD_MS"),
  "jump of the wall clock": MOST_DRIFT_MS,
  "time that it is told": JUMP_TOLD_MS,
  "log lines that are alike": MOST_ALIKE,
  "time over which they are counted": WINDOW_MS,
  "kinds of log lines in that time": MOST_KINDS,
  "bytes of a log file": fallbackOf("log-max-bytes"),
  "log files": fallbackOf("log-max-files"),
  "time of a shutdown": SHUTDOWN_MS,
  "valid tokens": MOST_TOKENS,
  "tokens remembered after their end": MOST_ENDED,
  "characters of a note of a token": MOST_NOTE_CHARS,
  "bytes of the list of tokens": MOST_LIST_BYTES,
  "time between two looks at the state folder": LOOK_MS,
  "time to leave the state folder": LEAVE_MS,
  "wait to change the list of tokens": numberOf("src/folder/", "TURN_MS"),
};

test("the table of limits has the numbers of the code", () => {
  assert.equal(Object.fromEntries(rows.map((row) => [row["limit"], numberIn(row, "default")])), LIMITS);
});

test("a slug may be as long as the table says, and no longer", async () => {
  const statusOf = async (length: number) => {
    const body = new TextEncoder().encode(JSON.stringify({ slug: "s".repeat(length) }));
    return (await surface.floaters.postSwitch(body)).status;
  };
  assert.equal([await statusOf(LIMITS["slug of a pet"] ?? 0), await statusOf(257)], [200, 400]);
});

const settersOf = (row: Row): string[] => codesIn(row["set by"] ?? "");

test("the table of limits names options and flags that there are", () => {
  const groups: Readonly<Record<string, object>> = {
    limits: DEFAULT_INGEST_LIMITS,
    readers,
    rates: DEFAULT_RATES,
    retention: DEFAULT_RETENTION,
    receipts: RECEIPT_LIMITS,
  };
  const options = Object.entries(groups).flatMap(([group, keys]) => Object.keys(keys).map((key) => `${group}.${key}`));
  const flags = serveCommand.options.map(({ name }) => `--${name}`);
  const known = [...options, ...flags, ...propertiesOf("BrokerOptions"), ...propertiesOf("SurfaceOptions")];
  const named = rows.flatMap(settersOf);
  assert.equal(named.filter((name) => !known.includes(name)), []);
  assert.equal([...options, ...flags.filter((flag) => flag.startsWith("--max-"))].filter((name) => !named.includes(name)), []);
});

test("flags have the defaults of the table", () => {
  for (const row of rows) {
    const option = serveCommand.options.find(({ name }) => settersOf(row).includes(`--${name}`));
    if (option !== undefined) assert.is(Number(option.fallback), numberIn(row, "default"), option.name);
  }
});

test("a stream tells of its signs of life what the table does", () => {
  const selection = { topics: ["pet"], view: "bare" } as const;
  const told = [SSE_WORDING, JSON_WORDING].map((wording) => {
    const [hello = ""] = dialectFor(surface.broker, selection, wording).greet(undefined);
    return Number(/"heartbeatMs":([0-9]+)/.exec(hello)?.[1]);
  });
  assert.equal(told, [readers.heartbeatMs, readers.pingMs]);
});

test("readers are told to come back when the page says", () => {
  const asWords = (name: string) => argumentsOf(name).map((ms) => ms.toLocaleString("en-US")).join(" to ");
  assert.match(proseOf(page, "5.5 Messages"), `a random time from ${asWords("reconnectInMs: randomMs")}`);
  assert.match(proseOf(page, "5.6 Over Server-Sent Events"), `a \`retry:\` of ${asWords("sseOpening\\(randomMs")}`);
});

test("the table of errors has every error that is raised, with its status, and no other", () => {
  const told = tableOf(page, "6. Errors", "code").map((row) => `${row["status"]} ${codeIn(row, "code")}`);
  assert.equal(new Set(told).size, told.length);
  assert.equal(told.toSorted(), raisedErrors());
});

test("everything in the sources that looks like the code of an error is in the table", () => {
  const told = tableOf(page, "6. Errors", "code").map((row) => codeIn(row, "code"));
  assert.ok(codeLikeWords().length > 10);
  assert.equal(codeLikeWords().filter((word) => !told.includes(word)), []);
});

/** A broker whose store fails. */
function brokerThat(error: Error) {
  const append = () => {
    throw error;
  };
  return createBroker({ clock: new FakeClock(), store: { ...memoryStore(), append } });
}

/** Posts an event that is still being kept. */
function askTwice(): unknown {
  const broker = createBroker({ clock: new FakeClock(), store: { ...memoryStore(), append: () => new Promise(() => {}) } });
  const events = [{ kind: "tool.start", sessionId: "a", id: "x" }] as const;
  void broker.ingest(events);
  return broker.ingest(events);
}

test("the table of errors tells when to try again", async () => {
  const full = createBroker({ maxSessions: 1, clock: new FakeClock() });
  const work = (sessionId: string) => full.ingest([{ kind: "tool.start", sessionId }]);
  work("a");
  const readCutStream = () => {
    const { response, sink } = bodyTransport(undefined, {}, () => {});
    sink.destroy();
    return response.text();
  };
  const causes: Readonly<Record<string, () => unknown>> = {
    stream_ended: readCutStream,
    too_many_sessions: () => work("b"),
    store_failed: () => brokerThat(new Error("no")).switchPet("cat"),
    disk_full: () => brokerThat(new StoreError("disk_full")).switchPet("cat"),
    in_flight: () => askTwice(),
    shutting_down: () => (full.drain(), work("a")),
  };
  for (const row of tableOf(page, "6. Errors", "code").filter(({ status }) => /409|50[37]/.test(status ?? ""))) {
    const code = codeIn(row, "code");
    const retryAfter = Number(/after (\d+) s/.exec(row["meaning"] ?? "")?.[1]);
    let thrown: unknown;
    try {
      await causes[code]?.();
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, PerchError, code);
    assert.equal([at(thrown, "code"), at(thrown, "retryAfter")], [code, retryAfter]);
  }
});

test.run();
