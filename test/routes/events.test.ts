import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BrokerOptions } from "../../src/broker.ts";
import { DEFAULT_INGEST_LIMITS, type IngestLimits, postEvents } from "../../src/routes/events.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { brokerOf, EPOCH } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";
import { postOf } from "../support/facts.ts";
import { at } from "../support/json.ts";

const JSON_TYPE = "application/json";
const NDJSON = "application/x-ndjson";
const encoder = new TextEncoder();
const event = (fields = {}): string => JSON.stringify(agentEvent("session.update", fields));
const events = (count: number, separator: string): string => Array.from({ length: count }, () => event()).join(separator);

/** An event of exactly `bytes` bytes, filled up with what is ignored. */
function eventOf(bytes: number, filling = "x"): string {
  const frame = encoder.encode(JSON.stringify({ ...agentEvent("session.update"), ignored: "" })).byteLength;
  const count = Math.floor((bytes - frame) / encoder.encode(filling).byteLength);
  const text = JSON.stringify({ ...agentEvent("session.update"), ignored: filling.repeat(count) });
  return text.replace(/"}$/, `${"x".repeat(bytes - encoder.encode(text).byteLength)}"}`);
}

/** A broker, and how to post to it: the answer as `status code`, or as what was accepted. */
function ingestOf(limits: Partial<IngestLimits> = {}, options?: BrokerOptions) {
  const { broker } = brokerOf(options);
  const answer = async (body: string | Uint8Array, type: string | undefined = JSON_TYPE) => {
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    const reply = await postEvents(broker, postOf(bytes, type), { ...DEFAULT_INGEST_LIMITS, ...limits });
    return { ...reply, json: JSON.parse(reply.body ?? "null") };
  };
  const post = async (body: string | Uint8Array, type?: string) => {
    const { status, json } = await answer(body, type);
    return status === 200 ? Number(at(json, "accepted")) : `${status} ${at(json, "code")}`;
  };
  return { broker, answer, post };
}

test("one event, an array and lines are taken, in the order sent, and the answer says where they are", async () => {
  const { broker, answer } = ingestOf();
  const one = agentEvent("tool.start", { sessionId: "a" });
  const two = agentEvent("tool.end", { sessionId: "a" });
  assert.equal((await answer(JSON.stringify(one))).json, { accepted: 1, seqs: [1], cursor: `${EPOCH}.3` });
  assert.equal((await answer(JSON.stringify([two, one]))).json, { accepted: 2, seqs: [4, 5], cursor: `${EPOCH}.5` });
  const lines = await answer(`${JSON.stringify(two)}\r\n\n  ${JSON.stringify(one)}`, NDJSON);
  assert.equal([lines.status, lines.headers["content-type"]], [200, "application/json; charset=utf-8"]);
  assert.equal(at(lines.json, "accepted"), 2);
  const kinds = broker.read(0, 100).flatMap(({ body }) => body.type === "event" ? [body.data.kind] : []);
  assert.equal(kinds, ["tool.start", "tool.end", "tool.start", "tool.end", "tool.start"]);
});

test("the type of the body is looked at without its case and parameters, and must be one of two", async () => {
  const { post } = ingestOf();
  for (const type of [JSON_TYPE, "Application/JSON", "application/json;charset=utf-8", " application/json ; x=y"]) {
    assert.is(await post(event(), type), 1, type);
  }
  assert.is(await post(event(), "APPLICATION/X-NDJSON; charset=utf-8"), 1);
  for (const type of ["", "text/plain", "application/jsonp", "application/x-www-form-urlencoded", "application"]) {
    assert.is(await post(event(), type), "415 unsupported_media_type", type);
  }
  const { broker } = brokerOf();
  const absent = await postEvents(broker, postOf(encoder.encode(event()), undefined), DEFAULT_INGEST_LIMITS);
  assert.equal([absent.status, at(JSON.parse(absent.body ?? ""), "detail")], [
    415,
    "The content type is missing: send application/json or application/x-ndjson",
  ]);
});

test("an empty body, list or page of lines holds no event", async () => {
  const { post } = ingestOf();
  assert.is(await post(""), "400 invalid_json");
  assert.is(await post("[]"), "400 empty_batch");
  for (const body of ["", "\n", " \r\n \n"]) assert.is(await post(body, NDJSON), "400 empty_batch");
});

test("what is no UTF-8, no JSON or no object is refused, in either type", async () => {
  const { post, broker } = ingestOf();
  for (const type of [JSON_TYPE, NDJSON]) {
    assert.is(await post(new Uint8Array([0x22, 0xff, 0x22]), type), "400 invalid_utf8");
    assert.is(await post("{", type), "400 invalid_json");
    for (const body of ["null", "7", '"x"', "true"]) assert.is(await post(body, type), "400 expected_object", body);
    assert.is(await post("{}", type), "400 invalid_kind");
  }
  assert.is(await post("[[]]"), "400 expected_object");
  assert.is(await post("[]", NDJSON), "400 expected_object");
  assert.is(broker.bounds().head, 0);
});

test("the documented limits are the defaults", () => {
  assert.equal(DEFAULT_INGEST_LIMITS, { bodyBytes: 262_144, eventBytes: 65_536, batch: 100 });
});

test("as many events as the limit are taken at once, and none of one more", async () => {
  const { post, broker } = ingestOf({ batch: 3 });
  for (
    const [body, type] of [[(count: number) => `[${events(count, ",")}]`, JSON_TYPE], [
      (count: number) => `${events(count, "\n")}\n\n`,
      NDJSON,
    ]] as const
  ) {
    assert.is(await post(body(3), type), 3);
    const { head } = broker.bounds();
    assert.is(await post(body(4), type), "400 batch_too_large");
    assert.is(broker.bounds().head, head);
  }
});

test("an event of as many bytes as the limit is taken, and not one of one more, in whatever form it comes", async () => {
  const forms: [string, (text: string) => string][] = [
    [JSON_TYPE, (text) => text],
    [JSON_TYPE, (text) => `[${event()},${text}]`],
    [NDJSON, (text) => `${event()}\n${text}\n`],
  ];
  for (const filling of ["x", "ä", "\u{1F43E}"]) {
    for (const [type, form] of forms) {
      const { post, broker } = ingestOf({ eventBytes: 200 });
      assert.type(await post(form(eventOf(200, filling)), type), "number");
      const { head } = broker.bounds();
      assert.is(await post(form(eventOf(201, filling)), type), "413 event_too_large", `${form(filling)} as ${type}`);
      assert.is(broker.bounds().head, head);
    }
  }
});

test("a batch may be larger than an event may", async () => {
  const { post } = ingestOf({ eventBytes: 200 });
  assert.is(await post(`[${eventOf(200)},${eventOf(200)}]`), 2);
  assert.is(await post(`${eventOf(200)}\n${eventOf(200)}`, NDJSON), 2);
});

test("one event that is wrong costs all, wherever it stands, and the error names its place", async () => {
  const { answer, broker } = ingestOf();
  const [right, wrong] = [event(), event({ title: 7 })];
  const cases: [string, string, string][] = [
    [wrong, JSON_TYPE, "the event "],
    [`[${wrong},${right}]`, JSON_TYPE, "the event 0 "],
    [`[${right},${right},${wrong}]`, JSON_TYPE, "the event 2 "],
    [`${wrong}\n${right}`, NDJSON, "the line 1 "],
    [`\n${right}\n\n${wrong}\n`, NDJSON, "the line 4 "],
  ];
  for (const [body, type, place] of cases) {
    const { status, json } = await answer(body, type);
    assert.equal([status, at(json, "code")], [400, "invalid_title"]);
    assert.match(String(at(json, "detail")), `"title" of ${place}`);
  }
  const broken = await answer(`${right}\n{`, NDJSON);
  assert.is(at(broken.json, "detail"), "The line 2 is not valid JSON");
  assert.equal([broker.bounds().head, broker.sessionCount()], [0, 0]);
});

test("an event that finds no room costs all, and the answer says when to try again", async () => {
  const { answer, broker } = ingestOf({}, { maxSessions: 1, store: memoryStore({ epoch: EPOCH }) });
  const work = ["a", "b"].map((sessionId) => agentEvent("tool.start", { sessionId }));
  const { status, headers, json } = await answer(JSON.stringify(work));
  assert.equal([status, headers["retry-after"], at(json, "code")], [503, "30", "too_many_sessions"]);
  assert.equal([broker.bounds().head, broker.sessionCount()], [0, 0]);
});

test("bodies that nest without end are refused like others", async () => {
  const { post } = ingestOf();
  const nest = (levels: number) => `{"kind":"session.update","sessionId":"s","x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  assert.equal([await post(nest(63)), await post(nest(64))], [1, "400 too_deep"]);
  assert.is(await post(nest(20_000)), "400 too_deep");
  for (const type of [JSON_TYPE, NDJSON]) assert.is(await post("[".repeat(60_000), type), "400 invalid_json");
});

test("a store that takes its time is waited for, and one that fails then is told of without a word of why", async () => {
  const memory = memoryStore({ epoch: EPOCH });
  let isBroken = false;
  const append: typeof memory.append = async (commit) => {
    await Promise.resolve();
    if (isBroken) throw new Error("secret");
    return memory.append(commit);
  };
  const { answer, post } = ingestOf({}, { store: { ...memory, append } });
  assert.is(await post(event()), 1);
  isBroken = true;
  const { status, body = "", json } = await answer(event());
  assert.equal([status, at(json, "code"), body.includes("secret")], [503, "store_failed", false]);
});

test("a post of a key is taken once, and the keys of one client are not those of another", async () => {
  const { broker } = brokerOf();
  const post = async (key: string, who?: string, body = event()) => {
    const reply = await postEvents(broker, postOf(encoder.encode(body), JSON_TYPE, key, who), DEFAULT_INGEST_LIMITS);
    const json: unknown = JSON.parse(reply.body ?? "null");
    return reply.status === 200 ? at(json, "accepted") : `${reply.status} ${at(json, "code")}`;
  };
  assert.equal([await post("k"), await post("k"), await post("k", "other"), await post("k", "")], [1, 0, 1, 1]);
  assert.is(await post("k", "other", JSON.stringify(agentEvent("tool.end"))), "422 key_reused");
  for (const wrong of ["", "a b", "\u00e4", "x".repeat(129)]) assert.is(await post(wrong), "400 invalid_key", wrong);
  assert.is(await post("x".repeat(128)), 1);
});

test.run();
