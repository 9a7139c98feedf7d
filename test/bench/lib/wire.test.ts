// runtime: node
import { test } from "uvu";
import * as assert from "uvu/assert";
import { textFrame } from "../../../src/protocol/ws-frame.ts";
import { EVENT_STREAM, FLOATER_SOCKET, scan } from "./wire.ts";

const PING = Buffer.from([0x89, 0]);

const state = (pose: string): Uint8Array => textFrame(`{"type":"state","state":"${pose}","ts":1}`);

test("state messages are counted in whole frames, and the beginning of one is kept", () => {
  const bytes = Buffer.concat([state("run"), textFrame('{"type":"pet","slug":"cat"}'), state("idle"), state("jump")]);
  const whole = scan(FLOATER_SOCKET, bytes, "");
  assert.equal([whole.changes, whole.rest, whole.isMarked], [3, undefined, false]);
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const first = scan(FLOATER_SOCKET, bytes.subarray(0, cut), "");
    const second = scan(FLOATER_SOCKET, Buffer.concat([first.rest ?? Buffer.alloc(0), bytes.subarray(cut)]), "");
    assert.is(first.changes + second.changes, 3, `cut at ${cut}`);
  }
});

test("a marker is seen only in what is whole, and a ping is to be answered", () => {
  const bytes = Buffer.from(textFrame('{"type":"pet","slug":"end-1-"}'));
  assert.is(scan(FLOATER_SOCKET, bytes, "end-1-").isMarked, true);
  assert.is(scan(FLOATER_SOCKET, bytes, "end-2-").isMarked, false);
  assert.is(scan(FLOATER_SOCKET, bytes.subarray(0, -1), "end-1-").isMarked, false);
  assert.is(scan(FLOATER_SOCKET, Buffer.concat([bytes, PING]), "").pongs?.[0], 0x8a);
});

test("state messages are counted in whole events of a stream", () => {
  const event = 'id: a.1\nevent: state\ndata: {"state":"working","pose":"run"}\n\n';
  const found = scan(EVENT_STREAM, Buffer.from(`${event}${event}event: state\ndata: {"pose":"r`), "");
  assert.equal([found.changes, found.rest?.toString()], [2, 'event: state\ndata: {"pose":"r']);
});

test.run();
