/** Which broker a command talks to, and what token it is shown. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { enterFolder } from "../../src/folder/enter.ts";
import { newTokenText } from "../../src/tokens/text.ts";
import { FakeMachine } from "../support/fake-machine.ts";
import { answering, runFake } from "./_fake-io.ts";

const FOLDER = "/home/me/.local/share/perch";
const FOUND = "http://127.0.0.1:4242";
const SNAPSHOT = {
  epoch: "abcdefgh",
  seq: 0,
  state: { state: "idle", pose: "idle", since: 0, counts: {} },
  pet: { slug: null },
  sessions: [],
};

/** A machine on which a broker listens at `url`. */
async function withBroker(url = FOUND, folder = FOLDER): Promise<FakeMachine> {
  const machine = new FakeMachine();
  const options = { path: folder, isReplacing: false, stop: new AbortController().signal };
  (await enterFolder(options, machine))?.announce({ version: "0.1.0", url });
  return machine;
}

const tokenIn = (machine: FakeMachine, folder = FOLDER): string => `Bearer ${machine.files.read(`${folder}/token`)?.trim()}`;

/** The address that `perch status` asks, and the token that it shows. */
async function asked(machine: FakeMachine, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { asked, shown } = await runFake(["status", ...args], { machine, env, fetch: answering(200, SNAPSHOT) });
  return [asked[0]?.url.replace("/v1/state", ""), shown[0]];
}

test("without a word the broker of the state folder is asked, and shown its token", async () => {
  const machine = await withBroker();
  assert.equal(await asked(machine), [FOUND, tokenIn(machine)]);
});

test("without a broker it is the default address, and no token", async () => {
  assert.equal(await asked(new FakeMachine()), ["http://127.0.0.1:7857", null]);
  const killed = await withBroker();
  killed.locks.held.clear();
  assert.equal(await asked(killed), ["http://127.0.0.1:7857", null]);
});

test("an address that is named wins, and is shown the token only if the folder's broker is there", async () => {
  const machine = await withBroker();
  const token = tokenIn(machine);
  assert.equal(await asked(machine, ["--url", FOUND]), [FOUND, token]);
  assert.equal(await asked(machine, ["--url", `${FOUND}/perch`]), [`${FOUND}/perch`, token]);
  assert.equal(await asked(machine, [], { PERCH_PORT: "4242" }), [FOUND, token]);
  assert.equal(await asked(machine, [], { PERCH_PORT: "0" }), [FOUND, token]);
  const others = [
    "http://127.0.0.1:4243",
    "http://localhost:4242",
    "http://[::1]:4242",
    "https://127.0.0.1:4242",
    "http://evil.test",
  ];
  for (const url of others) assert.equal(await asked(machine, ["--url", url]), [url, null], url);
  assert.equal(await asked(machine, [], { PERCH_URL: "http://127.0.0.1:1" }), ["http://127.0.0.1:1", null]);
  assert.equal(await asked(machine, [], { PERCH_HOST: "127.0.0.2" }), ["http://127.0.0.2:7857", null]);
});

test("a token that is named goes wherever the command is sent", async () => {
  const machine = await withBroker();
  const [one, other] = [newTokenText().text, newTokenText().text];
  machine.files.put("mine.txt", { text: `${one}\n` });
  const url = "http://evil.test";
  assert.equal(await asked(machine, ["--url", url], { PERCH_TOKEN: other }), [url, `Bearer ${other}`]);
  assert.equal(await asked(machine, ["--url", url, "--token-file", "mine.txt"], { PERCH_TOKEN: other }), [
    url,
    `Bearer ${one}`,
  ]);
  assert.equal(await asked(machine, [], { PERCH_TOKEN: other }), [FOUND, `Bearer ${other}`]);
});

test("what is no token is refused, and not shown to anybody", async () => {
  const machine = new FakeMachine();
  machine.files.put("mine.txt", { text: "hunter2\nx" });
  const runs = [
    await runFake(["status", "--token-file", "mine.txt"], { machine }),
    await runFake(["status"], { machine, env: { PERCH_TOKEN: "hunter2" } }),
  ];
  for (const { code, err, asked } of runs) {
    assert.equal([code, asked.length, err.includes("hunter2")], [2, 0, false]);
    assert.match(err, /holds no token: it must look like perch_…_…, as "perch token" prints it/);
  }
  const missing = await runFake(["status", "--token-file", "none.txt"], { machine });
  assert.equal([missing.code, missing.asked.length], [1, 0]);
  assert.match(missing.err, /^perch: There is no file none\.txt/);
});

test("a state folder that is named must have a broker, unless an address is named too", async () => {
  const machine = await withBroker(FOUND, "/states/a");
  assert.equal(await asked(machine, ["--state-dir", "/states/a"]), [FOUND, tokenIn(machine, "/states/a")]);
  assert.equal(await asked(machine, [], { PERCH_STATE_DIR: "/states/a" }), [FOUND, tokenIn(machine, "/states/a")]);
  const { code, err } = await runFake(["status", "--state-dir", "/states/b"], { machine });
  assert.is(code, 1);
  assert.match(
    err,
    /^perch: No broker runs on the state folder \/states\/b: start one with "perch --state-dir \/states\/b"\n$/,
  );
  assert.equal(await asked(machine, ["--state-dir", "/states/b", "--url", FOUND]), [FOUND, null]);
});

test("event and watch find the broker in the same way", async () => {
  const machine = await withBroker();
  const taken = await runFake(["event", "turn.complete", "--session", "s"], {
    machine,
    fetch: answering(200, { cursor: "abcdefgh.1" }),
  });
  assert.equal([taken.code, taken.asked[0]?.url, taken.shown[0]], [0, `${FOUND}/v1/events`, tokenIn(machine)]);
  const watched = await runFake(["watch"], { machine, fetch: answering(401, { code: "no_token", detail: "Show a token" }) });
  assert.equal([watched.code, watched.asked[0]?.url, watched.shown[0]], [1, `${FOUND}/v1/stream`, tokenIn(machine)]);
  assert.match(watched.err, /can't be watched: Show a token/);
});

test("a broker that wants a token, or another one, says so, and how to show it", async () => {
  for (const args of [["status"], ["event", "turn.complete", "--session", "s"]]) {
    const { code, err } = await runFake(args, { fetch: answering(401, { detail: "This broker wants a token" }) });
    assert.is(code, 1);
    assert.match(err, /\(401\): This broker wants a token\. Show it a token with PERCH_TOKEN or --token-file/);
  }
  const { err } = await runFake(["status"], { fetch: answering(403, { detail: 'This token lacks the scope "read"' }) });
  assert.match(err, /^perch: The broker refused to tell \(403\): This token lacks the scope "read"\n$/);
});

test.run();
