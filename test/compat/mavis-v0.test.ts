import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BrokerOptions } from "../../src/broker.ts";
import { FLOATER_BODY_BYTES, floaterErrorReply } from "../../src/compat/mavis-v0.ts";
import { InvalidInputError, UnavailableError } from "../../src/errors.ts";
import type { Reply } from "../../src/http/reply.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createSurface, type SurfaceOptions } from "../../src/surface.ts";
import { EVERYTHING } from "../support/facts.ts";
import { brokerOf } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";
import { at, listAt } from "../support/json.ts";
import { FakeWebSocket } from "../support/web-socket.ts";
import { SAFE_HEADERS } from "../../src/http/reply.ts";

const START = Date.UTC(2030, 0, 1);

const hook = (fields = {}): string => JSON.stringify({ kind: "PreToolUse", sessionId: "a", ...fields });
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const outline = ({ status, body }: Reply): string => body === undefined ? `${status}` : `${status} ${body}`;
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? "null");

function floatersOf(options: Partial<SurfaceOptions> = {}, brokerOptions: BrokerOptions = {}) {
  const { broker, clock } = brokerOf(brokerOptions);
  const { floaters } = createSurface({ broker, ...options });
  const post = async (body: string | Uint8Array) => outline(await floaters.postEvent(body));
  const status = (view: "full" | "bare" = "full") => parsed(floaters.getStatus(view).body);
  const open = () => new FakeWebSocket(floaters.socketEvents(EVERYTHING)).open();
  return { broker, clock, floaters, post, status, open };
}

test("a hook is answered 204, and its event is plain", async () => {
  const { broker, post } = floatersOf();
  for (const body of [hook(), bytesOf(hook())]) assert.is(await post(body), "204");
  const [message] = broker.read(0, 1);
  assert.is(message?.body.type === "event" && message.body.data.plain, true);
  assert.is(broker.sessionCount(), 1);
});

test("broken UTF-8 is repaired, and a byte order mark skipped", async () => {
  const { broker, post } = floatersOf();
  const broken = bytesOf(hook({ sessionId: "x" })).map((byte) => byte === 0x78 ? 0xff : byte);
  assert.is(await post(broken), "204");
  assert.is(await post(new Uint8Array([0xef, 0xbb, 0xbf, ...bytesOf(hook())])), "204");
  assert.equal([...broker.sessions()].map(({ id }) => id), ["\ufffd", "a"]);
});

test("what can't be taken is answered in the words of 0.7.4", async () => {
  const { post, broker } = floatersOf();
  for (const body of ["", "{", "nope"]) assert.is(await post(body), '400 {"error":"invalid_json"}');
  for (const body of ["null", "7"]) assert.is(await post(body), '400 {"error":"expected_object"}');
  assert.is(await post(hook({ kind: "Foo" })), '400 {"error":"invalid_kind","got":"Foo"}');
  assert.is(await post("[]"), '400 {"error":"invalid_kind"}');
  assert.is(await post(hook({ sessionId: "" })), '400 {"error":"invalid_sessionId"}');
  assert.is(broker.bounds().head, 0);
});

test("a broker that can't take an event now says so, and one that fails leaks nothing, at once or later", async () => {
  const full = floatersOf({}, { maxSessions: 1 });
  assert.is(await full.post(hook()), "204");
  assert.is(await full.post(hook({ sessionId: "b" })), '503 {"error":"too_many_sessions"}');
  const append = () => Promise.reject(new Error("secret"));
  const late = floatersOf({}, { store: { ...memoryStore(), append } });
  assert.is(await late.post(hook()), '503 {"error":"store_failed"}');
});

test("an error has its status and code, and says when to try again where that helps", () => {
  assert.is(outline(floaterErrorReply(new InvalidInputError(413, "body_too_large", "No"))), '413 {"error":"body_too_large"}');
  const { headers } = floaterErrorReply(new UnavailableError("shutting_down", "No", 1));
  assert.equal(headers, { ...SAFE_HEADERS, "content-type": "application/json; charset=utf-8", "retry-after": "1" });
  assert.is(outline(floaterErrorReply(new Error("secret"))), '500 {"error":"internal_error"}');
});

test("a pet is chosen by its slug, of 1 to 256 characters", async () => {
  const { broker, floaters } = floatersOf();
  const choose = async (body: string) => outline(await floaters.postSwitch(bytesOf(body)));
  for (const slug of ["boba", "x".repeat(256)]) {
    assert.is(await choose(JSON.stringify({ slug })), `200 {"ok":true,"slug":"${slug}"}`);
    assert.is(broker.pet(), slug);
  }
  const slugs = ["", "x".repeat(257), 7, null, undefined];
  for (const slug of slugs) assert.is(await choose(JSON.stringify({ slug })), '400 {"error":"invalid_slug"}');
  for (const body of ["", "{", "null", '"boba"']) assert.is(await choose(body), '400 {"error":"expected_object"}');
  assert.is(broker.pet(), "x".repeat(256));
});

