import { test } from "uvu";
import * as assert from "uvu/assert";
import { createAccess } from "../../src/http/access.ts";
import { Door, type Visit } from "../../src/http/door.ts";
import { Logins } from "../../src/http/logins.ts";
import { createLimiters, DEFAULT_RATES } from "../../src/http/rates.ts";
import { Tickets } from "../../src/http/tickets.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { factsWith, grantOf } from "../support/facts.ts";
import { bearer, FakeTokens } from "../support/tokens.ts";

const FAR = { peer: "10.0.0.1" };

function doorOf({ areRequestsLimited = false, requireToken = false } = {}) {
  const clock = new FakeClock();
  const tokens = new FakeTokens("root").add("hook", "ingest").add("reader", "read");
  const tickets = new Tickets(clock);
  const access = createAccess({ tokens, logins: new Logins(clock, tokens), requireToken, allowsOrigin: () => false });
  const door = new Door({ access, tickets, limiters: createLimiters(DEFAULT_RATES, areRequestsLimited), clock });
  const enter = (line: string, facts: Parameters<typeof factsWith>[0] = {}, isUpgrade = false) => {
    const [method = "", target = ""] = line.split(" ");
    const visit: Visit = { method, target, facts: factsWith(facts), isUpgrade };
    const request = {};
    return { request, refusal: door.enter(request, visit) };
  };
  /** `in`, or the status and the code. */
  const judge = (...visit: Parameters<typeof enter>) => {
    const { refusal } = enter(...visit);
    return refusal === undefined ? "in" : `${refusal.status} ${refusal.code}`;
  };
  return { clock, tokens, tickets, door, enter, judge };
}

test("reading needs read, the rest ingest; who has shown nothing is told to, who has too little is told so", () => {
  const { judge } = doorOf();
  const own = { fetchSite: "none" };
  assert.equal([judge("GET /status", bearer("reader")), judge("HEAD /v1/state", bearer("reader"))], ["in", "in"]);
  assert.equal([judge("GET /status", bearer("hook")), judge("GET /nope", bearer("hook"))], Array(2).fill("403 missing_scope"));
  assert.equal([judge("POST /event", bearer("hook")), judge("POST /event", bearer("reader"))], ["in", "403 missing_scope"]);
  assert.equal([judge("POST /event"), judge("POST /event", own), judge("GET /status", own)], ["in", "401 unauthorized", "in"]);
  assert.equal([judge("GET /status", FAR), judge("PUT /nope", FAR)], ["401 unauthorized", "401 unauthorized"]);
});

test("a ping needs nothing, but no wrong token", () => {
  const { judge } = doorOf({ requireToken: true });
  assert.equal([judge("GET /healthz"), judge("GET /healthz", FAR), judge("GET /perch/healthz?x", FAR)], ["in", "in", "in"]);
  assert.is(judge("GET /healthz", { authorization: "Bearer x" }), "401 unauthorized");
  assert.is(judge("GET /v1/healthz", FAR), "401 unauthorized");
  assert.is(judge("GET /status"), "401 unauthorized");
});

test("a login needs nothing, not even a cookie that is not stale; a logout and a ticket need a credential, a link admin", () => {
  const { judge } = doorOf();
  const stale = { fetchSite: "none", cookie: "perch_7857=stale" };
  assert.equal([judge("GET /login?code=x", stale), judge("GET /status", stale)], ["in", "401 unauthorized"]);
  for (const line of ["POST /logout", "POST /v1/tickets", "POST /perch/v1/tickets"]) {
    assert.equal([judge(line), judge(line, bearer("hook"))], ["401 unauthorized", "in"], line);
  }
  const link = "POST /v1/login-links";
  assert.equal([judge(link), judge(link, bearer("hook")), judge(link, bearer("root"))], [
    "401 unauthorized",
    "403 missing_scope",
    "in",
  ]);
});

test("what went through is known by its request, and asked about again is not counted again", () => {
  const { door, enter } = doorOf({ areRequestsLimited: true });
  const { request } = enter("POST /event", bearer("hook"));
  assert.equal(door.grantOf(request).who, "hook");
  const visit: Visit = { method: "POST", target: "/event", facts: factsWith(), isUpgrade: false };
  for (let n = 0; n < 2_000; n += 1) assert.is(door.enter(request, visit), undefined);
  assert.is(door.enter(request, { ...visit, method: "GET" })?.code, "missing_scope", "what it may do is asked each time");
  assert.equal([door.grantOf({}).who, door.grantOf({}).scopes.size], ["", 0]);
});

