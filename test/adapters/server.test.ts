import { test } from "uvu";
import * as assert from "uvu/assert";
import { SHUTDOWN_MS, surfaceOptionsOf, urlOf } from "../../adapters/server.ts";
import { brokerOf } from "../support/app.ts";

const OPTIONS = brokerOf();
const SECURE = { ...OPTIONS, tls: { cert: "cert", key: "key" } };

test("the address of a server can be opened, an IPv6 address in brackets", () => {
  assert.is(urlOf(OPTIONS, "127.0.0.1", 7857), "http://127.0.0.1:7857");
  assert.is(urlOf(OPTIONS, "pet.lan", 80), "http://pet.lan:80");
  assert.is(urlOf(OPTIONS, "::1", 7857), "http://[::1]:7857");
  assert.is(new URL(urlOf(OPTIONS, "fe80::1", 7857)).host, "[fe80::1]:7857");
});

test("with TLS it begins with https", () => {
  assert.is(urlOf(SECURE, "pet.lan", 7857), "https://pet.lan:7857");
});

test("a server has the names of its machine and those that were named, and with TLS pages of https only", () => {
  const { hosts, scheme } = surfaceOptionsOf({ ...SECURE, allowHosts: ["pet.lan", "a.test:1"] }, "127.0.0.1", 443);
  assert.is(scheme, "https");
  const names = ["127.0.0.1", "localhost", "[::1]", "pet.lan"].flatMap((name) => [name, `${name}:443`]);
  assert.equal(hosts, [...names, "a.test:1"]);
  assert.is(surfaceOptionsOf(OPTIONS, "127.0.0.1", 443).scheme, undefined);
});

test("requests are limited beyond this machine, and where it is asked for", () => {
  const isLimited = (host: string, limitRequests = false) =>
    surfaceOptionsOf({ ...OPTIONS, limitRequests }, host, 1).limitRequests;
  assert.equal(["127.0.0.1", "127.1.2.3", "::1", "localhost"].map((host) => isLimited(host)), [false, false, false, false]);
  assert.equal(["0.0.0.0", "::", "192.168.1.5", "pet.lan"].map((host) => isLimited(host)), [true, true, true, true]);
  assert.is(isLimited("127.0.0.1", true), true);
});

test("a server that does not end in order is ended in time for all to be over within 5 s", () => {
  assert.ok(SHUTDOWN_MS > 2_000, "the readers need 2 s");
  assert.ok(SHUTDOWN_MS < 5_000);
});

test.run();
