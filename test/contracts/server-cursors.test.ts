// runtime: node
// limit: 300 s
/** Every kind of cursor, and how a stream goes on from it. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { ask, askAs, bearerOf } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import { connectTo, rawRequest, requestBytes } from "../support/raw-http.ts";
import { openSse } from "../support/sse-reader.ts";
import { openWs, resumeFrame } from "../support/ws-reader.ts";
import { ALL_TOPICS, logOf, problemOf, publish } from "../support/log.ts";
import { openStream, readStart, type Transport, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 cursors");

/** How many messages a broker keeps in memory, and how many a stream makes up for. */
const RING = 4_096;
const REPLAY = 4_096;

/** Publishes until the oldest messages are kept no more. */
async function fill(perch: ServerProcess): Promise<{ epoch: string; oldest: number; head: number }> {
  const batch = Array.from({ length: 100 }, () => ({ kind: "session.update", sessionId: "s" }));
  let cursor = "";
  for (let sent = 0; sent < RING + 200; sent += batch.length) cursor = await publish(perch, batch);
  const [epoch = "", head = ""] = cursor.split(".");
  return { epoch, head: Number(head), oldest: Number(head) - RING + 1 };
}

/** Each cursor, and how a stream from it starts: `delta` and after which place, or the reason for a snapshot. */
function matrix(epoch: string, oldest: number, head: number): (readonly [cursor: string | undefined, start: string])[] {
  const other = epoch === "AAAAAAAAAA" ? "BBBBBBBBBB" : "AAAAAAAAAA";
  return [
    [undefined, "snapshot none"],
    ["", "snapshot none"],
    ["earliest", `delta ${oldest - 1}`],
    ["now", `delta ${head}`],
    [`${epoch}.${head - 7}`, `delta ${head - 7}`],
    [`${epoch}.${oldest}`, `delta ${oldest}`],
    [`${epoch}.${oldest - 1}`, `delta ${oldest - 1}`],
    [`${epoch}.${oldest - 2}`, "snapshot gap"],
    [`${epoch}.0`, "snapshot gap"],
    [`${epoch}.${head}`, `delta ${head}`],
    [`${epoch}.${head + 1}`, "snapshot future"],
    [`${epoch}.${Number.MAX_SAFE_INTEGER}`, "snapshot future"],
    [`${other}.${head}`, "snapshot epoch"],
    [`${other.slice(2)}.1`, "snapshot epoch"],
    [`${epoch}:${head}`, "snapshot malformed"],
    [`${epoch}.9007199254740992`, "snapshot malformed"],
    [`${epoch}.9999999999999999`, "snapshot malformed"],
    [`${epoch}.`, "snapshot malformed"],
    [`${epoch}.01`, "snapshot malformed"],
    [`${epoch}.-1`, "snapshot malformed"],
    [`${epoch}.1.1`, "snapshot malformed"],
    [`${epoch}.1e3`, "snapshot malformed"],
    [`${epoch}.0x10`, "snapshot malformed"],
    [epoch, "snapshot malformed"],
    [`.${head}`, "snapshot malformed"],
    [String(head), "snapshot malformed"],
    ["Earliest", "snapshot malformed"],
    ["NOW", "snapshot malformed"],
    ["garbage", "snapshot malformed"],
    ["../../etc/passwd", "snapshot malformed"],
    ["{}", "snapshot malformed"],
    ["x".repeat(128), "snapshot malformed"],
    ["x".repeat(129), "snapshot malformed"],
    [`${epoch}.${"1".repeat(129)}`, "snapshot malformed"],
    ["x".repeat(4_000), "snapshot malformed"],
  ];
}

/** Cursors that no header can carry. */
const ONLY_IN_URLS = ["\0", "a\0b", "\r\n", "a\ndata: x", "\u{1F43E}", "\uFEFF", "\u2028"];

async function startOf(
  perch: ServerProcess,
  transport: Transport,
  query: { since?: string; resume?: string },
): Promise<string> {
  const reader = await openStream(perch, transport, { ...query, topics: ALL_TOPICS });
  const { mode, reason, missed, head } = await readStart(reader);
  reader.close();
  assert.equal(missed.map(({ id }) => Number(id?.split(".")[1])), missed.map((_, index) => head - missed.length + 1 + index));
  return mode === "delta" ? `delta ${head - missed.length}` : `${mode} ${reason}`;
}

