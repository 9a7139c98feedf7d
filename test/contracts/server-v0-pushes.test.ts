// runtime: node
// limit: 300 s
/** What floaters of the v0 surface are told: message for message what the mavis pet broker 0.7.4 tells them. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { PATIENCE_MS, within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { startPeer } from "../support/peer-process.ts";
import { openSocket } from "../support/ws-reader.ts";
import { choosePet, type Floater, hook, maskTimes, openFloater, type Pushed, statusOf } from "../support/floater.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v0 pushes");

type Step = readonly [kind: string, sessionId: string, more?: object];

/** What happens within less time than any pose lasts. Each list starts on a new broker. */
const STORIES: readonly (readonly Step[])[] = [
  [
    ["PreToolUse", "a", { tool: "Bash" }],
    ["PreToolUse", "a", { tool: "Read" }],
    ["PostToolUse", "a", { tool: "Read", exitCode: 0 }],
    ["PreToolUse", "b"],
    ["PermissionRequested", "b"],
    ["PermissionRequested", "a"],
    ["PermissionResolved", "b"],
    ["PermissionResolved", "a"],
    ["PermissionResolved", "c"],
    ["UserPromptSubmit", "c"],
    ["PreToolUse", "c"],
    ["MessageComplete", "a"],
    ["PostToolUse", "a"],
  ],
  [
    ["PermissionResolved", "a"],
    ["MessageComplete", "a"],
    ["SessionStart", "b"],
    ["UserPromptSubmit", "a"],
    ["PermissionRequested", "b"],
    ["PostToolUse", "a", { exitCode: 2 }],
    ["PostToolUse", "b", { exitCode: -1 }],
    ["PermissionResolved", "b"],
    ["PreToolUse", "c"],
  ],
  [
    ["SessionStart", "a"],
    ["PreToolUse", "a"],
    ["SessionEnd", "b"],
    ["SessionEnd", "a"],
    ["MessageComplete", "c"],
    ["SessionEnd", "c"],
    ["SessionStart", "d"],
  ],
];

test("tells floaters the state, then the pet if there is one, then the cards", async (start) => {
  const [perch, peer] = await Promise.all([start(), startPeer()]);
  try {
    for (const path of ["/ws", "/"]) {
      const [ours, theirs] = await Promise.all([openFloater(perch, path), openFloater(peer, path)]);
      assert.match(ours.pushed.items[0]?.text ?? "", /^\{"type":"state","state":"idle","ts":1[0-9]{12}\}$/);
      assert.equal(masked(ours), masked(theirs));
    }
    await Promise.all([perch, peer].map((server) => choosePet(server, "boba")));
    const [ours, theirs] = await Promise.all([openFloater(perch), openFloater(peer)]);
    assert.equal(masked(ours), masked(theirs));
    assert.equal(types(ours), ["state", "pet", "sessions"]);
  } finally {
    peer.signal("SIGKILL");
  }
});

test("pushes what the mavis pet broker pushes, and only when the aggregate changes", async (start) => {
  for (const story of STORIES) {
    const [perch, peer] = await Promise.all([start(), startPeer()]);
    try {
      const [ours, theirs] = await Promise.all([play(perch, story), play(peer, story)]);
      assert.equal(ours, theirs);
      assert.ok(ours.length > story.length);
    } finally {
      peer.signal("SIGKILL");
    }
  }
});

/** Posts the story, with a new pet after each event to mark its place, and returns all that was pushed. */
async function play(server: ServerProcess, story: readonly Step[]): Promise<string[]> {
  const floater = await openFloater(server);
  for (const [index, step] of story.entries()) {
    await hook(server, ...step);
    await choosePet(server, `after ${index}`);
  }
  await floater.pushed.next("last pet", ({ text }) => text.includes(`"after ${story.length - 1}"`));
  const pushed = masked(floater, ({ type }) => type !== "sessions");
  floater.close();
  return pushed;
}

const types = ({ pushed }: Floater): unknown[] => pushed.items.map(({ type }) => type);

const masked = ({ pushed }: Floater, keep: (message: Pushed) => boolean = () => true): string[] =>
  pushed.items.filter(keep).map(({ text }) => maskTimes(text));

test("tells every floater of a pet, even of the one that it shows", async (start) => {
  const perch = await start();
  const floaters = await Promise.all(["/ws", "/", "/ws?name=x"].map((path) => openFloater(perch, path)));
  for (let time = 0; time < 3; time += 1) {
    const { status, text } = await choosePet(perch, "boba");
    assert.is(`${status} ${text}`, '200 {"ok":true,"slug":"boba"}');
    const pushed = await Promise.all(floaters.map((floater) => floater.pushed.next("pet")));
    assert.equal(pushed.map(({ text }) => text), floaters.map(() => '{"type":"pet","slug":"boba"}'));
  }
  assert.is(at(await statusOf(perch), "pet"), "boba");
});

test("counts the floaters that are connected", async (start) => {
  const perch = await start();
  const floaters = await Promise.all([openFloater(perch), openFloater(perch, "/"), openFloater(perch)]);
  assert.is(at(await statusOf(perch), "wsClients"), 3);
  for (const { close } of floaters.slice(1)) close();
  const isOne = async (): Promise<void> => {
    while (at(await statusOf(perch), "wsClients") !== 1);
  };
  await within(PATIENCE_MS, "wsClients of 1", isOne());
});

test("ignores what floaters say", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  for (const frame of ["hello", "{", '{"type":"resume","since":"now"}', Uint8Array.of(0, 255), "x".repeat(16 * 1024)]) {
    floater.send(frame);
  }
  await hook(perch, "PreToolUse", "s");
  await floater.shows("run");
});

test("refuses sockets at other paths", async (start) => {
  const perch = await start();
  for (const path of ["/ws/", "/status", "/event", "/floater"]) {
    const refused = openSocket(perch.url + path, () => {}).then(() => "open", (error: Error) => error.message);
    assert.match(await refused, /^Unexpected server response: (?:200|4\d\d)$/, path);
  }
});

test.run();
