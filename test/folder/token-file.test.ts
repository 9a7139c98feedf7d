import { test } from "uvu";
import * as assert from "uvu/assert";
import { FolderError } from "../../src/folder/error.ts";
import { secureFolder } from "../../src/folder/secure.ts";
import { MOST_LIST_BYTES, TokenFile } from "../../src/folder/token-file.ts";
import { addToken, replaceRoot, revokeToken } from "../../src/tokens/changes.ts";
import { newTokenText, tokenIdOf } from "../../src/tokens/text.ts";
import { FakeMachine } from "../support/fake-machine.ts";

function setUp() {
  const machine = new FakeMachine();
  const paths = secureFolder("/s", machine.files);
  return { machine, paths, file: new TokenFile(paths, machine) };
}

test("the root token is made once, and found again", () => {
  const { machine, paths, file } = setUp();
  const text = file.ensureRoot(false);
  assert.is(machine.files.read(paths.token), `${text}\n`);
  assert.equal([file.ensureRoot(false), file.ensureRoot(true)], [text, text]);
  assert.is(file.read().length, 1);
  assert.not.ok(machine.files.read(paths.tokens)?.includes(text.slice(-43)));
});

test("a root token that is gone, damaged, revoked or not in the list is made anew, and the one before is void", () => {
  const damages: Readonly<Record<string, (at: ReturnType<typeof setUp>, text: string) => void>> = {
    gone: ({ machine, paths }) => machine.files.remove(paths.token),
    "of another list": ({ machine, paths }) => machine.files.write(paths.token, newTokenText().text),
    "no token": ({ machine, paths }) => machine.files.write(paths.token, "secret"),
    revoked: ({ file }, text) => file.change((list, now) => ({ records: revokeToken(list, tokenIdOf(text) ?? "", now) })),
    "in no list": ({ machine, paths }) => machine.files.remove(paths.tokens),
  };
  for (const [what, damage] of Object.entries(damages)) {
    const at = setUp();
    const text = at.file.ensureRoot(false);
    damage(at, text);
    const other = at.file.ensureRoot(false);
    assert.is.not(other, text, what);
    const valid = at.file.read().filter(({ revokedAt }) => revokedAt === undefined);
    assert.equal(valid.map(({ id }) => id), [tokenIdOf(other)], what);
  }
});

test("only a thorough look finds a wrong secret behind the right id", () => {
  const { machine, paths, file } = setUp();
  const text = file.ensureRoot(false);
  const wrong = text.slice(0, -43) + newTokenText().text.slice(-43);
  machine.files.write(paths.token, wrong);
  assert.is(file.ensureRoot(false), wrong);
  assert.is.not(file.ensureRoot(true), wrong);
});

test("changes take turns, and the lock is let go of when one fails", () => {
  const { machine, paths, file } = setUp();
  assert.throws(() =>
    file.change(() => {
      throw new Error("no");
    }), "no");
  file.change((records, now) => {
    assert.throws(
      () => file.change(() => ({ records })),
      (error: unknown) => error instanceof FolderError && error.code === "busy",
    );
    return addToken(records, { scopes: ["read"] }, now, machine.digests);
  });
  assert.equal([file.read().length, machine.locks.isHeld(paths.tokensLock)], [1, false]);
});

test("a change that changes nothing writes nothing", () => {
  const { machine, paths, file } = setUp();
  file.ensureRoot(false);
  const edition = machine.files.look(paths.tokens)?.edition;
  file.change((records) => ({ records }));
  assert.is(machine.files.look(paths.tokens)?.edition, edition);
});

test("only the text of a root token goes to the file", () => {
  const { machine, paths, file } = setUp();
  const root = file.ensureRoot(false);
  file.change((records, now) => addToken(records, { scopes: ["read"] }, now, machine.digests));
  assert.is(file.rootText(), root);
  const { text } = file.change((records, now) => replaceRoot(records, now, machine.digests));
  assert.is(machine.files.read(paths.token), `${text}\n`);
});

test("a list that is none, or too long, is refused and left as it is", () => {
  const { machine, paths, file } = setUp();
  for (const text of ["{", "[]", `{"version":2,"tokens":[]}`, " ".repeat(MOST_LIST_BYTES + 1)]) {
    machine.files.write(paths.tokens, text);
    const isInvalid = (error: unknown) => error instanceof FolderError && error.code === "invalid_tokens";
    assert.throws(() => file.read(), isInvalid);
    assert.throws(() => file.ensureRoot(false), isInvalid);
    assert.is(machine.files.read(paths.tokens), text);
  }
});

test.run();
