// runtime: node
// limit: 300 s
/** The cards of the v0 surface: in the form of the mavis pet broker 0.7.4, which learns of titles from its daemon. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { choosePet, type Floater, hook, openFloater, type Pushed } from "../support/floater.ts";
import { ask, bearerOf } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import { publish } from "../support/log.ts";
import { startPeer } from "../support/peer-process.ts";
import { startDaemon } from "./_daemon.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v0 cards");

const NOTHING: Pushed = { type: "", state: "", text: "", at: 0 };

const cardsOf = ({ text }: Pushed): readonly unknown[] => listAt(JSON.parse(text), "sessions");

/** Waits for cards of which `matches` is true. */
async function cards({ pushed }: Floater, what: string, matches: (cards: readonly unknown[]) => boolean) {
  return cardsOf(await pushed.next(what, (message) => message.type === "sessions" && matches(cardsOf(message))));
}

const ids = (list: readonly unknown[]): string => list.map((card) => `${at(card, "sessionId")} ${at(card, "status")}`).join();

/** The names and types of the members of a message, in their order. */
const formOf = (value: unknown): string =>
  Object.entries(Object(value)).map(([name, part]) => `${name}: ${typeof part}`).join();

/** Leads one session of the peer through a turn, by its daemon and by hooks, and returns the forms of what was pushed. */
async function peerForms(): Promise<{ states: string[]; cards: string[] }> {
  const daemon = await startDaemon();
  const peer = await startPeer(daemon.url);
  try {
    const floater = await openFloater(peer);
    await daemon.tell("session.title_updated", { sessionId: "a", title: "A title" });
    await daemon.tell("session.status_update", { sessionId: "a", phase: "calling_tool", tool: "bash" });
    const [started] = await cards(floater, "card at work", (list) => at(list, 0, "currentAction") !== undefined);
    await hook(peer, "PreToolUse", "a");
    const states = [await floater.shows("run")];
    await hook(peer, "PermissionRequested", "a");
    states.push(await floater.shows("review"));
    await hook(peer, "PermissionResolved", "a");
    await daemon.tell("session.finish", { sessionId: "a" });
    const [finished] = await cards(floater, "finished card", (list) => at(list, 0, "status") === "finished");
    await hook(peer, "MessageComplete", "a");
    states.push(await floater.shows("wave"));
    return { states: states.map(({ text }) => formOf(JSON.parse(text))), cards: [started, finished].map(formOf) };
  } finally {
    peer.signal("SIGKILL");
    daemon.close();
  }
}

/** The same for Perch, where events carry the title, as whoever shows a token is told it. */
async function forms(perch: ServerProcess): Promise<{ states: string[]; cards: string[] }> {
  const floater = await openFloater(perch, "/ws", bearerOf(perch));
  await publish(perch, { kind: "tool.start", sessionId: "a", title: "A title", tool: "Bash" });
  const states = [await floater.shows("run")];
  const [started] = await cards(floater, "card at work", (list) => at(list, 0, "currentAction") !== undefined);
  await publish(perch, { kind: "permission.request", sessionId: "a" });
  states.push(await floater.shows("review"));
  await publish(perch, { kind: "turn.complete", sessionId: "a" });
  states.push(await floater.shows("wave"));
  const [finished] = await cards(floater, "finished card", (list) => at(list, 0, "status") === "finished");
  return { states: states.map(({ text }) => formOf(JSON.parse(text))), cards: [started, finished].map(formOf) };
}

test("tells of a state with a title in the form of the mavis pet broker", async (start) => {
  const [ours, theirs] = await Promise.all([start().then(forms), peerForms()]);
  assert.equal(ours.states, theirs.states);
});

test("tells of cards in the members of the mavis pet broker, but for its own link", async (start) => {
  const [ours, theirs] = await Promise.all([start().then(forms), peerForms()]);
  const members = (form: string | undefined) => form?.split(",").filter((member) => member !== "deeplink: string").sort();
  assert.equal(ours.cards.map(members), theirs.cards.map(members));
});

test("shows a card for each session at work, first seen first, and all that is known of it", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch, "/ws", bearerOf(perch));
  assert.equal(cardsOf(floater.pushed.items.at(-1) ?? NOTHING), []);
  const before = Date.now();
  await publish(perch, {
    kind: "tool.start",
    sessionId: "a",
    agent: "codex",
    title: "A title",
    tool: "Bash",
    activity: "listing",
  });
  await hook(perch, "PreToolUse", "b");
  await publish(perch, { kind: "session.update", sessionId: "c" });
  const list = await cards(floater, "two cards", ({ length }) => length === 2);
  const { lastEventTs, ...card } = Object(list[0]);
  assert.equal(card, {
    sessionId: "a",
    status: "started",
    agentName: "codex",
    title: "A title",
    currentAction: "Bash",
    lastMessage: "listing",
  });
  assert.ok(lastEventTs >= before - 1 && lastEventTs <= Date.now());
  assert.is(ids(list), "a started,b started");
  const late = await openFloater(perch, "/ws", bearerOf(perch));
  assert.equal(cardsOf(late.pushed.items.at(-1) ?? NOTHING), list);
});

test("tells who shows no token that there are cards, and nothing of what is on them", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  await publish(perch, {
    kind: "tool.start",
    sessionId: "a",
    agent: "codex",
    title: "secret",
    tool: "secret",
    activity: "secret",
  });
  await floater.shows("run");
  const [shown] = await cards(floater, "a card", ({ length }) => length === 1);
  const { lastEventTs: _at, ...card } = Object(shown);
  assert.equal(card, { sessionId: "a", status: "started", agentName: "codex" });
  const late = await openFloater(perch);
  for (const { text } of [...floater.pushed.items, ...late.pushed.items]) assert.not.match(text, "secret");
});

test("drops the newest finished card when it is dismissed, and no other, until its session works again", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  const dismiss = async () => assert.is((await ask(`${perch.url}/dismiss`, { method: "POST" })).status, 204);
  for (const sessionId of ["a", "b", "c"]) await publish(perch, { kind: "tool.start", sessionId });
  for (const sessionId of ["b", "a"]) await publish(perch, { kind: "turn.complete", sessionId });
  await cards(floater, "two finished cards", (list) => ids(list) === "a finished,b finished,c started");
  await dismiss();
  await cards(floater, "no newest card", (list) => ids(list) === "b finished,c started");
  await dismiss();
  await cards(floater, "one card", (list) => ids(list) === "c started");
  await dismiss();
  await choosePet(perch, "boba");
  await floater.pushed.next("pet", ({ type }) => type === "pet");
  await publish(perch, { kind: "tool.start", sessionId: "a" });
  await cards(floater, "a card anew", (list) => ids(list) === "c started,a started");
});

test("forgets the card of a session that is gone", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  await hook(perch, "PreToolUse", "a");
  await cards(floater, "a card", ({ length }) => length === 1);
  await hook(perch, "SessionEnd", "a");
  await cards(floater, "no card", ({ length }) => length === 0);
});

test.run();
