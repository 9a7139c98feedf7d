import { test } from "uvu";
import * as assert from "uvu/assert";
import { enterFolder, LEAVE_MS } from "../../src/folder/enter.ts";
import { FolderError, type FolderProblem } from "../../src/folder/error.ts";
import { findBroker, isFolderTaken } from "../../src/folder/find.ts";
import { type Instance, LOOK_MS } from "../../src/folder/instance.ts";
import { FakeMachine } from "../support/fake-machine.ts";

const URL_A = "http://127.0.0.1:1111";

const enter = (machine: FakeMachine, isReplacing = false, stop = new AbortController().signal): Promise<Instance | undefined> =>
  enterFolder({ path: "/s", isReplacing, stop }, machine);

/** A broker that runs on the folder, and another program of the same machine. */
async function setUp() {
  const first = new FakeMachine(11);
  const instance = await enter(first);
  if (instance === undefined) throw new Error("Cannot enter");
  instance.announce({ version: "0.1.0", url: URL_A });
  return { first, instance, second: new FakeMachine(22, first) };
}

const failsWith = (code: FolderProblem, says: RegExp) => (error: unknown): void => {
  assert.ok(error instanceof FolderError, String(error));
  assert.is(error.code, code);
  assert.match(error.message, says);
};

const never = (): never => {
  throw new Error("It should have been refused");
};

/** Lets time pass until `promise` settles, and what waits for promises have its turn. */
async function passTime<Value>(machine: FakeMachine, promise: Promise<Value>): Promise<Value> {
  let isOver = false;
  const ended = promise.finally(() => isOver = true);
  ended.catch(() => {});
  while (!isOver) {
    machine.clock.advance(50);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return await ended;
}

test("a second broker is told where the first one runs", async () => {
  const { second } = await setUp();
  await enter(second).then(never, failsWith("running", /\/s: at http:\/\/127\.0\.0\.1:1111, process 11\. .*--replace/));
});

test("a second broker is told of one that does not listen yet", async () => {
  const first = new FakeMachine(11);
  await enter(first);
  await enter(new FakeMachine(22, first)).then(never, failsWith("running", /starting or ending has the state folder \/s/));
});

test("a broker that has ended in order leaves nothing but the tokens", async () => {
  const { first, instance, second } = await setUp();
  instance.end();
  instance.end();
  assert.equal([...first.files.list("/s")].sort(), ["lock", "token", "tokens.json", "tokens.lock"]);
  assert.is(first.clock.pending, 0);
  assert.ok(await enter(second));
});

test("what a broker that was killed has left behind harms nobody", async () => {
  const { first, second } = await setUp();
  const token = first.files.read("/s/token");
  first.files.put("/s/leave.json", { text: '{"pid":22,"startedAt":0}' });
  first.locks.held.clear();
  assert.is(findBroker("/s", second), undefined);
  const instance = await enter(second);
  assert.equal([first.files.look("/s/broker.json"), first.files.look("/s/leave.json")], [undefined, undefined]);
  assert.is(first.files.read("/s/token"), token);
  second.clock.advance(2 * LOOK_MS);
  assert.is(instance?.leaving.aborted, false);
});

test("with replace, the first is asked to leave, notices within a second, and the second takes its place", async () => {
  const { first, instance, second } = await setUp();
  const entered = enter(second, true);
  const from = first.clock.now();
  instance.leaving.addEventListener("abort", () => {
    assert.ok(first.clock.now() - from <= LOOK_MS);
    instance.end();
  });
  assert.ok(await passTime(second, entered));
  assert.is(first.files.look("/s/leave.json"), undefined);
});

test("one that does not leave in time stays, is not asked any more, and is named", async () => {
  const { first, instance, second } = await setUp();
  const from = first.clock.now();
  const entered = enter(second, true);
  await passTime(second, entered).then(
    never,
    failsWith("stays", /at http:\/\/127\.0\.0\.1:1111 \(process 11\) has not left .*10 s/),
  );
  assert.ok(first.clock.now() - from >= LEAVE_MS && first.clock.now() - from < LEAVE_MS + 1_000);
  assert.is(first.files.look("/s/leave.json"), undefined);
  assert.ok(instance.leaving.aborted);
});

test("a request for another broker is no request for this one", async () => {
  const { first, instance } = await setUp();
  for (const text of ['{"pid":11,"startedAt":1}', '{"pid":12}', "no JSON"]) {
    first.files.put("/s/leave.json", { text });
    first.clock.advance(LOOK_MS);
    assert.equal([instance.leaving.aborted, first.files.look("/s/leave.json")], [false, undefined]);
  }
});

test("a broker that is faster wins the place, and the slower one is told so", async () => {
  const { first, instance, second } = await setUp();
  const third = new FakeMachine(33, first);
  const entered = enter(second, true);
  instance.end();
  (await enter(third))?.announce({ version: "0.1.0", url: "http://127.0.0.1:3333" });
  await passTime(second, entered).then(never, failsWith("running", /at http:\/\/127\.0\.0\.1:3333, process 33/));
});

test("whoever is stopped while waiting gives up in peace", async () => {
  const { first, second } = await setUp();
  const stop = new AbortController();
  const entered = enter(second, true, stop.signal);
  stop.abort();
  assert.is(await passTime(second, entered), undefined);
  assert.is(first.files.look("/s/leave.json"), undefined);
});

test("a broker that can't read its tokens does not start, and lets go of the folder", async () => {
  const machine = new FakeMachine();
  machine.files.put("/s", { kind: "folder", mode: 0o700 });
  machine.files.put("/s/tokens.json", { text: "{" });
  await enter(machine).then(never, failsWith("invalid_tokens", /^\/s\/tokens\.json is no list of tokens/));
  assert.equal([machine.locks.held.size, machine.clock.pending], [0, 0]);
});

test("a broker is found with its token while it has the lock, by nobody else's word", async () => {
  const { first, second } = await setUp();
  const startedAt = first.clock.wall();
  const token = first.files.read("/s/token")?.trim();
  assert.equal(findBroker("/s", second), { version: "0.1.0", pid: 11, startedAt, url: URL_A, token });
  first.files.put("/s/token", { text: "x\r\ninjected: yes" });
  assert.is(findBroker("/s", second)?.token, undefined);
  for (const text of ["", "{}", '{"version":"1","pid":1,"startedAt":1,"url":"http://me@evil.test"}']) {
    first.files.put("/s/broker.json", { text });
    assert.is(findBroker("/s", second), undefined, text);
  }
  assert.is(findBroker("/nowhere", second), undefined);
  assert.equal([isFolderTaken("/s", second), isFolderTaken("/nowhere", second)], [true, false]);
});

test("a broker that can't write down where it is works on", async () => {
  const first = new FakeMachine();
  const instance = await enter(first);
  first.files.failure = new Error("ENOSPC");
  instance?.announce({ version: "0.1.0", url: URL_A });
  assert.is(findBroker("/s", first), undefined);
});

test.run();
