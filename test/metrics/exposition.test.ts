import { test } from "uvu";
import * as assert from "uvu/assert";
import { METRICS } from "../../src/metrics/metrics.ts";
import { appOf, jsonOf } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";
import { parseMetrics, valueOf } from "../support/prometheus.ts";

/** An app whose metrics every program may read. */
function shown(residentBytes?: () => number) {
  const { ask, ...others } = appOf({ metrics: "loopback", ...(residentBytes === undefined ? {} : { residentBytes }) });
  const scrape = async () => parseMetrics((await ask("GET /metrics")).text);
  return { ...others, ask, scrape };
}

test("every metric is shown with its help and its type, also before anything has happened", async () => {
  const metrics = await shown().scrape();
  assert.equal(
    [...metrics].map(([name, { type, help }]) => [name, type, help]),
    METRICS.map(({ name, type, help }) => [name, type, help]),
  );
});

test("the answer has the content type of Prometheus, and nobody keeps it", async () => {
  const { status, headers } = await shown().ask("GET /metrics");
  assert.equal([status, headers.get("content-type")], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  assert.is(headers.get("cache-control"), "no-store");
});

test("names follow the conventions: counters end in total, and units are seconds and bytes", () => {
  for (const { name, type } of METRICS) {
    assert.match(name, /^perch_[a-z]+(?:_[a-z]+)*$/);
    assert.is(name.endsWith("_total"), type === "counter", name);
    assert.not.match(name, /_(?:ms|kb|milliseconds)(?:_|$)/);
  }
});

test("numbers are those of the moment, and a scrape counts nothing", async () => {
  const { ask, scrape } = shown();
  await ask("POST /v1/events", jsonOf(agentEvent("tool.start")));
  for (let scrapes = 0; scrapes < 3; scrapes += 1) {
    const metrics = await scrape();
    assert.is(valueOf(metrics, 'perch_events_total{kind="tool.start"}'), 1);
    assert.is(valueOf(metrics, 'perch_sessions{state="working"}'), 1);
    assert.is(valueOf(metrics, "perch_log_head"), 3);
    assert.is(valueOf(metrics, "perch_commit_duration_seconds_count"), 1);
  }
});

test("a histogram grows from bucket to bucket up to its count", async () => {
  const { ask, scrape } = shown();
  for (let posts = 0; posts < 5; posts += 1) await ask("POST /v1/events", jsonOf(agentEvent("tool.start")));
  const samples = [...(await scrape()).get("perch_commit_duration_seconds")?.samples ?? []];
  const buckets = samples.filter(([name]) => name.includes("_bucket")).map(([, value]) => value);
  assert.equal(buckets, buckets.toSorted((a, b) => a - b));
  assert.equal([buckets.at(-1), samples.at(-1)], [5, ["perch_commit_duration_seconds_count", 5]]);
});

test("what is not known has no sample", async () => {
  assert.is(valueOf(await shown().scrape(), "perch_process_resident_memory_bytes"), undefined);
  assert.is(valueOf(await shown(() => 4_711).scrape(), "perch_process_resident_memory_bytes"), 4_711);
  assert.is((await shown().scrape()).get("perch_log_disk_bytes")?.samples.size, 0);
});

test("scrapes at one time do not disturb each other", async () => {
  const { scrape } = shown();
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, scrape));
  for (const other of others) assert.equal([...other.keys()], [...first?.keys() ?? []]);
});

test.run();
