import { createBroker } from "../../src/broker.ts";
import { createSurface } from "../../src/surface.ts";
import { createFastPath } from "../../src/fast-path.ts";
import { parseFloaterEvent } from "../../src/compat/_events.ts";
import { parseEvent } from "../../src/protocol/schema.ts";
const broker = createBroker({ maxSessions: 100000 });
const surface = createSurface({ broker });
const fast = createFastPath(surface);
const enc = new TextEncoder();
const pre = enc.encode(JSON.stringify({ kind: "PreToolUse", sessionId: "ses_000001", tool: "bash" }));
const post = enc.encode(JSON.stringify({ kind: "PostToolUse", sessionId: "ses_000001", tool: "bash", exitCode: 0 }));
const route = fast.get("POST /event")!;
const facts = { host: "127.0.0.1:7857", origin: undefined, fetchSite: undefined };
const dec = new TextDecoder();
const v1 = { kind: "tool.start", sessionId: "ses_000001", tool: "bash", toolUseId: "toolu_1", agent: "claude-code" };
const v1b = { kind: "tool.end", sessionId: "ses_000001", tool: "bash", toolUseId: "toolu_1", agent: "claude-code" };
const batch = enc.encode(
  JSON.stringify(Array.from({ length: 100 }, (_, i) => ({ ...(i & 1 ? v1b : v1), sessionId: "ses_" + (i >> 1) }))),
);
const tests: Record<string, (i: number) => unknown> = {
  admits: () => route.admits(facts),
  "decode+JSON": () => JSON.parse(dec.decode(pre)),
  parseFloaterEvent: () => parseFloaterEvent({ kind: "PreToolUse", sessionId: "ses_000001", tool: "bash" }),
  "ingest plain": (i) =>
    broker.ingest([{
      kind: i & 1 ? "tool.end" : "tool.start",
      sessionId: "ses_000001",
      tool: "bash",
      exitCode: 0,
      source: "hook",
    }], true),
  "postEvent whole": (i) => route.answer("application/json", i & 1 ? pre : post),
  "parseEvent v1": () => parseEvent(v1),
  "v1 batch of 100 (per event)": () => fast.get("POST /v1/events")!.answer("application/json", batch),
};
for (const [name, f] of Object.entries(tests)) {
  const n = name.includes("batch") ? 2000 : 200000;
  for (let i = 0; i < n; i++) f(i);
  const t = performance.now();
  for (let i = 0; i < n; i++) f(i);
  const ns = (performance.now() - t) / n * 1e6 / (name.includes("batch") ? 100 : 1);
  console.log(name.padEnd(30), ns.toFixed(0), "ns");
}
