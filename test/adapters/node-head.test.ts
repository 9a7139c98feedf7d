// runtime: node
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { headOf } from "../../adapters/node-head.ts";

function headWith(...headers: readonly (readonly [name: string, value: string])[]) {
  const request = new IncomingMessage(new Socket());
  request.rawHeaders = headers.flat();
  return headOf(request);
}

test("a head is what the doors need, whatever the case of the names", () => {
  const { host, origin, fetchSite, authorization, cookie, isForwarded, contentType, contentLength, idempotencyKey } = headWith(
    ["HOST", "localhost:1"],
    ["Accept", "*/*"],
    ["origin", "http://a"],
    ["Sec-Fetch-Site", "none"],
    ["AUTHORIZATION", "Bearer x"],
    ["Cookie", "a=1"],
    ["Idempotency-Key", "k"],
    ["X-Forwarded-For", "10.0.0.1"],
    ["Content-Type", "application/json"],
    ["content-LENGTH", "12"],
  );
  assert.equal([host, origin, fetchSite, authorization, cookie], ["localhost:1", "http://a", "none", "Bearer x", "a=1"]);
  assert.equal([isForwarded, contentType, contentLength, idempotencyKey], [true, "application/json", 12, "k"]);
});

test("what is absent is undefined, and a length that was not announced has no end", () => {
  const { host, origin, fetchSite, authorization, cookie, isForwarded, contentType, contentLength, idempotencyKey } =
    headWith();
  const absent = [host, origin, fetchSite, authorization, cookie, contentType, idempotencyKey];
  assert.equal([isForwarded, contentLength, ...absent], [false, Infinity, ...Array(7).fill(undefined)]);
});

test("either header of a proxy gives it away", () => {
  assert.equal([headWith(["forwarded", ""]).isForwarded, headWith(["X-FORWARDED-FOR", ""]).isForwarded], [true, true]);
});

test("of several cookies all count, of several tokens or keys none does", () => {
  assert.is(headWith(["Cookie", "a=1"], ["cookie", "b=2"]).cookie, "a=1; b=2");
  assert.is(headWith(["Authorization", "Bearer x"], ["authorization", "Bearer y"]).authorization, "Bearer x, Bearer y");
  assert.is(headWith(["Idempotency-Key", "a"], ["Idempotency-Key", "b"]).idempotencyKey, "a, b");
});

test("the other end of the connection is asked for when it is needed", () => {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: "10.0.0.1" });
  assert.is(headOf(new IncomingMessage(socket)).peer, "10.0.0.1");
});

test("what is empty is not absent", () => {
  const { host, origin, fetchSite } = headWith(["Host", ""], ["Origin", ""], ["Sec-Fetch-Site", ""]);
  assert.equal([host, origin, fetchSite], ["", "", ""]);
});

test("two of what tells of a page are one that tells of none that may come in", () => {
  const origins = headWith(["Origin", "http://evil.com"], ["origin", "http://localhost:1"]);
  assert.is(origins.origin, "http://evil.com, http://localhost:1");
  const sites = headWith(["Sec-Fetch-Site", "cross-site"], ["Sec-Fetch-Site", "same-origin"]);
  assert.is(sites.fetchSite, "cross-site, same-origin");
});

test("two Host headers are one that is no name of the broker", () => {
  assert.is(headWith(["Host", "localhost:1"], ["host", "evil.com"]).host, "localhost:1, evil.com");
  assert.is(headWith(["Host", ""], ["host", "localhost:1"]).host, ", localhost:1");
});

test("a header whose name only ends like one of them is another", () => {
  const { host, origin } = headWith(["X-Forwarded-Host", "localhost:1"], ["X-Origin", "http://a"], ["Hos", "x"], ["Path", "y"]);
  assert.equal([host, origin], [undefined, undefined]);
});

test("a length that is no number fits no limit", () => {
  const { contentLength } = headWith(["Content-Length", "many"]);
  assert.is(contentLength <= 65_536, false);
});

test.run();
