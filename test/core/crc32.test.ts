import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc32 } from "../../src/core/crc32.ts";

test("is the number that every CRC-32 gives for its test text", () => assert.is(crc32("123456789"), 0xcbf43926));

test("is what zlib gives, whatever the text, so that both runtimes read each other's logs", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => assert.is(crc32(text), zlibCrc32(text))));
});

test.run();
