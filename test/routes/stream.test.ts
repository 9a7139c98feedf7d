import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Selection } from "../../src/hub/dialect.ts";
import { bodyTransport } from "../../src/hub/sse-sink.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { openStream, type StreamDeps, type StreamRequest } from "../../src/routes/stream.ts";
import { createSurface, type SurfaceOptions } from "../../src/surface.ts";
import { brokerOf, EPOCH } from "../support/app.ts";
import { SAFE_HEADERS } from "../../src/http/reply.ts";
import { agentEvent } from "../support/events.ts";
import { EVERYTHING, factsWith } from "../support/facts.ts";

const STATE: Selection = { topics: DEFAULT_TOPICS, view: "full" };
const ASKED: StreamRequest = { selection: STATE, cursor: undefined, facts: factsWith(), grant: EVERYTHING, env: undefined };

function streamsOf(options: Partial<SurfaceOptions> = {}) {
  const { broker, clock } = brokerOf();
  const surface = createSurface({ broker, ...options });
  return { broker, clock, surface, open: (asked: Partial<StreamRequest> = {}) => openReader(surface, { ...ASKED, ...asked }) };
}

/** Opens a stream, and reads it block by block as far as it is written. */
function openReader(deps: StreamDeps, asked: StreamRequest) {
  const response = openStream(deps, asked);
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("The stream has no body");
  /** The next piece that was written; undefined at the end. */
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { response, next, leave: () => reader.cancel() };
}

const typesOf = (text: string | undefined) => [...(text ?? "").matchAll(/^event: (.*)$/gm)].map(([, type]) => type);

test("a stream has the headers that keep everybody on the way from holding it back", () => {
  const { response } = streamsOf().open();
  assert.equal([response.status, Object.fromEntries(response.headers)], [200, {
    ...SAFE_HEADERS,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  }]);
});

test("it opens at once, tells when to come back, and greets", async () => {
  const { open } = streamsOf();
  for (let time = 0; time < 50; time += 1) {
    const first = await open().next() ?? "";
    const [, retry] = /^:\n\nretry: ([0-9]{4})\n\n/.exec(first) ?? [];
    assert.ok(Number(retry) >= 1_000 && Number(retry) <= 3_000, first.slice(0, 60));
    assert.equal(typesOf(first), ["hello", "reset", "snapshot", "live"]);
  }
});

test("it goes on from a cursor", async () => {
  const { broker, open } = streamsOf();
  broker.switchPet("cat");
  broker.switchPet("dog");
  assert.equal(typesOf(await open({ cursor: `${EPOCH}.1` }).next()), ["hello", "pet", "live"]);
});

test("what happens after the greeting is told, in the selection of the reader", async () => {
  const { broker, clock, open } = streamsOf();
  const [all, pets] = [open(), open({ selection: { ...STATE, topics: ["pet"] } })];
  for (const { next } of [all, pets]) await next();
  broker.ingest([agentEvent("tool.start")]);
  broker.switchPet("cat");
  clock.advance(0);
  assert.equal(typesOf(await all.next()), ["session", "state", "pet"]);
  assert.equal(typesOf(await pets.next()), ["pet"]);
});

test("a quiet stream gets an id after 15 s", async () => {
  const { broker, clock, open } = streamsOf();
  const { next } = open({ selection: { ...STATE, topics: ["pet"] } });
  await next();
  broker.ingest([agentEvent("session.update")]);
  clock.advance(16_000);
  assert.is(await next(), `id: ${EPOCH}.${broker.bounds().head}\n\n`);
});

test("a reader that leaves is a reader no more", async () => {
  const { broker, open } = streamsOf();
  const [one, other] = [open(), open()];
  assert.is(broker.hub.size, 2);
  await one.leave();
  assert.is(broker.hub.size, 1);
  await other.leave();
  assert.is(broker.hub.size, 0);
});

test("one reader too many is told bye with overload, and the stream ends; with 200, so that a browser comes back", async () => {
  const { broker, open } = streamsOf({ maxReaders: 1 });
  const first = open();
  const { response, next } = open();
  const text = await next() ?? "";
  assert.match(text, /^:\n\nretry: [0-9]{4}\n\nevent: bye\ndata: \{"reason":"overload","reconnectInMs":[0-9]{3,4}\}\n\n$/);
  assert.equal([response.status, response.headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
  assert.equal([await next(), broker.hub.size], [undefined, 1]);
  await first.leave();
  assert.equal(typesOf(await open().next()).at(0), "hello");
});

test("during a shutdown it is bye with shutdown", async () => {
  const { broker, open } = streamsOf();
  broker.drain();
  const { next } = open();
  assert.match(await next() ?? "", '"reason":"shutdown"');
  assert.equal([await next(), broker.hub.size], [undefined, 0]);
});

test("a page of a named origin may read it, a refusal too; nobody else is told so", () => {
  const { open, broker } = streamsOf({ origins: ["http://pet.lan"] });
  const allowed = (origin: string | undefined) =>
    open({ facts: factsWith({ origin }) }).response.headers.get("access-control-allow-origin");
  const all = () => [allowed("http://pet.lan"), allowed("http://evil.com"), allowed(undefined)];
  assert.equal(all(), ["http://pet.lan", null, null]);
  broker.drain();
  assert.equal(all(), ["http://pet.lan", null, null]);
});

test("a runtime that sends streams itself is handed what came with the request, and all headers", () => {
  const seen: unknown[] = [];
  const { open } = streamsOf({
    origins: ["http://pet.lan"],
    eventStreams: (env, headers, onGone) => {
      seen.push(env, headers["content-type"], headers["access-control-allow-origin"]);
      return bodyTransport(env, headers, onGone);
    },
  });
  const env = { outgoing: "response" };
  open({ env, facts: factsWith({ origin: "http://pet.lan" }) });
  assert.is(seen[0], env);
  assert.equal(seen.slice(1), ["text/event-stream; charset=utf-8", "http://pet.lan"]);
});

test.run();
