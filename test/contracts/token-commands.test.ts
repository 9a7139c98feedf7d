// runtime: node
// limit: 300 s
/** `perch token` as a process, and a broker's view of what it does. */

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { nodeClock } from "../../adapters/clock.ts";
import { nodeMachine } from "../../adapters/node-machine.ts";
import { enterFolder } from "../../src/folder/enter.ts";
import type { Instance } from "../../src/folder/instance.ts";
import type { Runtime } from "../support/broker-process.ts";
import { within } from "../support/inbox.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { newStateDir, rootTokenOf } from "../support/state-dir.ts";
import { type Run, runPerch } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("perch token");

const TEXT = /^perch_([A-Za-z0-9]{10})_[A-Za-z0-9_-]{43}\n$/;
/** So long a change may take until a running broker knows of it, in milliseconds. */
const NOTICED_MS = 2_000;

/** Runs `perch token` with these words on a state folder. */
function token(runtime: Runtime, folder: string, ...args: readonly string[]): Promise<Run> {
  return runPerch(runtime, ["token", ...args], { PERCH_STATE_DIR: folder });
}

/** The token that such a command prints, and its id. */
async function made(runtime: Runtime, folder: string, ...args: readonly string[]): Promise<{ text: string; id: string }> {
  const { code, stdout, stderr } = await token(runtime, folder, ...args);
  assert.equal({ code, stderr }, { code: 0, stderr: "" });
  const [, id = ""] = TEXT.exec(stdout) ?? [];
  assert.is.not(id, "", stdout);
  return { text: stdout.trim(), id };
}

async function listed(runtime: Runtime, folder: string): Promise<unknown[]> {
  const { code, stdout } = await token(runtime, folder, "list", "--json");
  assert.is(code, 0);
  return stdout.trimEnd().split("\n").map((line) => parseOrUndefined(line));
}

test("prints the root token and nothing else, with and without a broker", async (start, runtime) => {
  const folder = newStateDir();
  const { text } = await made(runtime, folder);
  assert.is(text, rootTokenOf(folder));
  assert.is((await made(runtime, folder)).text, text);
  const perch = await start("--state-dir", folder);
  assert.is(perch.token, text);
  assert.is((await made(runtime, folder)).text, text);
});