test("starts from every cursor as the table says, over each transport and from each place", async (start) => {
  const perch = await start("--store", "memory");
  const { epoch, oldest, head } = await fill(perch);
  for (const [cursor, expected] of matrix(epoch, oldest, head)) {
    for (const transport of TRANSPORTS) {
      const where = `${transport} from ${cursor?.slice(0, 40)}`;
      if (cursor === undefined) {
        assert.is(await startOf(perch, transport, {}), expected, where);
        continue;
      }
      assert.is(await startOf(perch, transport, { since: cursor }), expected, `${where} in the query`);
      assert.is(await startOf(perch, transport, { resume: cursor }), expected, `${where} by resume`);
      assert.is(await startOf(perch, transport, { resume: cursor, since: "now" }), expected, `${where} before the query`);
    }
  }
  for (const since of ONLY_IN_URLS) {
    for (const transport of TRANSPORTS) {
      assert.is(await startOf(perch, transport, { since }), "snapshot malformed", JSON.stringify(since));
    }
    const socket = await openWs(`${perch.url}/v1/ws`, { resume: since });
    assert.is((await readStart(socket)).reason, "malformed");
  }
});

test("starts from whatever is on disk, unless that is more than a replay may be, and pulls all of it as history", async (start) => {
  const perch = await start();
  const { epoch, head } = await fill(perch);
  const starts = [
    ["earliest", "snapshot too_large"],
    [`${epoch}.0`, "snapshot too_large"],
    [`${epoch}.${head - REPLAY - 1}`, "snapshot too_large"],
    [`${epoch}.${head - REPLAY}`, `delta ${head - REPLAY}`],
    [`${epoch}.${head}`, `delta ${head}`],
    [`${epoch}.${head + 1}`, "snapshot future"],
  ] as const;
  for (const [cursor, expected] of starts) {
    for (const transport of TRANSPORTS) {
      assert.is(await startOf(perch, transport, { resume: cursor }), expected, `${transport} from ${cursor}`);
    }
  }
  const log = await logOf(perch);
  assert.equal([log[0]?.seq, log.at(-1)?.seq, log.length], [1, head, head]);
});

test("takes a Last-Event-ID that comes twice, or is not ASCII, for no cursor", async (start) => {
  const perch = await start();
  const cursor = await publish(perch, { kind: "tool.start", sessionId: "s" });
  for (const ids of [[cursor, cursor], ["now", "now"], ["\xe9"], ["\x80\xff"]]) {
    const headers = [["Host", `127.0.0.1:${perch.port}`], ...ids.map((id) => ["Last-Event-ID", id] as const)] as const;
    const socket = await connectTo(perch.port);
    const heard = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
        if (text.includes("event: live")) resolve(text);
      });
    });
    socket.write(requestBytes({ target: "/events", headers }));
    assert.match(await heard, /^HTTP\/1\.1 200 [^]*event: reset\ndata: \{"reason":"malformed"\}/);
    socket.destroy();
  }
});

test("leaves a Last-Event-ID that is no HTTP to the platform, which answers 400: no browser keeps such an id", async (start) => {
  const perch = await start();
  for (const id of ["\0", "a\0b", "\x01", "a\x7Fb"]) {
    const headers = [["Host", `127.0.0.1:${perch.port}`], ["Last-Event-ID", id]] as const;
    assert.equal(await rawRequest(perch.port, { target: "/events", headers }).then(({ status, text }) => [status, text]), [
      400,
      "",
    ]);
  }
});

test("never answers an event stream with an error because of its cursor", async (start) => {
  const perch = await start();
  for (const since of ["%", "%ff", "%00", "a&since=b", "%E0%A4%A", "+", "a".repeat(8_000)]) {
    const headers = [["Host", `127.0.0.1:${perch.port}`]] as const;
    const { status } = await rawRequest(perch.port, { target: `/v1/stream?since=${since}`, headers });
    assert.is(status, 200, since.slice(0, 20));
  }
});

