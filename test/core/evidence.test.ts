import { test } from "uvu";
import * as assert from "uvu/assert";
import { answeredBy, closeTool, evidenceUntil, MAX_OPEN, openTool, withWait } from "../../src/core/evidence.ts";
import { newSession, type Wait } from "../../src/core/session.ts";
import { DEFAULT_TIMINGS } from "../../src/core/states.ts";
import { type Fields, Life, stamped } from "../support/events.ts";

const wait = (id: string | undefined, tool: string | undefined, until = 1): Wait => ({ id, tool, seq: 1, until });
const idsOf = (waits: readonly Wait[]) => waits.map(({ id, tool }) => id ?? tool);
const WAITS = [wait("1", "bash"), wait("2", "bash"), wait(undefined, "edit")];

test("a tool call is open from its start to its end", () => {
  const draft = newSession(stamped("session.update"), 1);
  openTool(draft, stamped("tool.start", { toolUseId: "1", tool: "bash" }), 10);
  openTool(draft, stamped("tool.start", { toolUseId: "2", tool: "edit" }), 20);
  assert.equal(draft.tools, [{ id: "1", tool: "bash", seq: 1, until: 10 }, { id: "2", tool: "edit", seq: 1, until: 20 }]);
  assert.is(closeTool(draft, stamped("tool.end", { toolUseId: "1" })), true);
  assert.is(closeTool(draft, stamped("tool.end", { toolUseId: "1" })), false);
  assert.equal(draft.tools, [{ id: "2", tool: "edit", seq: 1, until: 20 }]);
});

test("a call that starts again is open anew, and is the newest", () => {
  const draft = newSession(stamped("session.update"), 1);
  openTool(draft, stamped("tool.start", { toolUseId: "1" }), 10);
  openTool(draft, stamped("tool.start", { toolUseId: "2" }), 20);
  openTool(draft, stamped("tool.start", { toolUseId: "1" }), 30);
  assert.equal(draft.tools.map(({ id, until }) => [id, until]), [["2", 20], ["1", 30]]);
});

test("a start without an id is not noted as open, since nothing could close it; nor is one of the v0 surface", () => {
  const draft = newSession(stamped("session.update"), 1);
  openTool(draft, stamped("tool.start", { tool: "bash" }), 10);
  openTool(draft, stamped("tool.start", { toolUseId: "1", plain: true }), 10);
  assert.equal(draft.tools, []);
});

test("an end without an id closes the oldest open call of its tool", () => {
  const draft = newSession(stamped("session.update"), 1);
  for (const [id, tool] of [["1", "edit"], ["2", "bash"], ["3", "bash"]] as const) {
    openTool(draft, stamped("tool.start", { toolUseId: id, tool }), 10);
  }
  assert.is(closeTool(draft, stamped("tool.end", { tool: "bash" })), true);
  assert.equal(draft.tools.map(({ id }) => id), ["1", "3"]);
  assert.is(closeTool(draft, stamped("tool.end", { tool: "web" })), false);
  assert.is(closeTool(draft, stamped("tool.end", { toolUseId: "9", tool: "bash" })), false);
});

test("the tool that is told is the newest that is open", () => {
  const life = Life.v1().at(0, "tool.start", { toolUseId: "1", tool: "bash" }).at(1, "tool.start", {
    toolUseId: "2",
    tool: "edit",
  });
  assert.is(life.alive.tool, "edit");
  assert.is(life.at(2, "tool.end", { toolUseId: "2", tool: "edit" }).alive.tool, "bash");
  assert.is(life.at(3, "tool.end", { toolUseId: "1", tool: "bash" }).alive.tool, undefined);
});

test("a session has 64 open calls and 64 requests at most", () => {
  assert.is(MAX_OPEN, 64);
});

test(`at most ${MAX_OPEN} calls are open; the oldest makes room`, () => {
  const draft = newSession(stamped("session.update"), 1);
  for (let id = 0; id <= MAX_OPEN; id += 1) openTool(draft, stamped("tool.start", { toolUseId: `${id}` }), id);
  assert.is(draft.tools.length, MAX_OPEN);
  assert.equal([draft.tools[0]?.id, draft.tools.at(-1)?.id], ["1", `${MAX_OPEN}`]);
});

test(`at most ${MAX_OPEN} requests wait; the oldest makes room`, () => {
  let waits: readonly Wait[] = [];
  for (let id = 0; id <= MAX_OPEN; id += 1) waits = withWait(waits, stamped("permission.request", { toolUseId: `${id}` }), id);
  assert.is(waits.length, MAX_OPEN);
  assert.equal([waits[0]?.id, waits.at(-1)?.id], ["1", `${MAX_OPEN}`]);
});

test("work is believed by its oldest open tool, or else by its open turn, or else by its last event", () => {
  const draft = newSession(stamped("session.update"), 5_000 + DEFAULT_TIMINGS.forgetMs);
  assert.is(evidenceUntil(draft, DEFAULT_TIMINGS), 5_000 + 30_000);
  draft.turn = "open";
  assert.is(evidenceUntil(draft, DEFAULT_TIMINGS), 5_000 + 600_000);
  openTool(draft, stamped("tool.start", { toolUseId: "1" }), 77);
  openTool(draft, stamped("tool.start", { toolUseId: "2" }), 88);
  assert.is(evidenceUntil(draft, DEFAULT_TIMINGS), 77);
});