test("a token is made, listed without its secret, and revoked", async (_start, runtime) => {
  const folder = newStateDir();
  await made(runtime, folder);
  const flags = ["--scope", "read,ingest", "--scope=sessions", "--ttl", "30d", "--note", "hall\x1b[2J"];
  const { text, id } = await made(runtime, folder, "create", ...flags);
  const before = await listed(runtime, folder);
  assert.equal(before.map((each) => [at(each, "state"), at(each, "isRoot")]), [["valid", true], ["valid", undefined]]);
  const record = before[1];
  assert.equal([at(record, "id"), at(record, "scopes"), at(record, "note")], [
    id,
    ["ingest", "read", "sessions"],
    "hall\x1b[2J",
  ]);
  assert.is(Number(at(record, "expiresAt")) - Number(at(record, "createdAt")), 30 * 86_400_000);
  const table = await token(runtime, folder, "list");
  assert.match(table.stdout, /^ID +STATE +SCOPES +MADE +ENDS +NOTE\n.+ root\n.+ hall\uFFFD\[2J\n$/);
  for (const shown of [table.stdout, JSON.stringify(before)]) assert.not.ok(shown.includes(text.slice(-43)), shown);
  assert.not.ok(JSON.stringify(before).includes("sha256"));
  assert.equal(await token(runtime, folder, "revoke", id), { code: 0, signal: null, stdout: `revoked ${id}\n`, stderr: "" });
  assert.is(at((await listed(runtime, folder))[1], "state"), "revoked");
});

test("what can't be done is told, with 1 or 2, and changes nothing", async (_start, runtime) => {
  const folder = newStateDir();
  await made(runtime, folder);
  const edition = statSync(join(folder, "tokens.json")).mtimeMs;
  const cases: readonly (readonly [code: number, says: RegExp, ...args: string[]])[] = [
    [2, /--scope is missing: choose from ingest, read, sessions, messages, admin/, "create"],
    [2, /--scope is "reed": it must be of .*did you mean read\?/, "create", "--scope", "reed"],
    [2, /--ttl is "30": it must be a number and one of s, m, h, d/, "create", "--scope", "read", "--ttl", "30"],
    [2, /--ttl is "4000d"/, "create", "--scope", "read", "--ttl", "4000d"],
    [2, /ID is missing/, "revoke"],
    [2, /command token remove is unknown/, "remove", "x"],
    [1, /There is no token "nobody"/, "revoke", "nobody"],
    [1, /There is no token "nobody"/, "rotate", "nobody"],
  ];
  for (const [code, says, ...args] of cases) {
    const run = await token(runtime, folder, ...args);
    assert.equal({ code: run.code, stdout: run.stdout }, { code, stdout: "" }, run.stderr);
    assert.match(run.stderr, says);
  }
  assert.is(statSync(join(folder, "tokens.json")).mtimeMs, edition);
});

test("twenty that are made at once are all there", async (_start, runtime) => {
  const folder = newStateDir();
  const other: Runtime = runtime === "node" ? "deno" : "node";
  const runs = Array.from({ length: 20 }, (_, i) => made(i % 4 === 0 ? other : runtime, folder, "create", "--scope", "read"));
  const ids = (await Promise.all(runs)).map(({ id }) => id);
  const kept = (await listed(runtime, folder)).map((each) => String(at(each, "id")));
  assert.equal(ids.filter((id) => !kept.includes(id)), []);
  assert.is(new Set(kept).size, 20);
});

/** A broker's part of the state folder, in this process. */
async function withInstance(folder: string, use: (instance: Instance) => Promise<void>): Promise<void> {
  const machine = await nodeMachine(nodeClock());
  const stop = new AbortController().signal;
  const instance = await enterFolder({ path: folder, isReplacing: false, stop }, machine);
  if (instance === undefined) throw new Error(`Cannot enter ${folder}`);
  try {
    await use(instance);
  } finally {
    instance.end();
  }
}

test(
  "a broker that runs notices what is made, revoked and rotated, and when the list is torn or gone",
  async (_start, runtime) => {
    const folder = newStateDir();
    await withInstance(folder, async ({ tokens }) => {
      /** Does something to the list, and waits until the broker has noticed, counted from its end. */
      const noticed = async <Value>(act: () => Promise<Value>): Promise<Value> => {
        let stop = (): void => {};
        const change = new Promise<void>((resolve) => stop = tokens.onChange(resolve));
        const value = await act();
        await within(NOTICED_MS, "change of the tokens", change);
        stop();
        return value;
      };
      const root = rootTokenOf(folder);
      const { text, id } = await noticed(() => made(runtime, folder, "create", "--scope", "read"));
      assert.equal(tokens.check(text), { state: "valid", token: { id, scopes: new Set(["read"]), expiresAt: undefined } });
      const rotated = await noticed(() => made(runtime, folder, "rotate", id));
      assert.equal([text, rotated.text].map((each) => tokens.check(each).state), ["revoked", "valid"]);
      await noticed(() => token(runtime, folder, "revoke", rotated.id));
      assert.equal([tokens.check(rotated.text).state, tokens.stateOf(rotated.id)], ["revoked", "revoked"]);
      const next = await noticed(() => made(runtime, folder, "rotate"));
      assert.equal([root, next.text].map((each) => tokens.check(each).state), ["revoked", "valid"]);
      assert.is(rootTokenOf(folder), next.text);
      const list = join(folder, "tokens.json");
      writeFileSync(list, "{");
      const refused = await token(runtime, folder, "create", "--scope", "read");
      assert.equal([refused.code, /is no list of tokens/.test(refused.stderr)], [1, true]);
      await new Promise((resolve) => setTimeout(resolve, NOTICED_MS)); // longer than it takes to look
      assert.is(tokens.check(next.text).state, "valid");
      await noticed(() => Promise.resolve(writeFileSync(list, '{"version":1,"tokens":[]}')));
      assert.is(tokens.check(next.text).state, "unknown");
    });
  },
);

test.run();
