// runtime: node
// limit: 300 s
/** How long poses last on the v0 surface, and where that differs from the mavis pet broker on purpose. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { at, listAt } from "../support/json.ts";
import { startPeer } from "../support/peer-process.ts";
import { hook, maskTimes, openFloater, statusOf } from "../support/floater.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v0 timers", { atOnce: "runtimes" });

/** How much later than its time a pose may end on a busy machine, in milliseconds. */
const LATE_MS = 1_500;

/** Timers of both runtimes may fire this much early, in milliseconds. */
const EARLY_MS = 5;

/** One session's life: each event, the pose it brings, how long that lasts in milliseconds, and the pose after it. */
const LIFE: readonly (readonly [kind: string, more: object, pose: string, ms: number, after: string])[] = [
  ["SessionStart", {}, "extra1", 2_500, "idle"],
  ["UserPromptSubmit", {}, "jump", 1_500, "run"],
  ["MessageComplete", {}, "wave", 1_000, "run"],
  ["PostToolUse", { exitCode: 1 }, "failed", 2_000, "run"],
  ["SessionEnd", {}, "extra2", 2_500, "idle"],
];

test("shows each pose for as long as the mavis pet broker does", async (start) => {
  const [perch, peer] = await Promise.all([start(), startPeer()]);
  try {
    const [ours, theirs] = await Promise.all([live(perch), live(peer)]);
    assert.equal(ours, theirs);
    assert.equal(at(await statusOf(perch), "sessions"), []);
  } finally {
    peer.signal("SIGKILL");
  }
});

/** Leads a session through its life, checks the durations, and returns all that was pushed. */
async function live(server: ServerProcess): Promise<string[]> {
  const floater = await openFloater(server);
  for (const [kind, more, pose, ms, after] of LIFE) {
    const begun = performance.now();
    await hook(server, kind, "s", more);
    await floater.shows(pose);
    const lasted = (await floater.shows(after)).at - begun;
    assert.ok(lasted >= ms - EARLY_MS && lasted <= ms + LATE_MS, `${pose} lasted ${lasted} ms and not ${ms}`);
  }
  return floater.pushed.items.filter(({ type }) => type !== "sessions").map(({ text }) => maskTimes(text));
}

test("shows a wave in full once more when the session ends during it, and its end after it", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  await hook(perch, "MessageComplete", "s");
  const waves = await floater.shows("wave");
  await hook(perch, "SessionEnd", "s");
  const ends = await floater.shows("extra2");
  const idles = await floater.shows("idle");
  assert.ok(ends.at - waves.at >= 1_000 - 50, `the wave lasted ${ends.at - waves.at} ms`);
  assert.ok(idles.at - waves.at >= 3_500 - 50, `the end came after ${idles.at - waves.at} ms`);
});

test("shows a failure for its whole time, whatever follows, where the peer cuts it short", async (start) => {
  const [perch, peer] = await Promise.all([start(), startPeer()]);
  try {
    for (const [server, next] of [[perch, "run"], [peer, "wave"]] as const) {
      const floater = await openFloater(server);
      const begun = performance.now();
      await hook(server, "PostToolUse", "s", { exitCode: 1 });
      for (const kind of ["UserPromptSubmit", "SessionStart", "PreToolUse", "MessageComplete"]) await hook(server, kind, "s");
      const shown = await floater.pushed.next(next, ({ type, state }) => type === "state" && state === next);
      const isWhole = shown.at - begun >= 2_000 - EARLY_MS;
      assert.is(isWhole, server === perch, `${next} came after ${shown.at - begun} ms`);
      const poses = floater.pushed.items.filter(({ type }) => type === "state").map(({ state }) => state);
      if (server === perch) assert.equal(poses, ["idle", "failed", "run"]);
    }
  } finally {
    peer.signal("SIGKILL");
  }
});

test("begins a session anew when an event follows its end", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  await hook(perch, "SessionEnd", "a");
  await floater.shows("extra2");
  await hook(perch, "PreToolUse", "a");
  await hook(perch, "SessionEnd", "b");
  await floater.shows("extra2");
  await floater.shows("run");
  assert.equal(await sessions(perch), ["a run"]);
});

test("forgets a session that has ended", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  await hook(perch, "PreToolUse", "a");
  await hook(perch, "PermissionRequested", "a");
  await floater.shows("review");
  await hook(perch, "SessionEnd", "a");
  await floater.shows("extra2");
  assert.equal(await sessions(perch), ["a extra2"]);
  await floater.shows("idle");
  assert.equal(await sessions(perch), []);
});

test("ends a review once a later event of the session proves that it was answered", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  for (const [kind, more] of [["PostToolUse", { tool: "Bash" }], ["MessageComplete", {}], ["UserPromptSubmit", {}]] as const) {
    await hook(perch, "PreToolUse", "a");
    await hook(perch, "PermissionRequested", "a", { tool: "Bash" });
    await floater.shows("review");
    await hook(perch, "PostToolUse", "a", { tool: "Read" });
    await hook(perch, "PermissionRequested", "b");
    await hook(perch, "PermissionResolved", "b");
    assert.ok((await sessions(perch)).includes("a review"), "another tool answers nothing");
    await hook(perch, kind, "a", more);
    await floater.pushed.next(`state after ${kind}`, ({ type, state }) => type === "state" && state !== "review");
  }
});

async function sessions(server: ServerProcess): Promise<string[]> {
  const status = await statusOf(server);
  return listAt(status, "sessions").map((session) => `${at(session, "sessionId")} ${at(session, "state")}`);
}

test("shows a client's time and never goes by it", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  const before = Date.now();
  await hook(perch, "PreToolUse", "s", { ts: 1 });
  const { text } = await floater.shows("run");
  const told = Number(at(JSON.parse(text), "ts"));
  assert.ok(told >= before - 1 && told <= Date.now(), `the push said ${told}`);
  await hook(perch, "UserPromptSubmit", "s", { ts: 8.64e15 });
  const begun = performance.now();
  await floater.shows("jump");
  assert.ok((await floater.shows("run")).at - begun < 1_500 + LATE_MS);
  await hook(perch, "MessageComplete", "s", { ts: -5.5 });
  await floater.shows("wave");
  assert.equal(listAt(await statusOf(perch), "recentEvents").map((event) => at(event, "ts")), [-5.5, 8.64e15, 1]);
});

test.run();
