import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Handshake, handshakeProblem } from "../../src/http/handshake.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const RIGHT: Handshake = { method: "GET", target: "/v1/ws?since=now", upgrade: "websocket", version: "13", key: KEY };

const verdict = (changes: Partial<Handshake>): string => {
  const problem = handshakeProblem({ ...RIGHT, ...changes });
  return problem === undefined ? "right" : `${problem.status} ${problem.code}`;
};

test("a handshake of RFC 6455 is right, and the name of the protocol has no case", () => {
  for (const upgrade of ["websocket", "WebSocket", "WEBSOCKET"]) assert.is(verdict({ upgrade }), "right", upgrade);
  assert.is(verdict({ key: "+/".padEnd(22, "9") + "==" }), "right");
});

test("an upgrade to anything else is refused, whatever else is wrong with it", () => {
  for (const upgrade of [undefined, "", "h2c", "websocket, h2c", "websockets"]) {
    assert.is(verdict({ upgrade, method: "POST", target: "//" }), "400 invalid_upgrade", upgrade);
  }
});

test("another method or version is no handshake", () => {
  for (const method of [undefined, "POST", "HEAD", "get"]) assert.is(verdict({ method }), "400 invalid_handshake", method);
  for (const version of [undefined, "", "8", "013", "13, 8"]) assert.is(verdict({ version }), "400 invalid_handshake", version);
});

test("a key that is not 16 bytes in base64 is refused", () => {
  const keys = [
    "",
    "short==",
    KEY.slice(1),
    `x${KEY}`,
    `${KEY} `,
    KEY.replace("==", "="),
    KEY.replace("Z", "!"),
    "x".repeat(24),
  ];
  for (const key of [undefined, ...keys]) assert.is(verdict({ key }), "400 invalid_handshake", key);
});

test("a target that parsers read in different ways is refused", () => {
  for (const target of ["//", "//evil.com/ws", "/../ws", "ws://evil.com/", ""]) {
    assert.is(verdict({ target }), "400 invalid_target", target);
  }
});

test.run();
