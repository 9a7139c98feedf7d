import { test } from "uvu";
import * as assert from "uvu/assert";
import { createGuard, type Guard, hostsFor, isAnyAddress } from "../../src/http/guard.ts";

const HOST = "127.0.0.1:7857";
const guardOf = (origins: readonly string[] = []): Guard => createGuard({ hosts: hostsFor("127.0.0.1", 7857), origins });
const hostVerdict = (guard: Guard, host: string | undefined) =>
  guard({ host, origin: undefined, fetchSite: undefined })?.code ?? "in";
const originVerdict = (guard: Guard, origin: string) => guard({ host: HOST, origin, fetchSite: undefined })?.code ?? "in";
const siteVerdict = (guard: Guard, fetchSite: string, origin?: string) =>
  guard({ host: HOST, origin, fetchSite })?.code ?? "in";

test("a broker goes by the names of its machine and the one that it listens on, each with its port", () => {
  assert.equal(hostsFor("127.0.0.1", 7857), ["127.0.0.1:7857", "localhost:7857", "[::1]:7857"]);
  assert.equal(hostsFor("pet.lan", 7857).at(-1), "pet.lan:7857");
  assert.equal(hostsFor("fe80::1", 7857).at(-1), "[fe80::1]:7857");
  assert.equal(hostsFor("::1", 7857), ["127.0.0.1:7857", "localhost:7857", "[::1]:7857"]);
});

test("only port 80 may be left out, as clients do", () => {
  assert.equal(hostsFor("localhost", 80), ["127.0.0.1", "127.0.0.1:80", "localhost", "localhost:80", "[::1]", "[::1]:80"]);
  assert.not(hostsFor("localhost", 443).includes("localhost"));
});

test("two hosts mean all addresses", () => {
  const hosts = ["0.0.0.0", "::", "127.0.0.1", "::1", "[::]", "0.0.0.0:1", "", "localhost"];
  assert.equal(hosts.filter(isAnyAddress), ["0.0.0.0", "::"]);
});

test("names of the broker are let in, compared letter by letter", () => {
  const guard = guardOf();
  for (const host of hostsFor("127.0.0.1", 7857)) assert.is(hostVerdict(guard, host), "in", host);
  const others = [
    "",
    "127.0.0.1",
    "LOCALHOST:7857",
    "localhost:7858",
    "localhost.:7857",
    "evil.com",
    "localhost:7857, evil.com",
  ];
  for (const host of [undefined, ...others]) assert.is(hostVerdict(guard, host), "wrong_host", host);
});

test("an app that does not know its port takes the three loopback names with any port, and no other name", () => {
  const guard = createGuard({});
  for (const name of ["127.0.0.1", "localhost", "[::1]"]) {
    for (const host of [name, `${name}:1`, `${name}:65535`]) assert.is(hostVerdict(guard, host), "in", host);
    for (const host of [`${name}:`, `${name}:123456`, `${name}:x`, `${name}.evil.com`, `evil.com ${name}`, `x${name}`, ""]) {
      assert.is(hostVerdict(guard, host), "wrong_host", host);
    }
  }
  for (const host of ["127.0.0.2", "127x0.0.1", "::1", "Localhost"]) assert.is(hostVerdict(guard, host), "wrong_host", host);
});

test("with a port for addresses any IP address of that port is let in, and no name", () => {
  const guard = createGuard({ hosts: ["localhost:7857"], addressPort: 7857 });
  for (const host of ["localhost:7857", "192.168.0.7:7857", "[fe80::1]:7857", "[::]:7857"]) {
    assert.is(hostVerdict(guard, host), "in", host);
  }
  const others = ["192.168.0.7:7858", "192.168.0.7", "192.168.0.7:07857", "192.168.0:7857", "pet.lan:7857", "[g::1]:7857"];
  for (const host of others) assert.is(hostVerdict(guard, host), "wrong_host", host);
  assert.is(hostVerdict(guardOf(), "192.168.0.7:7857"), "wrong_host");
});

test("without an origin a program is let in, with the broker's own a page is", () => {
  const guard = guardOf();
  for (const origin of [`http://${HOST}`, `https://${HOST}`, "http://localhost:7857", "http://[::1]:7857"]) {
    assert.is(originVerdict(guard, origin), "in", origin);
  }
});

test("pages of all other origins are refused", () => {
  const foreign = ["http://evil.com", "http://127.0.0.1", "http://127.0.0.1:7858", `ftp://${HOST}`, HOST, `http://${HOST}/`];
  for (const origin of ["null", "", "*", `HTTP://${HOST}`, `http://${HOST}, http://evil.com`, ...foreign]) {
    assert.is(originVerdict(guardOf(), origin), "foreign_origin", origin);
  }
});

test("a page of an origin that is named is let in, letter by letter, and null must be named like any other", () => {
  const guard = guardOf(["http://localhost:5173", "null"]);
  for (const origin of ["http://localhost:5173", "null"]) assert.is(originVerdict(guard, origin), "in", origin);
  for (const origin of ["https://localhost:5173", "http://localhost:51730", "http://Localhost:5173", "NULL"]) {
    assert.is(originVerdict(guard, origin), "foreign_origin", origin);
  }
});

test("only pages of the same site, and what a person opened, are let in without an origin that is named", () => {
  const guard = guardOf(["http://localhost:5173"]);
  for (const site of ["same-origin", "none"]) assert.is(siteVerdict(guard, site), "in", site);
  for (const site of ["cross-site", "same-site", "", "None", "same-origin, none"]) {
    assert.is(siteVerdict(guard, site), "cross_site", site);
    assert.is(siteVerdict(guard, site, `http://${HOST}`), "cross_site", site);
    assert.is(siteVerdict(guard, site, "http://localhost:5173"), "in", site);
  }
});

test("Host comes first, and no origin makes up for a wrong one", () => {
  const guard = guardOf(["http://evil.com"]);
  const refusal = guard({ host: "evil.com", origin: "http://evil.com", fetchSite: "cross-site" });
  assert.is(refusal?.code, "wrong_host");
  assert.is(siteVerdict(guardOf(), "cross-site", "http://evil.com"), "foreign_origin");
});

test("a refusal has its status, and tells the value that was sent, cut and quoted", () => {
  const guard = guardOf();
  const absent = guard({ host: undefined, origin: undefined, fetchSite: undefined });
  assert.equal([absent?.status, absent?.detail.startsWith("The Host header is missing, ")], [421, true]);
  const wrong = guard({ host: `"\n${"x".repeat(1_000)}`, origin: undefined, fetchSite: undefined });
  assert.ok(wrong?.detail.includes(`"\\"\\n${"x".repeat(98)}"`), wrong?.detail);
  const foreign = guard({ host: HOST, origin: "y".repeat(1_000), fetchSite: undefined });
  assert.equal([foreign?.status, foreign?.detail.includes(` "${"y".repeat(100)}" `)], [403, true]);
  const cross = guard({ host: HOST, origin: undefined, fetchSite: "z".repeat(1_000) });
  assert.equal([cross?.status, cross?.detail.includes(` ${"z".repeat(20)})`)], [403, true]);
});

test("answers may be read by pages of named origins alone: the broker's own needs no leave", () => {
  const guard = guardOf(["http://localhost:5173"]);
  assert.equal(["http://localhost:5173", `http://${HOST}`, "null", "*"].filter(guard.allowsOrigin), ["http://localhost:5173"]);
});

test.run();
