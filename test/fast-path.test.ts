import { Hono } from "hono";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addSurface } from "../src/app.ts";
import { createFastPath, type FastRoute } from "../src/fast-path.ts";
import { factsOf, postHeadOf } from "../src/http/facts.ts";
import { toResponse } from "../src/http/reply.ts";
import { createSurface, type SurfaceOptions } from "../src/surface.ts";
import { brokerOf, request, type Rest } from "./support/app.ts";
import { agentEvent } from "./support/events.ts";
import { EVERYTHING, grantOf } from "./support/facts.ts";

const JSON_TYPE = "application/json";
const NDJSON = "application/x-ndjson";
const HOST = { host: "localhost" };

const factsFor = (headers: Readonly<Record<string, string>>) =>
  factsOf(new Headers(headers), { remoteAddr: { hostname: "127.0.0.1" } });

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const event = (fields = {}): string => JSON.stringify(agentEvent("tool.start", fields));

/** Two brokers of one kind, one behind the fast path and one behind the app. */
function bothWays(options: Partial<SurfaceOptions> = {}) {
  const surfaceOf = () => {
    const { broker, clock } = brokerOf({ maxSessions: 2 });
    return { broker, clock, surface: createSurface({ broker, ...options }) };
  };
  const [fast, slow] = [surfaceOf(), surfaceOf()];
  const app = new Hono();
  addSurface(app, slow.surface, undefined);
  return { fast: fast.broker, slow: slow.broker, routes: createFastPath(fast.surface), app };
}

type Ways = ReturnType<typeof bothWays>;

function routeOf({ routes }: Ways, line: string): FastRoute {
  const route = routes.get(line);
  if (route === undefined) throw new Error(`There is no fast ${line}`);
  return route;
}

/** The answer of a route to a request, as an adapter makes it. */
async function answerOf(route: FastRoute, { headers = {}, body = "" }: Rest, isText: boolean): Promise<Response> {
  const raw = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (route.takes === "nothing") return toResponse(route.answer());
  if (route.takes === "bytes") return toResponse(await route.answer(raw, postHeadOf(new Headers(headers)), EVERYTHING));
  return toResponse(await route.answer(isText ? new TextDecoder().decode(raw) : raw));
}

const outline = async (response: Response) => [response.status, [...response.headers], await response.text()];

/** Both answers to one request are the same, and so is all that they changed. */
async function assertSame(ways: Ways, line: string, rest: Rest): Promise<void> {
  const route = routeOf(ways, line);
  assert.ok(route.admit(factsFor({ ...HOST, ...rest.headers })), `${line} is not admitted`);
  for (const isText of route.takes === "text" ? [true, false] : [false]) {
    const fast = await outline(await answerOf(route, rest, isText));
    assert.equal(fast, await outline(await request(ways.app, line, rest)), `${line} ${rest.body}`);
    assert.equal(ways.fast.bounds(), ways.slow.bounds(), `${line} ${rest.body}`);
    assert.equal([...ways.fast.sessions()], [...ways.slow.sessions()]);
  }
}

test("pings, and events of both surfaces, are answered early, and nothing else is", () => {
  const { routes } = bothWays();
  assert.equal([...routes.keys()].toSorted(), ["GET /healthz", "POST /event", "POST /v1/events"]);
});

test("a ping is answered as the app does", () => assertSame(bothWays(), "GET /healthz", {}));

test("a hook is answered as the app does, whatever its body, as text and as bytes", async () => {
  const ways = bothWays();
  const hook = (fields: object) => JSON.stringify({ kind: "PreToolUse", sessionId: "a", ...fields });
  const bodies = [
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    hook({ kind: "Nope" }),
    hook({ sessionId: "" }),
    hook({ tool: 7, ts: "x" }),
  ];
  const broken = [bytes(0xff), bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d), bytes(0x22, 0xc3, 0x28, 0x22)];
  for (const body of [...bodies, hook({}), hook({ tool: "\u{1F43E}" }), ...broken]) {
    await assertSame(ways, "POST /event", { body });
  }
  await assertSame(ways, "POST /event", { body: hook({}), headers: { "content-type": "text/plain" } });
  assert.ok(ways.fast.bounds().head > 0);
});

test("what is broken in a hook's text is repaired in the same way", async () => {
  const ways = bothWays();
  const body = new Uint8Array([...new TextEncoder().encode('{"kind":"PreToolUse","sessionId":"'), 0xff, 0x22, 0x7d]);
  await assertSame(ways, "POST /event", { body });
  assert.equal([...ways.fast.sessions()].map(({ id }) => id), ["\ufffd"]);
});

