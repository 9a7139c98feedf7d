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
  }
});

test("a histogram grows from bucket to bucket up to its count", async () => {
  const { broker, scrape } = shown();
  for (const seconds of [0.0001, 0.003, 0.003, 60]) broker.counts.commitSeconds.observe(seconds);
  const metrics = await scrape();
  const name = "perch_commit_duration_seconds";
  const bucket = (le: string) => valueOf(metrics, `${name}_bucket{le="${le}"}`);
  assert.equal(["0.0001", "0.0025", "0.005", "5", "+Inf"].map(bucket), [1, 1, 3, 3, 4]);
  assert.equal([valueOf(metrics, `${name}_count`), valueOf(metrics, `${name}_sum`)], [4, 60.0061]);
  assert.is(metrics.get(name)?.samples.size, broker.counts.commitSeconds.bounds.length + 3);
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
