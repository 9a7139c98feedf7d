import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { holdLog, logger } from "../../src/ports/log.ts";

let records: LogRecord[] = [];

/** What was written, as `category level message`. */
const written = (): string[] =>
  records.map(({ category, level, message }) => `${category.join(".")} ${level} ${message.join("")}`);

test.before.each(() => {
  records = [];
  configureSync({
    reset: true,
    sinks: { records: (record) => void records.push(record) },
    loggers: [
      { category: "perch", lowestLevel: "debug", sinks: ["records"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["records"] },
    ],
  });
});
test.after.each(() => resetSync());

test("held lines are written in order once they are let go, and later ones at once", async () => {
  const release = holdLog();
  const log = logger("part");
  log.debug("a {name}", { name: "debug" });
  log.info("an info");
  log.warn("a warning");
  log.error("an error");
  assert.equal(written(), []);
  await release();
  const held = [
    "perch.part debug a debug",
    "perch.part info an info",
    "perch.part warning a warning",
    "perch.part error an error",
  ];
  assert.equal(written(), held);
  log.info("later");
  assert.equal(written(), [...held, "perch.part info later"]);
});

test("lines are held until the last one who holds them lets go, who may do so twice", async () => {
  const [first, second] = [holdLog(), holdLog()];
  logger("part").info("held");
  await first();
  await first();
  assert.equal(written(), []);
  await second();
  assert.equal(written(), ["perch.part info held"]);
});

test("of too many held lines the first are kept, and the others are counted", async () => {
  const release = holdLog();
  for (let i = 0; i < 1_005; i++) logger("part").info(`line ${i}`);
  await release();
  assert.is(records.length, 1_001);
  assert.equal(written().slice(-2), ["perch.part info line 999", "perch.log warning 5 lines came too early and are lost"]);
});

test.run();
