/** Events in batches, which the peer does not know: it is measured with one POST for each. @module */

import { everyTarget, type Suite } from "../lib/bench.ts";
import { loopFor, type LoopResult } from "../lib/closed-loop.ts";
import { post, sessionId, workRequests } from "../lib/requests.ts";
import { type Reading, type Row, times } from "../lib/row.ts";

const CONNECTIONS = 10;
const BATCH = 100;
const SESSIONS = 50;

const rowFor = (form: string): Row => ({
  measure: `batches of ${BATCH}, ${form}; peer: single POSTs`,
  unit: "events/s [CPU per event]",
  better: "more",
  goals: { node: times(8), deno: times(8) },
});

const JSON_ROW = rowFor("JSON array");
const NDJSON_ROW = rowFor("NDJSON");

/** A tool starts and ends in each session. */
const EVENTS = Array.from({ length: SESSIONS }, (_, index) => {
  const common = { sessionId: sessionId(index), toolUseId: `tool_${index}`, tool: "bash" };
  return [{ kind: "tool.start", ...common }, { kind: "tool.end", ...common, ok: true }];
}).flat();

const reading = (row: Row, { perSec, cpuUs, clientPct, fault }: LoopResult, events: number): Reading => (
  { row, value: perSec * events, cpuUs: cpuUs / events, fault, details: { clientPct } }
);

/** `POST /v1/events` against `POST /event`. */
export const batches: Suite = {
  name: "batches",
  rows: [JSON_ROW, NDJSON_ROW],
  async run(bench) {
    const contestants = everyTarget(async (server, target) => {
      const json = post(server.port, "/v1/events", JSON.stringify(EVENTS));
      const lines = EVENTS.map((event) => JSON.stringify(event)).join("\n");
      const ndjson = post(server.port, "/v1/events", lines, "application/x-ndjson");
      const loop = (requests: readonly Uint8Array[]) =>
        loopFor(server, bench.isQuick ? 300 : 1_500, { requests, connections: CONNECTIONS });
      const single = workRequests(server.port, SESSIONS * 2);
      await loop(target === "peer" ? single : [json, ndjson]);
      return {
        async measure() {
          if (target === "peer") {
            const result = await loop(single);
            return [reading(JSON_ROW, result, 1), reading(NDJSON_ROW, result, 1)];
          }
          return [reading(JSON_ROW, await loop([json]), BATCH), reading(NDJSON_ROW, await loop([ndjson]), BATCH)];
        },
      };
    });
    await bench.together(bench.rounds * 2, contestants);
  },
};
