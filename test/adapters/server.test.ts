import { test } from "uvu";
import * as assert from "uvu/assert";
import { SHUTDOWN_MS, urlOf } from "../../adapters/server.ts";

test("the address of a server can be opened, an IPv6 address in brackets", () => {
  assert.is(urlOf("127.0.0.1", 7857), "http://127.0.0.1:7857");
  assert.is(urlOf("pet.lan", 80), "http://pet.lan:80");
  assert.is(urlOf("::1", 7857), "http://[::1]:7857");
  assert.is(new URL(urlOf("fe80::1", 7857)).host, "[fe80::1]:7857");
});

test("a server that does not end in order is ended in time for all to be over within 5 s", () => {
  assert.ok(SHUTDOWN_MS > 2_000, "the readers need 2 s");
  assert.ok(SHUTDOWN_MS < 5_000);
});

test.run();
