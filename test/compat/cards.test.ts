import { test } from "uvu";
import * as assert from "uvu/assert";
import { CardDeck } from "../../src/compat/_cards.ts";
import type { AgentEvent, EventKind } from "../../src/core/events.ts";
import { brokerOf } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";

const START = Date.UTC(2030, 0, 1);

/** The cards of a broker, and when they were told to have changed. */
function deckOf() {
  const { broker, clock } = brokerOf();
  const told: number[] = [];
  const deck = new CardDeck(broker, () => told.push(clock.now()));
  broker.onMessages((messages) => deck.update(messages));
  const take = (kind: EventKind, sessionId: string, fields: Partial<AgentEvent> = {}) =>
    void broker.ingest([agentEvent(kind, { sessionId, ...fields })]);
  const cards = () => deck.list("full").map(({ sessionId, status }) => `${sessionId} ${status}`);
  return { broker, clock, deck, told, take, cards };
}

test("a session gets a card once it works, waits or starts, and none before", () => {
  const { take, cards } = deckOf();
  take("session.update", "quiet");
  assert.equal(cards(), []);
  take("session.start", "starts");
  take("tool.start", "works");
  take("permission.request", "waits");
  take("prompt.submit", "prompted");
  assert.equal(cards(), ["starts started", "works started", "waits started", "prompted started"]);
});

test("a card is finished when its session does nothing any more, and says since when", () => {
  const { clock, deck, take, cards } = deckOf();
  take("tool.start", "a");
  clock.advance(500);
  take("turn.complete", "a");
  assert.equal(cards(), ["a finished"]);
  assert.is(deck.list("full")[0]?.finishedAt, START + 500);
  clock.advance(500);
  take("session.update", "a", { activity: "x" });
  assert.is(deck.list("full")[0]?.finishedAt, START + 500);
  take("tool.start", "a");
  assert.equal([cards(), deck.list("full")[0]?.finishedAt], [["a started"], undefined]);
});

test("a finished card is dropped after 30 s, and the timer goes with the last of them", () => {
  const { clock, take, cards } = deckOf();
  take("tool.start", "a");
  take("turn.complete", "a");
  clock.advance(10_000);
  take("tool.start", "b");
  take("turn.complete", "b");
  clock.advance(19_999);
  assert.equal(cards(), ["a finished", "b finished"]);
  clock.advance(1);
  assert.equal(cards(), ["b finished"]);
  clock.advance(10_000);
  assert.equal(cards(), []);
});

test("the card of a session that is gone is dropped at once", () => {
  const { clock, take, cards } = deckOf();
  take("tool.start", "a");
  take("session.end", "a");
  assert.equal(cards(), ["a finished"]);
  clock.advance(2_500);
  assert.equal(cards(), []);
});

test("what a card says of its session is for those who may know it", () => {
  const { deck, take } = deckOf();
  take("tool.start", "a", { agent: "codex", title: "T", tool: "bash", activity: "reads" });
  const bare = { sessionId: "a", status: "started", lastEventTs: START, agentName: "codex", finishedAt: undefined } as const;
  assert.equal(deck.list("bare"), [bare]);
  assert.equal(deck.list("full"), [{ ...bare, title: "T", currentAction: "bash", lastMessage: "reads" }]);
});

test("a change is told at once, and what follows it at most every 100 ms", () => {
  const { clock, take, told } = deckOf();
  take("tool.start", "a");
  take("tool.start", "b");
  assert.equal(told, []);
  clock.advance(0);
  assert.equal(told, [0]);
  clock.advance(60);
  take("tool.start", "c");
  take("tool.start", "d");
  clock.advance(39);
  assert.equal(told, [0]);
  clock.advance(1);
  assert.equal(told, [0, 100]);
  clock.advance(1_000);
  take("tool.start", "e");
  clock.advance(0);
  assert.equal(told, [0, 100, 1_100]);
});

test("an event that changes nothing on a card is no change", () => {
  const { clock, take, told } = deckOf();
  take("tool.start", "a", { tool: "bash" });
  clock.advance(100);
  take("tool.start", "a", { tool: "bash" });
  take("permission.request", "a", { tool: "bash" });
  clock.advance(1_000);
  assert.equal(told, [0]);
  take("permission.request", "a", { tool: "bash", activity: "reads" });
  clock.advance(0);
  assert.equal(told, [0, 1_100]);
});

test("dismissing drops the finished card whose session had the last event, and no other", () => {
  const { clock, deck, take, cards } = deckOf();
  for (const id of ["a", "b", "works"]) take("tool.start", id);
  take("turn.complete", "b");
  clock.advance(10);
  take("turn.complete", "a");
  clock.advance(10);
  take("tool.start", "works");
  deck.dismiss();
  assert.equal(cards(), ["b finished", "works started"]);
  deck.dismiss();
  deck.dismiss();
  assert.equal(cards(), ["works started"]);
});

test("dismissing goes by the order of the events, also when the wall clock has gone back", () => {
  const { clock, deck, take, cards } = deckOf();
  for (const id of ["a", "b"]) take("tool.start", id);
  take("turn.complete", "b");
  clock.shiftWall(-3_600_000);
  take("turn.complete", "a");
  deck.dismiss();
  assert.equal(cards(), ["b finished"]);
});

test("a card that was dismissed comes back with the next work of its session", () => {
  const { deck, take, cards } = deckOf();
  take("tool.start", "a");
  take("turn.complete", "a");
  deck.dismiss();
  take("session.update", "a", { title: "T" });
  assert.equal(cards(), []);
  take("prompt.submit", "a");
  assert.equal(cards(), ["a started"]);
});

test("there are 64 cards at most: the oldest finished one makes room, else the oldest", () => {
  const { take, cards } = deckOf();
  for (let id = 1; id <= 64; id += 1) take("tool.start", `${id}`);
  take("turn.complete", "3");
  assert.is(cards().length, 64);
  take("tool.start", "65");
  assert.equal([cards().length, cards().slice(0, 3)], [64, ["1 started", "2 started", "4 started"]]);
  take("tool.start", "66");
  assert.equal([cards().length, cards().slice(0, 2), cards().at(-1)], [64, ["2 started", "4 started"], "66 started"]);
});

test("the newest card is the one that was touched last", () => {
  const { deck, take } = deckOf();
  assert.is(deck.newest(), undefined);
  take("tool.start", "a");
  take("tool.start", "b");
  take("tool.start", "a", { activity: "reads" });
  assert.is(deck.newest()?.sessionId, "a");
});

test.run();