test("a token in the address is refused, right or wrong, and so is a ticket where no WebSocket is opened", () => {
  const { judge, tickets } = doorOf();
  for (const query of ["token=perch_root", "access_token=x", "x=1&token=", "%74oken=x"]) {
    assert.is(judge(`GET /events?${query}`), "400 token_in_url", query);
    assert.is(judge(`GET /v1/ws?${query}`, bearer("root"), true), "400 token_in_url", query);
  }
  const ticket = tickets.issue(grantOf("read"), undefined);
  assert.is(judge(`GET /events?ticket=${ticket}`), "400 token_in_url");
  assert.is(judge(`GET /v1/ws?ticket=${ticket}`, {}, true), "in", "it was not used up");
});

test("a ticket opens one WebSocket, with what it allows; then it is a wrong credential", () => {
  const { door, enter, judge, tickets, tokens } = doorOf({ requireToken: true });
  const target = `GET /v1/ws?topics=pet&ticket=${tickets.issue(grantOf("read"), undefined)}`;
  const { request } = enter(target, FAR, true);
  assert.equal(door.grantOf(request).who, "somebody");
  assert.equal([judge(target, FAR, true), judge("GET /v1/ws?ticket=", FAR, true)], ["401 unauthorized", "401 unauthorized"]);
  const access = createAccess({
    tokens,
    logins: new Logins(new FakeClock(), tokens),
    requireToken: true,
    allowsOrigin: () => false,
  });
  const grant = access(factsWith(bearer("reader")));
  assert.ok("who" in grant);
  const late = tickets.issue(grant, undefined);
  tokens.set("reader", "revoked");
  assert.is(judge(`GET /v1/ws?ticket=${late}`, {}, true), "401 unauthorized", "its token was revoked meanwhile");
});

test("an event stream whose token was revoked is told to stay away, without a word; all else is refused", () => {
  const { judge, tokens } = doorOf();
  tokens.set("reader", "revoked");
  for (const path of ["/events", "/v1/stream", "/events?since=now", "/perch/v1/stream"]) {
    assert.is(judge(`GET ${path}`, bearer("reader")), "204 token_revoked", path);
  }
  for (const path of ["/v1/events", "/v1/state", "/status", "/v1/ws"]) {
    assert.is(judge(`GET ${path}`, bearer("reader")), "401 token_revoked", path);
  }
  assert.is(judge("GET /events", bearer("nobody")), "401 unauthorized");
  tokens.set("reader", "expired");
  assert.is(judge("GET /events", bearer("reader")), "401 token_expired");
});

test("ten wrong credentials a minute are looked at from one address, the eleventh is told to wait", () => {
  const { judge, enter, clock } = doorOf();
  const wrong = { authorization: "Bearer x", ...FAR };
  for (let n = 0; n < 10; n += 1) assert.is(judge("GET /status", wrong), "401 unauthorized");
  const { refusal } = enter("GET /status", wrong);
  assert.equal([refusal?.status, refusal?.code, refusal?.headers], [429, "too_many_failures", { "retry-after": "6" }]);
  assert.is(judge("GET /status", { ...wrong, peer: "10.0.0.2" }), "401 unauthorized", "another address");
  assert.is(judge("GET /status", { ...bearer("reader"), ...FAR }), "in", "nobody locks out who has a right one");
  assert.is(judge("GET /status", FAR), "401 unauthorized", "to show nothing is no failure");
  clock.advance(6_000);
  assert.equal([judge("GET /status", wrong), judge("GET /status", wrong)], ["401 unauthorized", "429 too_many_failures"]);
});

test("a client opens 1,000 WebSockets at once and 50 a second", () => {
  const { judge, clock } = doorOf();
  const open = (facts = {}) => judge("GET /v1/ws", facts, true);
  for (let n = 0; n < 1_000; n += 1) assert.is(open(), "in");
  assert.equal([open(), open({ peer: "127.0.0.2" }), open(bearer("reader"))], ["429 too_many_streams", "in", "in"]);
  clock.advance(20);
  assert.equal([open(), open()], ["in", "429 too_many_streams"]);
});

test("requests are counted only where that is asked for: 1,000 at once and 200 a second", () => {
  const free = doorOf();
  for (let n = 0; n < 5_000; n += 1) assert.is(free.judge("POST /event"), "in");
  const { judge, clock } = doorOf({ areRequestsLimited: true });
  for (let n = 0; n < 1_000; n += 1) assert.is(judge(n % 2 === 0 ? "POST /event" : "GET /v1/state"), "in");
  assert.equal([judge("POST /event"), judge("GET /status"), judge("GET /healthz")], [
    "429 too_many_requests",
    "429 too_many_requests",
    "in",
  ]);
  assert.is(judge("POST /event", bearer("hook")), "in", "a token is a client of its own");
  clock.advance(5);
  assert.equal([judge("POST /event"), judge("POST /event")], ["in", "429 too_many_requests"]);
});

test.run();