test("events are answered as the app does, whatever their type and body", async () => {
  const ways = bothWays();
  const types = [undefined, JSON_TYPE, NDJSON, "Application/JSON; charset=utf-8", "text/plain", ""];
  const bodies = ["", "{", "[]", "null", event(), `[${event()},${event({ sessionId: "b" })}]`, `${event()}\n\n${event()}\n`];
  const wrong = [event({ kind: "Nope" }), event({ sessionId: " " }), event({ title: "\ud800" }), `[${event()},{}]`];
  for (const type of types) {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    for (const body of [...bodies, ...wrong, bytes(0xff), bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d)]) {
      // A text would get a content type of its own.
      const raw = typeof body === "string" ? new TextEncoder().encode(body) : body;
      await assertSame(ways, "POST /v1/events", { headers, body: raw });
    }
  }
  assert.ok(ways.fast.bounds().head > 0);
});

test("limits are those of the app", async () => {
  const ways = bothWays({ limits: { bodyBytes: 500, eventBytes: 100, batch: 2 } });
  const route = routeOf(ways, "POST /v1/events");
  assert.is(route.takes === "bytes" && route.maxBytes, 500);
  const hooks = routeOf(ways, "POST /event");
  assert.is(hooks.takes === "text" && hooks.maxBytes, 65_536);
  for (const body of [event().padEnd(100), event().padEnd(101), `[${event()},${event()},${event()}]`]) {
    await assertSame(ways, "POST /v1/events", { headers: { "content-type": JSON_TYPE }, body });
  }
});

test("a broker that is full, or shuts down, is told of as the app does", async () => {
  const ways = bothWays();
  const post = (sessionId: string) =>
    assertSame(ways, "POST /v1/events", { headers: { "content-type": JSON_TYPE }, body: event({ sessionId }) });
  for (const id of ["a", "b", "c"]) await post(id);
  assert.is(ways.fast.sessionCount(), 2);
  await assertSame(ways, "POST /event", { body: '{"kind":"PreToolUse","sessionId":"c"}' });
  ways.fast.drain();
  ways.slow.drain();
  await post("a");
  await assertSame(ways, "POST /event", { body: '{"kind":"PreToolUse","sessionId":"a"}' });
});

const DOORS = [
  HOST,
  { host: "localhost:7857" },
  { host: "evil.com" },
  { host: "localhost, evil.com" },
  { ...HOST, origin: "http://localhost" },
  { ...HOST, origin: "http://pet.lan" },
  { ...HOST, origin: "http://evil.com" },
  { ...HOST, origin: "null" },
  { ...HOST, origin: "" },
  { ...HOST, "sec-fetch-site": "same-origin" },
  { ...HOST, "sec-fetch-site": "cross-site" },
  { ...HOST, "sec-fetch-site": "" },
];

test("whom the app refuses is never answered early, and who is gets the very answer of the app", async () => {
  const ways = bothWays({ origins: ["http://pet.lan"] });
  for (const [line, { admit }] of ways.routes) {
    for (const headers of DOORS) {
      const isAdmitted = admit(factsFor(headers)) !== undefined;
      const { status } = await request(ways.app, line, { headers });
      const isPage = "origin" in headers || "sec-fetch-site" in headers;
      if (status === 403 || status === 421) assert.is(isAdmitted, false, `${line} ${JSON.stringify(headers)}`);
      else if (!isPage || isAdmitted) await assertSame(ways, line, { headers });
    }
  }
});

test("no page posts an event early", () => {
  const { routes } = bothWays({ origins: ["http://pet.lan"] });
  const pages = DOORS.filter((headers) => "origin" in headers || "sec-fetch-site" in headers);
  for (const line of ["POST /event", "POST /v1/events"]) {
    const admitted = pages.filter((headers) => routes.get(line)?.admit(factsFor(headers)) !== undefined);
    assert.equal(admitted, [], line);
  }
});

test("a program that lacks the scope is left to the app, too", () => {
  const facts = factsFor(HOST);
  const admitted = (scope: "read" | "ingest") =>
    [...bothWays({ access: () => grantOf(scope) }).routes].filter(([, { admit }]) => admit(facts) !== undefined).map(([line]) =>
      line
    );
  assert.equal(admitted("read"), ["GET /healthz"]);
  assert.equal(admitted("ingest"), ["GET /healthz", "POST /event", "POST /v1/events"]);
});

test.run();