test("sends a snapshot where more was missed than is worth telling", async (start) => {
  const perch = await start();
  const batch = Array.from({ length: 100 }, () => ({ kind: "session.update", sessionId: "s", activity: "x".repeat(1_000) }));
  for (let sent = 0; sent < 1_200; sent += batch.length) await publish(perch, batch);
  for (const transport of TRANSPORTS) {
    const reader = await openStream(perch, transport, { since: "earliest", topics: "events" });
    const { mode, reason } = await readStart(reader);
    assert.equal([mode, reason], ["snapshot", "too_large"]);
  }
});

test("starts anew whenever a socket says resume, and closes at any other frame", async (start) => {
  const perch = await start();
  const cursor = await publish(perch, Array.from({ length: 5 }, () => ({ kind: "session.update", sessionId: "s" })));
  const socket = await openWs(`${perch.url}/v1/ws?topics=${ALL_TOPICS}`, { headers: bearerOf(perch), resume: "now" });
  assert.is((await readStart(socket)).mode, "delta");
  socket.send(resumeFrame("earliest"));
  const live = socket.messages.next("second live", ({ type }) => type === "live");
  assert.is((await live).id, cursor);
  const again = socket.messages.items.slice(2);
  assert.equal(again.map(({ type }) => type)[0], "hello");
  assert.is(again.filter(({ type }) => type === "event").length, 5);
  for (
    const frame of ["", "{", "null", "{}", '{"type":"resume"}', '{"type":"resume","since":5}', '{"type":"subscribe"}', "now"]
  ) {
    const other = await openWs(`${perch.url}/v1/ws`);
    other.send(frame);
    assert.is((await other.ended).code, 1008, frame);
  }
});

test("pulls history by the same cursors, and says 410 where a stream would reset", async (start) => {
  const perch = await start("--store", "memory");
  const { epoch, oldest, head } = await fill(perch);
  const log = await logOf(perch);
  assert.equal([log[0]?.seq, log.at(-1)?.seq, log.length], [oldest, head, RING]);
  for (const [cursor, expected] of matrix(epoch, oldest, head)) {
    if (cursor === undefined || cursor === "") continue;
    const answer = await askAs(perch, `/v1/events?topics=events&since=${encodeURIComponent(cursor)}`);
    const [mode, detail] = expected.split(" ");
    if (mode === "snapshot") {
      assert.is(problemOf(answer), `410 cursor_${detail}`);
      assert.is(at(answer.json, "snapshot"), "/v1/state");
    } else if (detail === String(head)) {
      assert.equal([answer.status, answer.text, answer.headers.get("perch-cursor")], [204, "", `${epoch}.${head}`]);
    } else {
      const ids = listAt(answer.json, "messages").map((message) => at(message, "id"));
      assert.is(ids[0], `${epoch}.${Number(detail) + 1}`);
      assert.equal([at(answer.json, "next"), at(answer.json, "more")], [ids.at(-1), ids.at(-1) !== `${epoch}.${head}`]);
    }
  }
});

test("pulls history page by page past messages of other topics", async (start) => {
  const perch = await start();
  const { epoch, head } = await fill(perch);
  await publish(perch, { kind: "tool.start", sessionId: "new" });
  const states = await logOf(perch, "earliest", "state");
  assert.ok(states.length >= 1 && states.every(({ type }) => type === "state"));
  const none = await ask(`${perch.url}/v1/events?topics=pet&since=${epoch}.${head}`);
  assert.is(none.status, 204);
  assert.is(none.headers.get("perch-cursor"), (await logOf(perch)).at(-1)?.id);
});

test("goes on from the cursor that an event stream has left off at", async (start) => {
  const perch = await start();
  const first = await openSse(`${perch.url}/events`);
  const { id } = await first.messages.next("live", ({ type }) => type === "live");
  first.close();
  await publish(perch, { kind: "tool.start", sessionId: "s" });
  const second = await openSse(`${perch.url}/events`, { "last-event-id": id ?? "" });
  const { missed } = await readStart(second);
  assert.equal(missed.map(({ type }) => type), ["session", "state"]);
});

test.run();
