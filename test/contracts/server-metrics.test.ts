// runtime: node
// limit: 300 s
/** Every metric that the documents name is there, and moves when what it counts happens. */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { openFloater } from "../support/floater.ts";
import { ask, post } from "../support/http.ts";
import { publish } from "../support/log.ts";
import { codeIn, readPage, tableOf } from "../support/markdown.ts";
import { assertGrown, growth, type Metrics, of, scrape, scrapeUntil, startShown } from "./_metrics.ts";
import { openStream, readStart, type Transport, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("metrics", { atOnce: "runtimes" });

test("shows every metric that the documents name, of the type and with the labels that they tell, and no other", async (start) => {
  const perch = await startShown(start);
  const rows = tableOf(readPage("src/protocol/PROTOCOL.md"), "11.2 Metrics", "metric");
  assert.equal(
    [...await scrape(perch)].map(([name, { type }]) => [name, type]),
    rows.map((row) => [codeIn(row, "metric"), row["type"]]),
  );
});

test("counts events by kind, sessions by state, and what the log holds", async (start) => {
  const perch = await startShown(start, "--max-sessions", "2");
  const before = await scrape(perch);
  await publish(perch, [{ kind: "tool.start", sessionId: "a" }, { kind: "tool.start", sessionId: "b" }]);
  await post(`${perch.url}/event`, { kind: "UserPromptSubmit", sessionId: "a" });
  const after = await scrape(perch);
  const repeated = { kind: "session.update", sessionId: "a", id: "e1" };
  await publish(perch, repeated);
  await publish(perch, repeated);
  assert.is(of(await scrape(perch), "perch_duplicate_events_total"), 1);
  const [started, prompts, working, prompted, head, messages, commits] = growth(
    before,
    after,
    'perch_events_total{kind="tool.start"}',
    'perch_events_total{kind="prompt.submit"}',
    'perch_sessions{state="working"}',
    'perch_sessions{state="prompted"}',
    "perch_log_head",
    "perch_log_messages",
    "perch_commit_duration_seconds_count",
  );
  assert.equal([started, prompts, working, prompted], [2, 1, 1, 1]);
  assert.equal([(head ?? 0) > 3, messages, (commits ?? 0) >= 2], [true, head, true]);
  assert.ok(of(after, "perch_commit_duration_seconds_sum") > 0);
  assert.ok(of(after, "perch_log_disk_bytes") >= 4_096 && of(after, "perch_log_memory_bytes") > 0);
  assert.ok(of(after, "perch_process_resident_memory_bytes") > 1024 * 1024);
  assertGrown(before, after);
});

test("counts readers as they come and go, by transport, and those for whom there is no room", async (start) => {
  const perch = await startShown(start, "--max-readers", "3");
  const readers = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport)));
  for (const reader of readers) await readStart(reader);
  const floater = await openFloater(perch, "/ws");
  const there = ["sse", "ws", "v0"].map((transport) => `perch_readers{transport="${transport}"}`);
  const full = await scrapeUntil(perch, "three readers", (metrics) => there.every((sample) => of(metrics, sample) === 1));
  assert.is(of(full, "perch_readers_limit"), 3);
  assert.is(of(full, 'perch_check_ok{check="readers"}'), 1);
  const { json } = await ask(`${perch.url}/readyz`);
  assert.match(JSON.stringify(json), '"readers":{"ok":true,"code":"overload"');
  for (const transport of TRANSPORTS) await (await openStream(perch, transport)).ended;
  const refused = await scrape(perch);
  assert.is(of(refused, 'perch_readers_refused_total{reason="overload"}'), 2);
  for (const reader of [...readers, floater]) reader.close();
  const gone = await scrapeUntil(perch, "end of all readers", (metrics) => there.every((sample) => of(metrics, sample) === 0));
  for (const transport of ["sse", "ws", "v0"]) assert.is(of(gone, `perch_readers_joined_total{transport="${transport}"}`), 1);
  assertGrown(full, gone);
});

let published = 0;

/** Publishes 40 changes of state of 20 sessions, each about 6 KB for a reader. */
async function publishChanges(perch: ServerProcess): Promise<void> {
  await publish(
    perch,
    Array.from({ length: 40 }, () => {
      published += 1;
      const kind = published % 2 === 0 ? "permission.request" : "permission.resolve";
      return { kind, sessionId: `s${published % 20}`, title: `${published} `.padEnd(512, "t"), cwd: "/c".repeat(2_000) };
    }),
  );
}

test("shows what waits for a reader that stands still, what it misses, and that it is cut", async (start) => {
  const perch = await startShown(start);
  const paused: Transport[] = ["sse", "ws"];
  const readers = await Promise.all(paused.map((transport) => openStream(perch, transport, { topics: "state,sessions" })));
  for (const reader of readers) await readStart(reader);
  for (const reader of readers) reader.pause();
  const before = await scrape(perch);
  const each = (name: string) => paused.map((transport) => `${name}{transport="${transport}"}`);
  const all = (metrics: Metrics, name: string) => each(name).every((sample) => of(metrics, sample) > 0);
  for (let metrics = before; !all(metrics, "perch_lane_dropped_messages_total"); metrics = await scrape(perch)) {
    await publishChanges(perch);
  }
  const full = await scrape(perch);
  for (const name of ["perch_readers_behind", "perch_lanes_behind", "perch_lane_messages", "perch_lane_chars"]) {
    assert.ok(all(full, name), name);
  }
  for (const sample of [...each("perch_reader_backlog_bytes"), ...each("perch_reader_backlog_max_bytes")]) {
    assert.ok(of(full, sample) >= 65_536, `${sample} ${of(full, sample)}`);
  }
  readers[0]?.resume();
  const told = await scrapeUntil(perch, "reset", (metrics) => of(metrics, 'perch_readers_reset_total{transport="sse"}') === 1);
  assert.is(of(told, 'perch_readers_cut_total{reason="no progress"}'), 0);
  const cut = await scrapeUntil(perch, "cut", (metrics) => of(metrics, 'perch_readers_cut_total{reason="no progress"}') === 1);
  assert.equal([of(cut, "perch_readers_ending"), of(cut, 'perch_readers{transport="ws"}')], [1, 0]);
  assertGrown(before, cut);
});

test("counts the messages that a reader was not told because newer ones say the same", async (start) => {
  const perch = await startShown(start);
  const behind = 'perch_readers_behind{transport="sse"}';
  const conflated = 'perch_conflated_messages_total{transport="sse"}';
  const reader = await openStream(perch, "sse", { topics: "state,sessions" });
  await readStart(reader);
  reader.pause();
  for (let metrics = await scrape(perch); of(metrics, behind) === 0; metrics = await scrape(perch)) await publishChanges(perch);
  await publishChanges(perch);
  assert.is(of(await scrape(perch), conflated), 0);
  reader.resume();
  await scrapeUntil(perch, "conflation", (metrics) => of(metrics, conflated) > 0);
});

test.run();
