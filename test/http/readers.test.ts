import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../src/broker.ts";
import { byeData, cutSocket, dialectFor, FULL, randomMs, whyFull, whyTooOften } from "../../src/http/readers.ts";
import { CLOSE } from "../../src/protocol/codes.ts";
import { JSON_WORDING, SSE_WORDING, type Wording } from "../../src/protocol/wording.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { CountingFraming, FakeSink, plainDialect } from "../support/sinks.ts";

const SELECTION = { topics: DEFAULT_TOPICS, view: "full" } as const;

/** What `work` makes of the lowest and of the highest chance. */
function extremes<Result>(work: () => Result): [Result, Result] {
  const { random } = Math;
  try {
    Math.random = () => 0;
    const lowest = work();
    Math.random = () => 1 - 2 ** -40;
    return [lowest, work()];
  } finally {
    Math.random = random;
  }
}

test("there is room for as many readers as allowed, and for no more", () => {
  const broker = createBroker({ clock: new FakeClock() });
  const channel = broker.hub.channel(new CountingFraming());
  assert.equal([whyFull(broker, 0), whyFull(broker, 1)], ["overload", undefined]);
  const { end } = channel.subscribe(plainDialect(), new FakeSink(), []);
  assert.equal([whyFull(broker, 1), whyFull(broker, 2)], ["overload", undefined]);
  end();
  assert.is(whyFull(broker, 1), undefined);
});

test("readers for whom there is no room are counted, by the reason", () => {
  const broker = createBroker({ clock: new FakeClock() });
  whyFull(broker, 1);
  whyFull(broker, 0);
  broker.drain();
  whyFull(broker, 0);
  whyFull(broker, 1);
  assert.equal([whyTooOften(broker, false), whyTooOften(broker, true)], [undefined, "overload"]);
  assert.equal([...broker.hub.counts.refused.entries()], [["overload", 1], ["shutdown", 2], ["rate", 1]]);
});

test("a socket that is closed for what it sends counts once, whatever it sends after that", () => {
  const broker = createBroker({ clock: new FakeClock() });
  const closed: string[] = [];
  const socket = { readyState: 1, send() {}, close: (code?: number, reason?: string) => closed.push(`${code} ${reason}`) };
  const cut = { code: CLOSE.rate, reason: "too many frames" } as const;
  cutSocket(broker, socket, cut);
  socket.readyState = 2;
  cutSocket(broker, socket, cut);
  assert.is(closed[0], "4429 too many frames");
  assert.is(new Map(broker.hub.counts.cut.entries()).get("too many frames"), 1);
});

test("a broker that shuts down has no room, and says that before all else", () => {
  const broker = createBroker({ clock: new FakeClock() });
  broker.drain();
  assert.equal([whyFull(broker, 1_000), whyFull(broker, 0)], ["shutdown", "shutdown"]);
});

test("a socket that finds no room is closed with 1013, during a shutdown with 1001", () => {
  assert.equal([FULL.overload.code, FULL.shutdown.code], [1013, 1001]);
});

test("a reader that must leave comes back after a random time from 500 to 5,000 ms", () => {
  assert.equal(extremes(() => byeData("shutdown")), [
    { reason: "shutdown", reconnectInMs: 500 },
    { reason: "shutdown", reconnectInMs: 5_000 },
  ]);
  assert.is(byeData("overload").reason, "overload");
});

test("a random time is whole, and both ends belong to it", () => {
  assert.equal(extremes(() => randomMs(3, 5)), [3, 5]);
  assert.equal(extremes(() => randomMs(7, 7)), [7, 7]);
  const seen = new Set(Array.from({ length: 1_000 }, () => randomMs(1, 3)));
  assert.equal([...seen].toSorted(), [1, 2, 3]);
});

test("a reader is told the quiet time of its own transport: that of heartbeats, or where there are none, of pings", () => {
  const broker = createBroker({ clock: new FakeClock(), readers: { heartbeatMs: 111, pingMs: 222 } });
  const hello = (wording: Wording) => dialectFor(broker, SELECTION, wording).greet(undefined)[0] ?? "";
  assert.match(hello(SSE_WORDING), '"heartbeatMs":111,');
  assert.match(hello(JSON_WORDING), '"heartbeatMs":222,');
});

test.run();
