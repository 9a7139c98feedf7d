import { test } from "uvu";
import * as assert from "uvu/assert";
import { addressesOf } from "../../src/client/_addresses.ts";

test("a broker has four addresses, whichever way it is named", () => {
  for (const url of ["http://localhost:7857", "ws://localhost:7857", "http://localhost:7857/", "ws://localhost:7857//"]) {
    assert.equal(addressesOf({ url }), {
      sse: "http://localhost:7857/v1/stream",
      ws: "ws://localhost:7857/v1/ws",
      state: "http://localhost:7857/v1/state",
      tickets: "http://localhost:7857/v1/tickets",
    });
  }
});

test("a broker behind TLS, or below a path, stays there", () => {
  for (const url of ["https://pet.lan/perch", "wss://pet.lan/perch/"]) {
    assert.equal(addressesOf({ url }), {
      sse: "https://pet.lan/perch/v1/stream",
      ws: "wss://pet.lan/perch/v1/ws",
      state: "https://pet.lan/perch/v1/state",
      tickets: "https://pet.lan/perch/v1/tickets",
    });
  }
});

test("topics and session go with the stream and the state, and nothing else can get in through them", () => {
  const { sse, ws, state, tickets } = addressesOf({ url: "http://pet.lan", topics: ["state", "pet"], session: "a&since=x#y" });
  for (const address of [sse, ws, state]) {
    assert.equal([...new URL(address).searchParams], [["topics", "state,pet"], ["session", "a&since=x#y"]]);
  }
  assert.is(tickets, "http://pet.lan/v1/tickets");
});

test("what is no address of a broker is refused, and told back", () => {
  const urls = [
    "",
    "localhost:7857",
    "ftp://pet.lan",
    "http://",
    "http:///",
    "http:///v1",
    "HTTP://pet.lan",
    " http://pet.lan",
  ];
  for (const url of [...urls, "http://me:secret@pet.lan", "http://pet.lan?x", "http://pet.lan/#x", "http://pet lan"]) {
    assert.throws(
      () => addressesOf({ url }),
      (error: unknown) => error instanceof TypeError && error.message.includes(`"${url}"`),
    );
  }
});

test.run();
