import { test } from "uvu";
import * as assert from "uvu/assert";
import { LiveTokens } from "../../src/folder/live-tokens.ts";
import { secureFolder } from "../../src/folder/secure.ts";
import { TokenFile } from "../../src/folder/token-file.ts";
import { addToken, revokeToken, rotateToken, type TokenWish } from "../../src/tokens/changes.ts";
import { FakeMachine } from "../support/fake-machine.ts";
import { recordsOf } from "../support/log-records.ts";

function setUp() {
  const machine = new FakeMachine();
  const paths = secureFolder("/s", machine.files);
  const file = new TokenFile(paths, machine);
  const root = file.ensureRoot(false);
  const live = new LiveTokens(file, paths.tokens, machine);
  let told = 0;
  const stop = live.onChange(() => void (told += 1));
  const add = (wish: TokenWish) => file.change((records, now) => addToken(records, wish, now, machine.digests));
  return { machine, paths, file, root, live, stop, add, told: () => told };
}

test("a token that is made elsewhere is good at once, one that is revoked or rotated is void from the next look on", () => {
  const { machine, live, add, file, told } = setUp();
  const { text, record } = add({ scopes: ["read"] });
  assert.is(live.stateOf(record.id), "unknown");
  assert.equal([live.check(text).state, live.stateOf(record.id), told()], ["valid", "valid", 1]);
  live.refresh();
  assert.is(told(), 1);
  const rotated = file.change((records, now) => rotateToken(records, record.id, now, machine.digests));
  live.refresh();
  assert.equal([live.check(text).state, live.stateOf(record.id), live.check(rotated.text).state], [
    "revoked",
    "revoked",
    "valid",
  ]);
  file.change((records, now) => ({ records: revokeToken(records, rotated.record.id, now) }));
  live.refresh();
  assert.equal([live.stateOf(rotated.record.id), told()], ["revoked", 3]);
});

test("who stopped listening is not told, and one that throws keeps nobody else from it", () => {
  const { live, add, stop, told } = setUp();
  stop();
  let other = 0;
  live.onChange(() => {
    throw new Error("listener");
  });
  live.onChange(() => void (other += 1));
  add({ scopes: [] });
  live.refresh();
  assert.equal([told(), other], [0, 1]);
});

test("a token that expires does so at its time, and listeners are told with the next look", () => {
  const { machine, live, add, told } = setUp();
  const { text } = add({ scopes: [], expiresAt: machine.clock.wall() + 5_000 });
  live.refresh();
  machine.clock.advance(4_999);
  live.refresh();
  assert.equal([live.check(text).state, told()], ["valid", 1]);
  machine.clock.advance(1);
  assert.is(live.check(text).state, "expired");
  live.refresh();
  live.refresh();
  assert.is(told(), 2);
});

test("a torn list leaves the last good one in force, said once, until a good one comes", async () => {
  const { machine, paths, live, add, root, told } = setUp();
  const { text } = add({ scopes: [] });
  live.refresh();
  const whole = machine.files.read(paths.tokens) ?? "";
  const records = await recordsOf(() => {
    for (const length of [0, 10, whole.length - 5]) {
      machine.files.put(paths.tokens, { text: whole.slice(0, length) });
      live.refresh();
      live.refresh();
    }
  });
  assert.equal([live.check(root).state, live.check(text).state, told()], ["valid", "valid", 1]);
  assert.ok(records.length >= 1 && records.every(({ level }) => level === "error"), JSON.stringify(records));
  machine.files.put(paths.tokens, { text: '{"version":1,"tokens":[]}' });
  live.refresh();
  assert.equal([live.check(root).state, told()], ["unknown", 2]);
});

test("once the list is gone no token is valid, and it is said; a new list counts again", async () => {
  const { machine, paths, live, root, told } = setUp();
  const whole = machine.files.read(paths.tokens) ?? "";
  const records = await recordsOf(() => {
    machine.files.remove(paths.tokens);
    live.refresh();
    live.refresh();
  });
  assert.equal([live.check(root).state, told(), records.map(({ level }) => level)], ["unknown", 1, ["error"]]);
  machine.files.put(paths.tokens, { text: whole });
  live.refresh();
  assert.equal([live.check(root).state, told()], ["valid", 2]);
});

test("a disk that does not answer leaves the last good list in force, and is asked again", () => {
  const { machine, live, add, root } = setUp();
  const { text } = add({ scopes: [] });
  const { read, look } = machine.files;
  const fail = (): never => {
    throw new Error("EIO");
  };
  machine.files.read = fail;
  live.refresh();
  machine.files.look = fail;
  live.refresh();
  assert.equal([live.check(root).state, live.check(text).state], ["valid", "unknown"]);
  Object.assign(machine.files, { read, look });
  live.refresh();
  assert.is(live.check(text).state, "valid");
});

test.run();
