import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openSqliteStore } from "../../adapters/sqlite.ts";
import { commitOf, messagesFrom } from "../support/messages.ts";

const folder = mkdtempSync(join(tmpdir(), "perch-sqlite-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

test("the mark of the log is one cursor, that of its end, however often it was written", async () => {
  const path = join(folder, "perch.db");
  const store = await openSqliteStore(path);
  for (const [first, last] of [[1, 9], [10, 11], [12, 100]] as const) {
    await store.append(commitOf(messagesFrom(first, last)));
    const { epoch, head } = store.bounds();
    assert.is(readFileSync(`${path}-head`, "utf8"), `${epoch}.${head}`.padEnd(32));
  }
  await store.close();
});

test("only this user can read the files of a log", async () => {
  const path = join(folder, "private.db");
  const store = await openSqliteStore(path);
  await store.append(commitOf(messagesFrom(1, 3)));
  for (const part of ["", "-wal", "-head"]) assert.is(statSync(path + part).mode & 0o777, 0o600, part);
  await store.close();
});

test.run();
