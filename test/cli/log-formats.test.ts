import type { LogRecord } from "@logtape/logtape";
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FORMATS } from "../../src/cli/_log-formats.ts";
import { recordsOf } from "../support/log-records.ts";
import { logger } from "../../src/ports/log.ts";

/** The record of one line. */
async function recordOf(message: string, properties: Record<string, unknown> = {}): Promise<LogRecord> {
  const [record] = await recordsOf(() => logger("part").info(message, properties));
  if (record === undefined) throw new Error("nothing was logged");
  return { ...record, timestamp: Date.UTC(2030, 0) };
}

test("a line of JSON has the time, the level, the category, the message and the properties", async () => {
  const line = FORMATS.json(await recordOf("took {count} of {what}", { count: 2, what: "a\nb", more: { deep: [true] } }));
  assert.ok(line.endsWith("}\n"));
  assert.is(line.split("\n").length, 2);
  assert.equal(JSON.parse(line), {
    timestamp: "2030-01-01T00:00:00.000Z",
    level: "info",
    category: "perch.part",
    message: "took 2 of a b",
    properties: { count: 2, what: "a\nb", more: { deep: [true] } },
  });
});

test("a line of text has the same without the properties that are not in the message", async () => {
  const line = FORMATS.text(await recordOf("took {count} of {what}", { count: 2, what: { a: [1] }, more: 1 }));
  assert.is(line, '2030-01-01T00:00:00.000Z info perch.part took 2 of {"a":[1]}\n');
});

test("an error is told with its trace, its cause and what it says of itself", async () => {
  const cause = Object.assign(new Error("disk"), { code: "ENOSPC" });
  const error = new TypeError("no store", { cause });
  const text = FORMATS.text(await recordOf("failed: {error}", { error }));
  assert.match(text, /^\S+ info perch\.part failed: TypeError: no store\n {2}at /);
  assert.match(text, /\n {2}\[cause\]: Error: disk\n[^]* \{"code":"ENOSPC"\}/);
  const { properties } = JSON.parse(FORMATS.json(await recordOf("failed: {error}", { error })));
  assert.equal([properties.error.name, properties.error.cause.code], ["TypeError", "ENOSPC"]);
  assert.match(properties.error.stack, "log-formats.test.ts");
});

test("lines of JSON hold nothing that a terminal would obey or hide, and lose nothing", async () => {
  const odd = "\x1b[2J\x9b2J\u202E\u2028\u{E0001}";
  const line = FORMATS.json(await recordOf("{odd}", { odd }));
  assert.not.match(line.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.is(JSON.parse(line).properties.odd, odd);
});

test("a record is never large, whatever it holds", async () => {
  const huge = Array.from({ length: 50 }, () => ({ text: "x".repeat(20_000) }));
  for (const format of [FORMATS.text, FORMATS.json]) {
    assert.ok(format(await recordOf("{huge}", { huge, error: new Error("x".repeat(1_000_000)) })).length < 25_000);
  }
});

const TOKEN = `perch_a1B2c3D4e5_${"Qx9-_".repeat(9).slice(0, 43)}`;

test("no format tells a secret, whether it is in the message, under a name, in an error or cut", async () => {
  const secrets: [string, Record<string, unknown>][] = [
    [`plain ${TOKEN}`, {}],
    ["{value}", { value: TOKEN }],
    ["{value}", { value: { deep: [new Map([["x", TOKEN]])] } }],
    ["{error}", { error: new Error(`a ${TOKEN}`, { cause: new Error(TOKEN) }) }],
    ["{authorization}", { authorization: "Qx9-_Qx9-_Qx9" }],
    ["{value}", { value: { headers: new Headers({ cookie: "Qx9-_Qx9-_Qx9" }) } }],
    ["opened {url}", { url: "/v1/ws?ticket=Qx9-_Qx9-_Qx9&topics=pet" }],
    ...Array.from(
      { length: 60 },
      (_, i): [string, Record<string, unknown>] => ["{value}", { value: `${"x".repeat(340 + i)}${TOKEN}` }],
    ),
  ];
  for (const [message, properties] of secrets) {
    const record = await recordOf(message, properties);
    for (const line of [FORMATS.text(record), FORMATS.json(record)]) assert.not.match(line, "Qx9-_Qx", line);
  }
});

test("a secret put into any place of a record never comes out", async () => {
  const [template] = await recordsOf(() => logger("part").warn("a {value} b", { value: 1 }));
  assert.ok(template);
  const place = fc.constantFrom("literal", "value", "property", "nested", "name", "error", "stack", "category");
  fc.assert(
    fc.property(place, fc.string({ unit: "binary", maxLength: 600 }), fc.string({ maxLength: 20 }), (where, before, after) => {
      const text = `${before}${TOKEN}${/^[\w-]/.test(after) ? " " : ""}${after}`;
      const error = new Error("failed");
      error.stack = text;
      const parts: Readonly<Record<string, Partial<LogRecord>>> = {
        literal: { message: [text, 1, ""] },
        value: { message: ["a ", text, ""] },
        property: { properties: { value: text } },
        nested: { message: ["a ", { a: [text] }, ""], properties: { a: new Set([text]) } },
        name: { properties: { [text]: 1 } },
        error: { message: ["a ", new Error(text), ""], properties: { error: new Error(text) } },
        stack: { message: ["a ", error, ""], properties: { error } },
        category: { category: ["perch", text] },
      };
      const record: LogRecord = { ...template, ...parts[where] };
      for (const line of [FORMATS.text(record), FORMATS.json(record)]) assert.not.ok(line.includes("Qx9-_Qx"), line);
    }),
    { numRuns: 300 },
  );
});

test.run();
