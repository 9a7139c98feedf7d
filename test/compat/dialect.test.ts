import { test } from "uvu";
import * as assert from "uvu/assert";
import { CardDeck } from "../../src/compat/_cards.ts";
import { cardsText, dialectName, FloaterDialect } from "../../src/compat/_dialect.ts";
import type { AgentEvent, EventKind } from "../../src/core/events.ts";
import type { View } from "../../src/protocol/message.ts";
import { brokerOf } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";

const START = Date.UTC(2030, 0, 1);

/** A floater, and what it is told. */
function floaterOf(view: View = "full", pet?: string) {
  const { broker, clock } = brokerOf({ pet });
  const deck = new CardDeck(broker, () => {});
  broker.onMessages((messages) => deck.update(messages));
  const dialect = new FloaterDialect(broker, deck, view);
  const texts: string[] = [];
  broker.onMessages((messages) => texts.push(...messages.flatMap((message) => dialect.text(message, 0) ?? [])));
  const take = (kind: EventKind, fields: Partial<AgentEvent> = {}) => void broker.ingest([agentEvent(kind, fields)]);
  /** What was told since the last call. */
  const news = () => texts.splice(0).map((text) => JSON.parse(text));
  return { broker, clock, deck, dialect, take, news };
}

test("the first words are the state, the pet if there is one, and the cards, letter by letter as 0.7.4 says them", () => {
  const state = `{"type":"state","state":"idle","ts":${START}}`;
  assert.equal(floaterOf().dialect.restart(), [state, '{"type":"sessions","sessions":[]}']);
  assert.equal(floaterOf("full", "boba").dialect.restart(), [
    state,
    '{"type":"pet","slug":"boba"}',
    '{"type":"sessions","sessions":[]}',
  ]);
});

test("the state is told when its pose changes, and only then", () => {
  const { clock, take, news } = floaterOf();
  take("prompt.submit");
  clock.advance(1_500);
  take("tool.start");
  take("tool.start", { sessionId: "b" });
  take("permission.request");
  assert.equal(news().map(({ state }) => state), ["jump", "run", "review"]);
});

test("states of one pose are one to a floater", () => {
  const { clock, take, news, broker } = floaterOf();
  take("tool.start");
  clock.advance(30_000);
  assert.is(broker.state().state, "unknown");
  take("session.interrupt");
  assert.is(broker.state().state, "idle");
  assert.equal(news().map(({ state }) => state), ["run", "idle"]);
});

test("the state says since when, how much goes on, and whether anybody is waited for", () => {
  const { clock, take, news } = floaterOf();
  clock.advance(7);
  take("prompt.submit");
  assert.equal(news(), [
    { type: "state", state: "jump", ts: START + 7, loading: true, waiting: false, activeSessionCount: 1 },
  ]);
  take("permission.request", { sessionId: "b" });
  assert.equal(news(), [
    { type: "state", state: "review", ts: START + 7, loading: false, waiting: true, activeSessionCount: 2 },
  ]);
});

test("with a title the newest card joins in, and its bubble passes where the state does", () => {
  const { take, news } = floaterOf();
  take("tool.start", { title: "Fix", activity: "reads", tool: "bash" });
  const [told] = news();
  assert.equal(told, {
    type: "state",
    state: "run",
    ts: START,
    title: "Fix",
    subtitle: "reads",
    loading: true,
    waiting: false,
    done: false,
    bubbleTtlMs: 2_500,
    activeSessionCount: 1,
  });
  take("permission.request");
  assert.not("bubbleTtlMs" in news()[0]);
  take("turn.complete");
  const [finished] = news();
  assert.equal([finished.state, finished.done, finished.loading], ["wave", true, false]);
});

test("a card that is finished loads no more, whatever else goes on", () => {
  const { clock, take, news } = floaterOf();
  take("tool.start", { sessionId: "b" });
  take("tool.start", { sessionId: "a", title: "Fix" });
  take("turn.complete", { sessionId: "a" });
  news();
  clock.advance(1_000);
  const [told] = news();
  assert.equal([told.state, told.title, told.done, told.loading], ["run", "Fix", true, false]);
});

test("the subtitle is the activity, else the tool, else absent", () => {
  const subtitleOf = (fields: Partial<AgentEvent>) => {
    const { take, news } = floaterOf();
    take("tool.start", { title: "Fix", ...fields });
    return news()[0].subtitle;
  };
  assert.equal([subtitleOf({ tool: "bash", activity: "reads" }), subtitleOf({ tool: "bash" }), subtitleOf({})], [
    "reads",
    "bash",
    undefined,
  ]);
});

test("a page is told no title", () => {
  const { take, news } = floaterOf("bare");
  take("tool.start", { title: "Fix", activity: "reads" });
  assert.equal(news(), [{ type: "state", state: "run", ts: START, loading: true, waiting: false, activeSessionCount: 1 }]);
});

test("the pet is told whenever it was chosen, the same one, too", () => {
  const { broker, news } = floaterOf();
  broker.switchPet("boba");
  broker.switchPet("boba");
  assert.equal(news(), [{ type: "pet", slug: "boba" }, { type: "pet", slug: "boba" }]);
});

test("a floater that has missed something starts over", () => {
  const { broker, dialect } = floaterOf();
  broker.switchPet("boba");
  for (const message of broker.read(0, 100)) assert.is(dialect.text(message, 1), undefined);
  assert.equal([dialect.canRestart, dialect.restart().length], [true, 3]);
});

test("floaters of one view share their words, and those of two do not", () => {
  const [full, bare] = [floaterOf("full").dialect.name, floaterOf("bare").dialect.name];
  assert.equal([full, bare], [dialectName("full"), dialectName("bare")]);
  assert.is.not(full, bare);
});

test("the cards are told all at once", () => {
  const { deck, take } = floaterOf();
  take("tool.start", { title: "Fix" });
  const text = (view: View) => JSON.parse(cardsText(deck, view));
  assert.equal(text("full"), {
    type: "sessions",
    sessions: [{ sessionId: "s", status: "started", lastEventTs: START, title: "Fix" }],
  });
  assert.is(text("bare").sessions[0].title, undefined);
});

test.run();
