import { test } from "uvu";
import * as assert from "uvu/assert";
import { appOf } from "./support/app.ts";
import { at } from "./support/json.ts";
import { problemOf } from "./support/log.ts";
import { bearer, FakeTokens } from "./support/tokens.ts";

const HOST = { host: "localhost:7857" };
const OWN = { ...HOST, origin: "http://localhost:7857" };
const ROOT = { ...HOST, ...bearer("root") };

/** An app whose token `hook` may only post, and how to log in to it. */
function loginApp() {
  const tokens = new FakeTokens("root").add("hook", "ingest");
  const app = appOf({ tokens });
  const newLink = async () => new URL(String(at((await app.ask("POST /v1/login-links", { headers: ROOT })).json, "url")));
  const open = (link: URL, headers: Record<string, string> = {}) =>
    app.ask(`GET ${link.pathname}${link.search}`, { headers: { ...HOST, ...headers } });
  /** The header of a browser that has logged in. */
  const logIn = async () => {
    const { headers } = await open(await newLink());
    return { ...OWN, cookie: headers.get("set-cookie")?.split(";")[0] ?? "" };
  };
  return { ...app, tokens, newLink, open, logIn };
}

test("a link is given to a token with admin, and to nobody else", async () => {
  const { ask, logIn } = loginApp();
  const answer = await ask("POST /v1/login-links", { headers: ROOT });
  assert.equal([answer.status, at(answer.json, "expiresInMs"), answer.headers.get("cache-control")], [200, 60_000, "no-store"]);
  assert.match(String(at(answer.json, "url")), /^http:\/\/localhost\/login\?code=[A-Za-z0-9]{10}\.[\w-]{43}$/);
  assert.is(problemOf(await ask("POST /v1/login-links", { headers: HOST })), "401 unauthorized");
  assert.is(problemOf(await ask("POST /v1/login-links", { headers: { ...HOST, ...bearer("hook") } })), "403 missing_scope");
  assert.is(
    problemOf(await ask("POST /v1/login-links", { headers: await logIn() })),
    "403 missing_scope",
    "a page never has admin",
  );
});

test("a link leads once to the page, with a cookie that scripts can't read and other sites don't send", async () => {
  const { newLink, open } = loginApp();
  const link = await newLink();
  const { status, headers } = await open(link, { "sec-fetch-site": "none" });
  assert.equal([status, headers.get("location"), headers.get("cache-control")], [303, "/", "no-store"]);
  const cookie = /^perch_7857=[A-Za-z0-9]{10}\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/;
  assert.match(headers.get("set-cookie") ?? "", cookie);
  const again = await open(link);
  assert.equal([again.status, again.headers.get("content-type"), again.headers.get("set-cookie")], [
    403,
    "text/plain; charset=utf-8",
    null,
  ]);
  assert.match(again.text, "perch token link");
});

test("a code that is late, wrong or missing is worth nothing, and after ten within a minute is told to wait", async () => {
  const { ask, newLink, open, clock } = loginApp();
  const link = await newLink();
  clock.advance(60_000);
  assert.is((await open(link)).status, 403);
  for (const query of ["", "?code=", "?code=x", `?code=${link.searchParams.get("code")}x`]) {
    assert.is((await ask(`GET /login${query}`, { headers: HOST })).status, 403, query);
  }
  for (let n = 5; n < 10; n += 1) await ask("GET /login", { headers: HOST });
  const { status, headers, json } = await ask("GET /login", { headers: HOST });
  assert.equal([status, json, Number(headers.get("retry-after")) > 0], [429, { error: "too_many_failures" }, true]);
  assert.is((await open(await newLink())).status, 303, "a right one is taken all the same");
});

test("a look at the head of a link uses up nothing", async () => {
  const { ask, newLink, open } = loginApp();
  const link = await newLink();
  assert.is((await ask(`HEAD ${link.pathname}${link.search}`, { headers: HOST })).status, 404);
  assert.is((await open(link)).status, 303);
});

test("a page that has logged in may read and post, until it logs out", async () => {
  const { ask, logIn } = loginApp();
  const page = await logIn();
  const events = "GET /v1/events?topics=events";
  assert.equal([(await ask(events, { headers: page })).status, (await ask("POST /dismiss", { headers: page })).status], [
    204,
    204,
  ]);
  const out = await ask("POST /logout", { headers: page });
  assert.is(out.status, 204);
  assert.match(out.headers.get("set-cookie") ?? "", /^perch_7857=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/);
  assert.is(problemOf(await ask(events, { headers: page })), "401 unauthorized");
  assert.is((await ask("POST /logout", { headers: OWN })).status, 401);
});

test("a login ends with the token that asked for it", async () => {
  const { ask, logIn, tokens } = loginApp();
  const page = await logIn();
  tokens.set("root", "revoked");
  assert.is(problemOf(await ask("GET /v1/state", { headers: page })), "401 token_revoked");
  const stream = await ask("GET /events", { headers: page });
  assert.equal([stream.status, stream.text], [204, ""]);
});

test("a ticket is given for any credential, and for no more than that allows", async () => {
  const { ask, logIn } = loginApp();
  const wish = (headers: Record<string, string>, body?: string) =>
    ask("POST /v1/tickets", body === undefined ? { headers } : { headers, body });
  for (const headers of [ROOT, { ...HOST, ...bearer("hook") }, await logIn()]) {
    const { status, json, headers: told } = await wish(headers);
    assert.equal([status, at(json, "expiresInMs"), told.get("cache-control")], [200, 30_000, "no-store"]);
    assert.match(String(at(json, "ticket")), /^[A-Za-z0-9]{10}\.[\w-]{43}$/);
  }
  assert.is(problemOf(await wish(HOST)), "401 unauthorized");
  assert.is((await wish(ROOT, '{"scopes":["read"]}')).status, 200);
  assert.is((await wish(ROOT, "{}")).status, 200);
  assert.is(problemOf(await wish({ ...HOST, ...bearer("hook") }, '{"scopes":["read"]}')), "403 missing_scope");
  for (const body of ["[]", '{"scopes":"read"}', '{"scopes":["all"]}']) {
    assert.is(problemOf(await wish(ROOT, body)), "400 invalid_scopes", body);
  }
  assert.is(problemOf(await wish(ROOT, "{")), "400 invalid_json");
  assert.is((await wish(ROOT, " ".repeat(1_024))).status, 400);
  assert.is(problemOf(await wish(ROOT, " ".repeat(1_025))), "413 body_too_large");
});

test("a method that they do not know is told so", async () => {
  const { ask } = loginApp();
  for (const path of ["/v1/tickets", "/v1/login-links"]) {
    const answer = await ask(`GET ${path}`, { headers: ROOT });
    assert.equal([problemOf(answer), answer.headers.get("allow")], ["405 method_not_allowed", "POST"]);
  }
});

test.run();
