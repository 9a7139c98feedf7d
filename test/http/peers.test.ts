import { test } from "uvu";
import * as assert from "uvu/assert";
import { isLoopback, networkOf, peerOf } from "../../src/http/peers.ts";

test("only this machine has a loopback address", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) assert.is(isLoopback(address), true, address);
  const others = [
    undefined,
    "",
    "10.0.0.1",
    "128.0.0.1",
    "::",
    "::2",
    "::ffff:10.0.0.1",
    "127.evil.com",
    "1127.0.0.1",
    "fe80::1",
  ];
  for (const address of others) assert.is(isLoopback(address), false, address);
});

test("the address is found in what either runtime hands to an app", () => {
  assert.is(peerOf({ remoteAddr: { transport: "tcp", hostname: "10.0.0.1", port: 1 } }), "10.0.0.1");
  assert.is(peerOf({ incoming: { socket: { remoteAddress: "10.0.0.2" } } }), "10.0.0.2");
  for (
    const env of [undefined, null, "x", {}, { remoteAddr: { path: "/socket" } }, { incoming: {} }, { incoming: { socket: {} } }]
  ) {
    assert.is(peerOf(env), undefined);
  }
});

test("a network of IPv6 is one client, an address of IPv4 too, in whatever form", () => {
  assert.is(networkOf("10.0.0.1"), "10.0.0.1");
  assert.is(networkOf("::ffff:10.0.0.1"), "10.0.0.1");
  assert.is(networkOf("2001:db8:1:2:3:4:5:6"), networkOf("2001:db8:1:2:ffff::1"));
  assert.is(networkOf("2001:db8::1"), networkOf("2001:db8:0:0:9::"));
  assert.is.not(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:3::1"));
  assert.is(networkOf("fe80::1%eth0"), networkOf("fe80::2%eth1"));
  assert.is(networkOf(undefined), "unknown");
});

test.run();