test("the status tells everything that 0.7.4 tells", async () => {
  const { broker, clock, post, status } = floatersOf({}, { pet: "boba" });
  clock.advance(1_000);
  await post(hook({ tool: "bash", ts: 5 }));
  clock.advance(500);
  assert.equal(status(), {
    state: "run",
    pet: "boba",
    ts: START + 1_500,
    sessions: [{ sessionId: "a", state: "run", lastEventTs: START + 1_000, lastEventKind: "PreToolUse" }],
    recentEvents: [{ kind: "PreToolUse", sessionId: "a", tool: "bash", ts: 5 }],
    uptimeMs: 1_500,
    wsClients: 0,
  });
  assert.is(at(status("bare"), "recentEvents", 0, "tool"), undefined);
  broker.ingest([agentEvent("turn.fail", { sessionId: "b" })]);
  assert.equal(at(status(), "recentEvents", 0, "kind"), "MessageComplete");
});

test("the uptime is that of the broker, whatever happens to the wall clock", () => {
  const { clock, status } = floatersOf();
  clock.advance(1_000);
  clock.shiftWall(-3_600_000);
  clock.advance(1_000);
  assert.is(at(status(), "uptimeMs"), 2_000);
});

test("of the events the newest 10 are listed, the newest first", async () => {
  const { post, status } = floatersOf();
  const listed = () => listAt(status(), "recentEvents").map((event) => at(event, "ts"));
  for (let ts = 1; ts <= 3; ts += 1) await post(hook({ ts }));
  assert.equal(listed(), [3, 2, 1]);
  for (let ts = 4; ts <= 70; ts += 1) await post(hook({ ts }));
  assert.equal(listed(), [70, 69, 68, 67, 66, 65, 64, 63, 62, 61]);
});

test("a floater is told the first words on connect, and then what happens", async () => {
  const { clock, floaters, open, post, status } = floatersOf();
  const socket = open();
  assert.equal(socket.news(), [`{"type":"state","state":"idle","ts":${START}}`, '{"type":"sessions","sessions":[]}']);
  assert.is(at(status(), "wsClients"), 1);
  await post(hook());
  await floaters.postSwitch(bytesOf('{"slug":"boba"}'));
  clock.advance(0);
  const news = socket.news().map(parsed);
  assert.equal(news.map((message) => at(message, "type")), ["state", "pet", "sessions"]);
  assert.is(at(news[2], "sessions", 0, "sessionId"), "a");
});

test("dismissing a finished card is told to all floaters", () => {
  const { broker, clock, floaters, open } = floatersOf();
  broker.ingest([agentEvent("tool.start"), agentEvent("turn.complete")]);
  clock.advance(1_000);
  const sockets = [open(), open()];
  for (const socket of sockets) socket.news();
  assert.is(outline(floaters.postDismiss()), "204");
  clock.advance(100);
  for (const socket of sockets) assert.equal(socket.news(), ['{"type":"sessions","sessions":[]}']);
});

test("a floater that leaves is counted and told no more", async () => {
  const { broker, clock, open, post, status } = floatersOf();
  const [stays, leaves] = [open(), open()];
  leaves.news();
  leaves.leave();
  leaves.leave();
  await post(hook());
  clock.advance(200);
  assert.equal([leaves.sent, broker.hub.size, at(status(), "wsClients")], [[], 1, 1]);
  stays.leave();
  assert.equal([broker.hub.size, at(status(), "wsClients")], [0, 0]);
});

test("one reader too many, and any during a shutdown, is closed without a word, and not counted", () => {
  const { broker, open, status } = floatersOf({ maxReaders: 1 });
  open();
  const second = open();
  assert.equal([second.sent, second.closed], [[], ["1013 too many readers"]]);
  second.leave();
  assert.is(at(status(), "wsClients"), 1);
  broker.drain();
  assert.equal(open().closed, ["1001 shutting down"]);
});

test("what a floater says is ignored, up to the limit of a frame", () => {
  const { open } = floatersOf({ maxFrameBytes: 10 });
  const socket = open();
  socket.news();
  for (const frame of ["", "{", "x".repeat(10), new ArrayBuffer(10)]) socket.receive(frame);
  assert.equal([socket.sent, socket.closed], [[], []]);
  socket.receive("x".repeat(11));
  assert.equal(socket.closed, ["1009 frame too large"]);
});

test("a body may have 64 KiB, as in 0.7.4", () => assert.is(FLOATER_BODY_BYTES, 65_536));

test.run();
