import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { connect, type Connection } from "../../src/client/client.ts";
import { formatCursor } from "../../src/protocol/cursor.ts";
import type { Topic } from "../../src/protocol/types.ts";
import { snapshot } from "../../src/stream.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { type Command, obey, post } from "./_commands.ts";
import { fakeClientClock } from "./_fake-clock.ts";
import { SimulatedBroker } from "./_simulated-broker.ts";

const TOPICS: readonly Topic[] = ["state", "pet", "sessions", "events"];

/** Short waits, so that all that depends on time happens often. */
const TIMES = { watchdogMs: 600, backoff: { firstMs: 50, maxMs: 200 } };

type Step = Command | { readonly deliver: number } | "cut";

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: post },
    { weight: 6, arbitrary: fc.record({ deliver: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 6, arbitrary: fc.record({ ms: fc.oneof(fc.nat(50), fc.nat(700)) }) },
    { weight: 1, arbitrary: fc.record({ ms: fc.nat(40_000) }) },
    { weight: 2, arbitrary: fc.constant<Step>("cut") },
  ),
  { maxLength: 150, size: "max" },
);

const chances = fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true }));

/** Lets the network work and time pass until the client is up to date. */
function catchUp(simulated: SimulatedBroker, clock: FakeClock, connection: Connection): void {
  for (let tries = 0; tries < 5_000; tries += 1) {
    clock.advance(50);
    simulated.deliver();
    const { epoch, head } = simulated.broker.bounds();
    if (connection.status().phase === "live" && connection.cursor() === formatCursor(epoch, head)) return;
  }
  throw new Error(`The client never caught up: ${JSON.stringify(connection.status())}`);
}

test("whatever is posted, held up and cut: nothing is lost or told twice, and the view is the broker's state", async () => {
  await fc.assert(
    fc.asyncProperty(steps, chances, async (list, chance) => {
      const clock = fakeClientClock(() => chance.next().value ?? 0);
      const simulated = await SimulatedBroker.start(clock, TOPICS);
      const { broker, WebSocket } = simulated;
      const connection = connect({ url: "http://127.0.0.1:7857", transport: "ws", WebSocket, clock, ...TIMES });
      const seen: number[] = [];
      const resets: string[] = [];
      connection.on("event", ({ seq }) => seen.push(seq));
      connection.on("reset", ({ reason }) => resets.push(reason));
      await Promise.resolve();
      catchUp(simulated, clock, connection);

      const posted: number[] = [];
      broker.onMessages((messages) => {
        for (const { body, seq } of messages) if (body.type === "event") posted.push(seq);
      });
      for (const step of list) {
        if (step === "cut") simulated.cut();
        else if ("deliver" in step) simulated.deliver(step.deliver);
        else obey(step, broker, clock);
      }
      simulated.cut();
      catchUp(simulated, clock, connection);

      assert.equal(seen, posted);
      assert.equal(resets, ["none"]);
      const { state, pet, sessions } = snapshot(broker, { topics: TOPICS, view: "full" });
      const view = { state: connection.state(), pet: { slug: connection.pet() }, sessions: connection.sessions() };
      assert.equal(view, JSON.parse(JSON.stringify({ state, pet, sessions })));
      connection.close();
      await broker.close();
    }),
    { numRuns: 300 },
  );
});

test.run();
