import { getConfig, getLogger } from "@logtape/logtape";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../src/broker.ts";
import { MOST_ALIKE } from "../../src/cli/_flood.ts";
import { createFastPath } from "../../src/fast-path.ts";
import { logger } from "../../src/ports/log.ts";
import { createSurface } from "../../src/surface.ts";
import type { FakeIo } from "./_fake-io.ts";
import { settle } from "./_fake-stream.ts";
import { serveWith, until } from "./_serve.ts";

const LOG_STARTS_WITHIN_MS = 1_000;

/** Lets the time come at which the log starts, and waits for that. */
async function startLog(io: FakeIo): Promise<void> {
  const before = getConfig();
  io.clock.advance(LOG_STARTS_WITHIN_MS);
  await until(() => getConfig() !== before);
}

test("logs from the wanted level up, one line per record", async () => {
  const logAll = async (io: FakeIo) => {
    await startLog(io);
    const log = getLogger(["perch", "test"]);
    log.debug("a debug");
    log.info("an info");
    log.warn("a warning of {who}", { who: "me\n\x1b[2J" });
    log.error("an error");
  };
  const linesOf = async (args: readonly string[], env = {}) => {
    const { err } = await serveWith(args, env, logAll);
    return err.split("\n").filter((line) => line !== "" && !/^perch listening| perch\.serve /.test(line)).map((line) => {
      const [, level, category, text] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (\w+) (\S+) (.*)$/.exec(line) ?? [];
      assert.is(category, "perch.test", line);
      return `${level}: ${text}`;
    });
  };
  const all = ["debug: a debug", "info: an info", "warning: a warning of me \uFFFD[2J", "error: an error"];
  assert.equal(await linesOf(["--log-level", "debug"]), all);
  assert.equal(await linesOf([]), all.slice(1));
  assert.equal(await linesOf(["--quiet"]), all.slice(2));
  assert.equal(await linesOf(["--quiet", "--log-level", "error"]), all.slice(3));
  assert.equal(await linesOf([], { PERCH_LOG_LEVEL: "error" }), all.slice(3));
});

test("lines from before the log has started are not lost, whether it starts in time or with the end", async () => {
  for (const waitMs of [0, LOG_STARTS_WITHIN_MS]) {
    const { err } = await serveWith(["--log-level", "debug"], {}, async (io) => {
      logger("test").debug("early {what}", { what: "bird" });
      io.clock.advance(waitMs);
      await settle();
      logger("test").info("late");
    });
    const texts = err.split("\n").map((line) => line.replace(/^\S+ (?=debug|info)/, ""));
    assert.equal(texts.slice(1, 4), [
      "debug perch.test early bird",
      "info perch.test late",
      "debug perch.serve stopping: readers are told when to come back",
    ]);
  }
});

test("a hundred thousand refusals are a few lines, however fast they come", async () => {
  const { err } = await serveWith(["--log-level", "debug"], {}, async (io) => {
    await startLog(io);
    const refuse = createFastPath(createSurface({ broker: createBroker() })).get("POST /event");
    assert.ok(refuse?.takes === "text");
    for (let sent = 0; sent < 100_000; sent += 1) refuse.answer("{");
    io.clock.advance(10_000);
    refuse.answer("{");
  });
  const lines = err.split("\n").filter((line) => line.includes("refused with"));
  assert.is(lines.length, MOST_ALIKE + 2);
  assert.match(lines[MOST_ALIKE] ?? "", `… and ${100_000 - MOST_ALIKE} more: refused with`);
});

test("no line of the log can be taken for another one, and none is longer than people read", async () => {
  const { err } = await serveWith([], {}, async (io) => {
    await startLog(io);
    const forged = `x\n2030-01-01T00:00:00.000Z info perch.serve forged \u202E\x9b2J`;
    logger("test").warn("a {text}", { text: forged });
    logger("test").error("failed: {error}", { error: new Error(forged) });
    logger("test").info("long {text}", { text: "x".repeat(10_000) });
    logger("test").error("longer {error}", { error: new Error("x".repeat(100_000)) });
  });
  const lines = err.split("\n");
  assert.not.ok(lines.some((line) => /^\S+ info perch\.serve forged/.test(line)), err);
  assert.not.match(lines.join(""), /[\p{Cc}\p{Cf}]/u);
  assert.ok(lines.every((line) => line.length <= 4_100));
  assert.ok(lines.some((line) => / info perch\.test long x{300,400}…$/.test(line)));
});

test.run();
