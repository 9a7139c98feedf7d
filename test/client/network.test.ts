// limit: 90 s
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket as SocketOfPackage } from "ws";
import { connect, type Connection, type ConnectOptions } from "../../src/client/client.ts";
import { SYSTEM_CLOCK } from "../../src/client/clock.ts";
import { type Runtime, type ServerProcess, startBroker } from "../support/broker-process.ts";
import { ask, bearerOf, post } from "../support/http.ts";
import { Inbox, PATIENCE_MS, within } from "../support/inbox.ts";
import { at, listAt } from "../support/json.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { namesOf, nextStatus, record } from "./_record.ts";

const RUNTIME: Runtime = "Deno" in globalThis ? "deno" : "node";
const EVENTS = 500;
const CUTS = 30;

/** Time passes for the client a hundred times as fast, so that it comes back at once. */
const HURRIED: Pick<ConnectOptions, "clock" | "backoff" | "watchdogMs"> = {
  clock: { ...SYSTEM_CLOCK, after: (ms, task) => SYSTEM_CLOCK.after(ms / 100, task) },
  backoff: { maxMs: 2_000 },
  watchdogMs: 100 * PATIENCE_MS,
};

const TRANSPORTS: readonly (readonly [name: string, options: Partial<ConnectOptions>])[] = [
  ["SSE", {}],
  ["the runtime's WebSocket", { transport: "ws" }],
  ["the WebSocket of the package ws", { transport: "ws", WebSocket: SocketOfPackage }],
];

/** Kinds after which no timer of the broker changes anything for half a minute. */
const event = fc.record({
  kind: fc.constantFrom("tool.start", "tool.end", "permission.request", "permission.resolve", "session.update"),
  sessionId: fc.constantFrom("a", "b", "c", "d", "e"),
  toolUseId: fc.constantFrom("t1", "t2", "t3"),
  title: fc.string({ unit: "grapheme", maxLength: 40 }),
});

/** Resolves once the connection knows what the broker knew a moment ago, with what it answers to pollers. */
async function caughtUp(connection: Connection, broker: ServerProcess, headers: Record<string, string> = {}): Promise<unknown> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const { json } = await ask(`${broker.url}/v1/state`, { headers });
    if (connection.cursor() === `${at(json, "epoch")}.${at(json, "seq")}` && connection.status().phase === "live") return json;
  }
  throw new Error(`The client never caught up: ${JSON.stringify([connection.cursor(), connection.status()])}`);
}

const becameLive = (connection: Connection): Promise<void> =>
  within(PATIENCE_MS, "live stream", new Promise((resolve) => connection.on("live", () => resolve())));

for (const [name, options] of TRANSPORTS) {
  test(`over ${name}, ${CUTS} cuts while ${EVENTS} events are posted lose nothing and repeat nothing`, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const events = fc.sample(event, { seed, numRuns: EVENTS });
    const budgets = fc.sample(fc.nat(4_000), { seed, numRuns: CUTS });
    const broker = await startBroker(RUNTIME);
    const proxy = await CuttingProxy.start(broker.port);
    const topics = ["state", "pet", "sessions", "events"] as const;
    const connection = connect({ url: proxy.url, token: broker.token, topics, ...HURRIED, ...options });
    const seen: number[] = [];
    const resets: string[] = [];
    connection.on("event", ({ seq }) => seen.push(seq));
    connection.on("reset", ({ reason }) => resets.push(reason));
    try {
      await becameLive(connection);
      proxy.cutAfter(budgets);
      const posted: unknown[] = [];
      for (let count = 0; count < EVENTS || proxy.cuts < CUTS; count += 1) {
        assert.ok(count < 20 * EVENTS, `only ${proxy.cuts} cuts, seed ${seed}`);
        const { json } = await post(`${broker.url}/v1/events`, events[count % EVENTS]);
        posted.push(...listAt(json, "seqs"));
      }
      const { state, pet, sessions } = Object(await caughtUp(connection, broker, bearerOf(broker)));
      assert.equal(seen, posted, `seed ${seed}`);
      assert.equal(resets, ["none"], `seed ${seed}`);
      const view = { state: connection.state(), pet: { slug: connection.pet() }, sessions: connection.sessions() };
      assert.equal(view, { state, pet, sessions }, `seed ${seed}`);
    } finally {
      connection.close();
      await proxy.close();
      broker.signal("SIGTERM");
      await broker.exited;
    }
  });
}

test("a broker that is started anew is found again over each transport, and its state replaces what was known", async () => {
  const first = await startBroker(RUNTIME);
  const readers = TRANSPORTS.map(([, options]) => {
    const connection = connect({ url: first.url, ...HURRIED, ...options });
    return { connection, told: record(connection) };
  });
  const each = <Value>(act: (reader: (typeof readers)[number]) => Promise<Value>): Promise<Value[]> =>
    Promise.all(readers.map(act));
  try {
    await each(({ told }) => nextStatus(told, ({ phase }) => phase === "live"));
    await post(`${first.url}/v1/events`, { kind: "tool.start", sessionId: "old" });
    await each(({ told }) => told.next("session", ({ name }) => name === "session"));
    first.signal("SIGTERM");
    const lost = await each(({ told }) => nextStatus(told, ({ phase }) => phase === "stale"));
    assert.equal(lost.map(({ cause }) => cause?.code), readers.map(() => "shutdown"));
    await first.exited;
    for (const { connection } of readers) assert.equal(connection.sessions().map(({ id }) => id), ["old"]);

    const second = await startBroker(RUNTIME, ["--port", String(first.port)]);
    await each(({ told }) => nextStatus(told, ({ phase }) => phase === "live"));
    await post(`${second.url}/v1/events`, { kind: "tool.start", sessionId: "new" });
    for (const { connection, told } of readers) {
      const { sessions } = Object(await caughtUp(connection, second));
      assert.equal(connection.sessions(), sessions);
      assert.equal(connection.sessions().map(({ id }) => id), ["new"]);
      assert.equal(told.items.flatMap((item) => item.name === "reset" ? [item.data.reason] : []), ["none", "epoch"]);
    }
    second.signal("SIGTERM");
    await second.exited;
  } finally {
    for (const { connection } of readers) connection.close();
    first.signal("SIGKILL");
  }
});

test("a broker answers a quiet socket that asks for a sign of life, over the same socket and without news", async () => {
  const broker = await startBroker(RUNTIME);
  const frames = new Inbox<unknown>("frames");
  let opened = 0;
  class WatchedSocket extends WebSocket {
    constructor(url: string) {
      super(url);
      opened += 1;
      this.addEventListener("message", ({ data }) => frames.push(JSON.parse(data)));
    }
  }
  const connection = connect({ url: broker.url, transport: "ws", watchdogMs: 1_500, WebSocket: WatchedSocket });
  const told = record(connection);
  try {
    for (let answers = 0; answers < 3; answers += 1) {
      await frames.next("live", (frame) => at(frame, "type") === "live");
    }
    assert.equal(frames.items.map((frame) => at(frame, "type")), [
      ...["hello", "reset", "snapshot", "live"],
      ...["hello", "live"],
      ...["hello", "live"],
    ]);
    assert.equal(namesOf(told.items), ["connecting", "hello", "reset", "snapshot", "live", "live"]);
    assert.is(opened, 1);
  } finally {
    connection.close();
    broker.signal("SIGTERM");
    await broker.exited;
  }
});

test.run();
