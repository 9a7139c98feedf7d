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
  const head = headWith(
    ["HOST", "localhost:1"],
    ["Accept", "*/*"],
    ["origin", "http://a"],
    ["Sec-Fetch-Site", "none"],
    ["Content-Type", "application/json"],
    ["content-LENGTH", "12"],
  );
  assert.equal(head, {
    host: "localhost:1",
    origin: "http://a",
    fetchSite: "none",
    contentType: "application/json",
    contentLength: 12,
  });
});

test("what is absent is undefined, and a length that was not announced has no end", () => {
  assert.equal(headWith(), {
    host: undefined,
    origin: undefined,
    fetchSite: undefined,
    contentType: undefined,
    contentLength: Infinity,
  });
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
