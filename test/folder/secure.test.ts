import { test } from "uvu";
import * as assert from "uvu/assert";
import { FolderError, type FolderProblem } from "../../src/folder/error.ts";
import { secureFolder, trustedFolder } from "../../src/folder/secure.ts";
import { FakeFiles } from "../support/fake-machine.ts";

const AT = "/s";

function refusedWith(files: FakeFiles, code: FolderProblem, says: RegExp): void {
  assert.throws(
    () => secureFolder(AT, files),
    (error: unknown) => error instanceof FolderError && error.code === code && says.test(error.message),
  );
}

function withFolder(mode = 0o700, owner?: number): FakeFiles {
  const files = new FakeFiles();
  files.put(AT, { kind: "folder", mode, ...(owner === undefined ? {} : { owner }) });
  return files;
}

test("a folder that is not there is made for its user alone", () => {
  const files = new FakeFiles();
  const { database } = secureFolder(AT, files);
  assert.is(database, "/s/perch.db");
  assert.equal([files.look(AT)?.mode, files.look("/s/lock")?.mode], [0o700, 0o600]);
});

test("open folders and files are closed to others", () => {
  for (const mode of [0o777, 0o755, 0o710, 0o500]) {
    const files = withFolder(mode);
    for (const name of ["lock", "token", "tokens.json", "broker.json", "perch.db-wal"]) {
      files.put(`/s/${name}`, { mode: 0o666 });
    }
    files.put("/s/other.txt", { mode: 0o644 });
    secureFolder(AT, files);
    assert.is(files.look(AT)?.mode, 0o700);
    for (const name of ["lock", "token", "tokens.json", "broker.json", "perch.db-wal"]) {
      assert.is(files.look(`/s/${name}`)?.mode, 0o600, name);
    }
    assert.is(files.look("/s/other.txt")?.mode, 0o644, "what is not Perch's stays as it is");
  }
});

test("an open folder that holds other things than Perch's is not touched", () => {
  const files = withFolder(0o755);
  files.put("/s/thesis.pdf");
  refusedWith(files, "shared", /open to other users .*chmod 700/);
  assert.is(files.look(AT)?.mode, 0o755);
  const closed = withFolder(0o700);
  closed.put("/s/thesis.pdf");
  secureFolder(AT, closed);
});

test("what belongs to another user is refused: the folder, a file in it, a link, and what a link leads to", () => {
  refusedWith(withFolder(0o700, 7), "foreign", /belongs to another user, who could read the tokens/);
  const withFile = withFolder();
  withFile.put("/s/tokens.json", { owner: 7 });
  refusedWith(withFile, "foreign", /^\/s\/tokens\.json belongs to another user/);
  for (const [link, target] of [[7, 1_000], [1_000, 7]] as const) {
    const files = new FakeFiles();
    files.put("/real", { kind: "folder", mode: 0o700, owner: target });
    files.put(AT, { kind: "link", owner: link, mode: 0o777, target: "/real" });
    refusedWith(files, "foreign", /another user/);
  }
});

test("a link of the user's own to a folder of the user's own will do", () => {
  const files = new FakeFiles();
  files.put("/real", { kind: "folder", mode: 0o700 });
  files.put(AT, { kind: "link", mode: 0o777, target: "/real" });
  secureFolder(AT, files);
  assert.ok(trustedFolder(AT, files));
});

test("a file in the place of the folder, a link to nothing, and a link in the place of a file are refused", () => {
  const file = new FakeFiles();
  file.put(AT);
  refusedWith(file, "unusable", /\/s is no folder/);
  const dangling = new FakeFiles();
  dangling.put(AT, { kind: "link", target: "/nowhere" });
  refusedWith(dangling, "unusable", /\/s is no folder/);
  const planted = withFolder();
  planted.put("/s/token", { kind: "link", target: "/etc/passwd" });
  refusedWith(planted, "unusable", /^\/s\/token is no file/);
});

test("what the disk says is told, with what to do", () => {
  const files = new FakeFiles();
  files.failure = new Error("EROFS: read-only file system");
  refusedWith(files, "unusable", /^Cannot use \/s as the state folder: EROFS.* --state-dir or PERCH_STATE_DIR$/);
});

test("a folder is believed only when nobody else could have written to it", () => {
  assert.ok(trustedFolder(AT, withFolder(0o755)));
  for (const files of [withFolder(0o775), withFolder(0o702), withFolder(0o700, 7), new FakeFiles()]) {
    assert.is(trustedFolder(AT, files), undefined);
  }
});

test.run();
