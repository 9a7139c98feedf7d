import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/cli/_exit.ts";
import { parseOrigin } from "../../src/cli/_origin.ts";

const refused = (text: string): string => {
  try {
    return `taken as ${parseOrigin(text)}`;
  } catch (error) {
    return error instanceof UsageError ? error.message : String(error);
  }
};

test("takes origins as browsers send them", () => {
  const origins = [
    "http://localhost:5173",
    "https://example.org",
    "http://[::1]:3000",
    "null",
    "app://pet",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnop",
  ];
  for (const origin of origins) assert.is(parseOrigin(origin), origin);
});

test("refuses more than an origin, and says what the origin would be", () => {
  for (
    const text of ["http://localhost:5173/", "http://localhost:5173/page", "http://me@localhost:5173", "HTTP://LOCALHOST:5173"]
  ) {
    assert.is(refused(text), "it must be an origin without anything else: http://localhost:5173");
  }
  assert.is(refused("http://localhost:80"), "it must be an origin without anything else: http://localhost");
});

test("refuses what is no origin at all", () => {
  for (
    const text of [
      "",
      "*",
      "localhost",
      "localhost:5173",
      "http://",
      "http:localhost",
      "file:///page.html",
      "data:text/html,x",
      "Null",
    ]
  ) {
    assert.match(refused(text), /^it must be an origin/, text);
  }
});

test("takes the origin of any web address, and never the address with more behind it", () => {
  fc.assert(fc.property(fc.webUrl(), (address) => {
    const { origin } = new URL(address);
    assert.is(parseOrigin(origin), origin);
    assert.match(refused(`${origin}/x`), /without anything else/);
  }));
});

test.run();