test("a request that is made again waits anew; one of another call or tool waits beside it", () => {
  const again = withWait([wait("1", "bash", 10)], stamped("permission.request", { toolUseId: "1", tool: "bash" }), 20);
  assert.equal(again, [wait("1", "bash", 20)]);
  assert.is(withWait(again, stamped("permission.request", { toolUseId: "2", tool: "bash" }), 30).length, 2);
  assert.is(withWait(again, stamped("permission.request", { tool: "bash" }), 30).length, 2);
});

const left = (kind: "permission.resolve" | "tool.start" | "tool.end", fields: Fields) =>
  idsOf(answeredBy(WAITS, stamped(kind, fields), []));

test("a resolution answers its call, or the calls of its tool, or all", () => {
  assert.equal(left("permission.resolve", { toolUseId: "1", tool: "bash" }), ["2", "edit"]);
  assert.equal(left("permission.resolve", { toolUseId: "9", tool: "edit" }), ["1", "2"]);
  assert.equal(left("permission.resolve", { tool: "bash" }), ["edit"]);
  assert.equal(left("permission.resolve", {}), []);
  assert.equal(left("permission.resolve", { tool: "web" }), ["1", "2", "edit"]);
});

test("a tool that ended was allowed to run: by its id, or else by its name", () => {
  assert.equal(left("tool.end", { toolUseId: "2", tool: "bash" }), ["1", "edit"]);
  assert.equal(left("tool.end", { toolUseId: "9", tool: "edit" }), ["1", "2"]);
  assert.equal(left("tool.end", { tool: "bash" }), ["edit"]);
  assert.equal(left("tool.end", { tool: "web" }), ["1", "2", "edit"]);
});

test("a tool that starts answers only the request of its own id", () => {
  assert.equal(left("tool.start", { toolUseId: "2", tool: "bash" }), ["1", "edit"]);
  assert.equal(left("tool.start", { tool: "edit" }), ["1", "2", "edit"]);
});

test("a completed turn answers all; an update answers none", () => {
  assert.equal(answeredBy(WAITS, stamped("turn.complete"), []), []);
  assert.equal(answeredBy(WAITS, stamped("session.update"), []), WAITS);
});

test("with parallel tools, one that ends does not answer for another that waits", () => {
  const life = Life.v1().at(0, "tool.start", { toolUseId: "1", tool: "bash" }).at(1, "tool.start", {
    toolUseId: "2",
    tool: "bash",
  })
    .at(2, "permission.request", { toolUseId: "1", tool: "bash" }).at(3, "tool.end", { toolUseId: "2", tool: "bash" });
  assert.is(life.state, "waiting");
  assert.is(life.at(4, "tool.end", { toolUseId: "1", tool: "bash" }).state, "working");
});

test("a call that was asked for and starts was allowed to", () => {
  const life = Life.v1().at(0, "permission.request", { toolUseId: "1" });
  assert.is(life.at(1, "tool.start", { toolUseId: "2" }).state, "waiting");
  assert.is(life.at(2, "tool.start", { toolUseId: "1" }).state, "working");
});

test("the session waits until the last of its requests is answered", () => {
  const life = Life.v1().at(0, "permission.request", { toolUseId: "1" }).at(1, "permission.request", { toolUseId: "2" });
  assert.is(life.at(2, "permission.resolve", { toolUseId: "2" }).state, "waiting");
  assert.is(life.at(3, "permission.resolve", { toolUseId: "1" }).state, "working");
});

test("a request that names no call is answered when no tool that it may mean is open any more", () => {
  const bash = { toolUseId: "1", tool: "bash" };
  const edit = { toolUseId: "2", tool: "edit" };
  const web = { toolUseId: "3", tool: "web" };
  const asked = (fields: Fields) =>
    Life.v1().at(0, "prompt.submit").at(1, "tool.start", bash).at(2, "tool.start", edit).at(3, "permission.request", fields);
  assert.is(asked({}).at(4, "tool.end", edit).state, "waiting");
  assert.is(asked({}).at(4, "tool.start", web).at(5, "tool.end", web).state, "waiting");
  assert.is(asked({}).at(4, "tool.end", edit).at(5, "tool.end", bash).state, "working");
  assert.is(asked({ tool: "edit" }).at(4, "tool.end", edit).state, "working");
  assert.is(asked({ tool: "bash" }).at(4, "tool.end", edit).state, "waiting");
  const twice = Life.v1().at(0, "tool.start", bash).at(1, "tool.start", { ...bash, toolUseId: "4" });
  assert.is(
    twice.at(2, "permission.request", { tool: "bash" }).at(3, "tool.end", { ...bash, toolUseId: "4" }).state,
    "waiting",
  );
});

test.run();
