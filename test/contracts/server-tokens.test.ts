// runtime: node
// limit: 300 s
/** What each credential may do at each door, and that none is ever told to anybody. */

import * as assert from "uvu/assert";
import type { Scope } from "../../src/core/scopes.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { createToken } from "../support/broker-tokens.ts";
import { type Door, DOORS, knock, takenBy } from "../support/doors.ts";
import { askAs } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import { headOf, problemOf, publish } from "../support/log.ts";
import type { RawHeaders } from "../support/raw-http.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("tokens");

const host = ({ port }: ServerProcess): RawHeaders => [["Host", `127.0.0.1:${port}`]];
const bearer = (text: string): RawHeaders => [["Authorization", `Bearer ${text}`]];

/** What a door answers whoever has only these scopes. */
const answerTo = ({ method, open }: Door, scopes: readonly Scope[]): number =>
  scopes.includes(method === "GET" ? "read" : "ingest") ? open : 403;

test("lets each token do what its scopes say at every door, and no more", async (start) => {
  const perch = await start();
  const sets: readonly (readonly Scope[])[] = [["ingest"], ["read"], ["ingest", "read"], ["sessions"], ["messages"], ["admin"]];
  const tokens = await Promise.all(sets.map((scopes) => createToken(perch, scopes)));
  for (const [index, scopes] of sets.entries()) {
    for (const door of DOORS) {
      const { status, headers } = await knock(perch, door, [...host(perch), ...bearer(tokens[index] ?? "")]);
      assert.is(status, answerTo(door, scopes), `${door.name} with ${scopes}`);
      if (status === 403) assert.match(headers.get("www-authenticate") ?? "", 'error="insufficient_scope"');
    }
  }
  for (const door of DOORS) assert.is((await knock(perch, door, [...host(perch), ...bearer(perch.token)])).status, door.open);
});

/** What is sent as a token and is none; `secret` is one that is right. */
const WRONG = (secret: string): readonly string[] => [
  "",
  "Bearer",
  "Bearer ",
  secret,
  `Basic ${secret}`,
  `Bearer ${secret}x`,
  `Bearer ${secret.slice(0, -1)}`,
  `Bearer ${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`,
  `Bearer ${secret.toUpperCase()}`,
  `Bearer ${secret} ${secret}`,
  `Bearer ${secret}, Bearer ${secret}`,
  `Bearer perch_${"a".repeat(10)}_${"a".repeat(43)}`,
  `Bearer ${"x".repeat(4_000)}`,
];

test("refuses what is sent as a token and is none, even where none is needed, and takes nothing", async (start) => {
  const perch = await start();
  const before = await takenBy(perch);
  const wrong = WRONG(perch.token);
  for (const door of DOORS) {
    const codes = new Set<unknown>();
    for (const value of wrong) {
      const answer = await knock(perch, door, [...host(perch), ["Authorization", value]]);
      assert.ok([401, 429].includes(answer.status), `${door.name} with "${value}" answered ${answer.status}`);
      if (answer.status === 401) assert.is(answer.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
      if (answer.status === 429) assert.ok(Number(answer.headers.get("retry-after")) >= 1);
      assert.not.ok(answer.text.includes(perch.token.slice(-40)), "the answer tells the token");
      codes.add(at(answer.json, door.field));
    }
    for (const code of codes) assert.ok(["unauthorized", "too_many_failures"].includes(String(code)), String(code));
  }
  assert.equal(await takenBy(perch), before);
  assert.is((await askAs(perch, "/v1/state")).status, 200, "a right token is taken all the same");
});

test("with --require-token lets nobody do anything without a token, but for a ping", async (start) => {
  const perch = await start("--require-token", "--allow-origin", "http://localhost:5173");
  const before = await headOf(perch);
  const pages: readonly RawHeaders[] = [[], [["Origin", `http://127.0.0.1:${perch.port}`]], [[
    "Origin",
    "http://localhost:5173",
  ]]];
  for (const door of DOORS) {
    for (const page of pages) {
      const { status, headers, json } = await knock(perch, door, [...host(perch), ...page]);
      assert.equal([status, at(json, door.field)], [401, "unauthorized"], `${door.name} from ${page}`);
      assert.is(headers.get("www-authenticate"), "Bearer");
    }
  }
  assert.is(await headOf(perch), before);
  const ping = await fetch(`${perch.url}/healthz`);
  assert.equal([ping.status, await ping.text()], [200, "ok"]);
});

test("counts whoever comes through a proxy as somebody from beyond this machine", async (start) => {
  const perch = await start();
  const before = await takenBy(perch);
  for (const door of DOORS) {
    for (const name of ["X-Forwarded-For", "Forwarded"]) {
      const proxied: RawHeaders = [...host(perch), [name, name === "Forwarded" ? "for=10.0.0.1" : "10.0.0.1"]];
      assert.is((await knock(perch, door, proxied)).status, 401, `${door.name} with ${name}`);
    }
  }
  assert.equal(await takenBy(perch), before);
  const [door] = DOORS;
  assert.ok(door);
  assert.is((await knock(perch, door, [...host(perch), ["X-Forwarded-For", "x"], ...bearer(perch.token)])).status, 200);
});

const SECRET = { title: "secret", cwd: "/secret", activity: "secret", tool: "secret", toolUseId: "secret", pid: 4711 };

test("tells who shows no token that there are sessions, and nothing of what is in them, whatever they ask for", async (start) => {
  const perch = await start();
  await publish(perch, { kind: "tool.start", sessionId: "s", agent: "codex", ...SECRET });
  for (const transport of TRANSPORTS) {
    const reader = await openStream(perch, transport, { headers: {} });
    const { snapshot } = await readStart(reader);
    assert.equal(Object.keys(Object(at(snapshot, "sessions", 0))), ["id", "agent", "state", "pose", "since"]);
    await publish(perch, { kind: "permission.request", sessionId: "s", ...SECRET });
    await reader.messages.next("state", ({ type }) => type === "state");
    await publish(perch, { kind: "permission.resolve", sessionId: "s", ...SECRET });
    await reader.messages.next("state", ({ type }) => type === "state");
    assert.not.match(JSON.stringify(reader.messages.items), /secret|"pid"|because/);
    reader.close();
    const resumed = await openStream(perch, transport, { headers: {}, since: "earliest" });
    const { missed } = await readStart(resumed);
    assert.ok(missed.length > 0);
    assert.not.match(JSON.stringify(missed), /secret|"pid"|because/);
    resumed.close();
  }
  for (const path of ["/v1/state", "/v1/events?since=earliest", "/status"]) {
    const answer = await fetch(perch.url + path);
    assert.is(answer.status, 200);
    assert.not.match(await answer.text(), /secret|"pid"|because/, path);
  }
  for (const path of ["/v1/events?topics=events", "/events?topics=state,events", "/v1/state?topics=messages"]) {
    const answer = await fetch(perch.url + path);
    const text = await answer.text();
    assert.is(problemOf({ status: answer.status, headers: answer.headers, text, json: JSON.parse(text) }), "401 unauthorized");
  }
  const known = await askAs(perch, "/v1/state");
  assert.is(at(listAt(known.json, "sessions")[0], "title"), "secret");
});

test("keeps what it tells a token from whoever comes after: nothing is kept, and no tag of one fits the other", async (start) => {
  const perch = await start();
  await publish(perch, { kind: "tool.start", sessionId: "s", title: "secret" });
  for (const path of ["/v1/state", "/v1/events", "/status"]) {
    const known = await askAs(perch, path);
    assert.equal([known.headers.get("cache-control"), known.headers.get("vary")], ["no-store", "Authorization, Cookie"], path);
    const bare = await fetch(perch.url + path);
    assert.is(bare.headers.get("vary"), "Authorization, Cookie", path);
    await bare.body?.cancel();
  }
});

test("takes no token from an address, and writes none into its log, whatever is asked with it", async (start) => {
  const perch = await start("--log-level", "debug");
  const { token } = perch;
  const ticket = String(at((await askAs(perch, "/v1/tickets", { method: "POST" })).json, "ticket"));
  const link = new URL(String(at((await askAs(perch, "/v1/login-links", { method: "POST" })).json, "url")));
  const code = String(link.searchParams.get("code"));
  const said: string[] = [];
  for (const path of ["/events", "/v1/state", "/v1/ws", "/status", "/nope", "/v1/nope", "/healthz", "/"]) {
    for (const query of [`token=${token}`, `access_token=${token}`, `ticket=${ticket}`, `topics=x&token=${token}`]) {
      const answer = await fetch(`${perch.url}${path}?${query}`);
      said.push(await answer.text());
      assert.is(answer.status, 400, `${path}?${query.slice(0, 12)}`);
      assert.match(said.at(-1) ?? "", "token_in_url");
    }
  }
  for (
    const headers of [{ authorization: `Bearer ${token}x` }, { authorization: token }, {
      cookie: `perch_${perch.port}=${code}`,
    }]
  ) {
    said.push(await (await fetch(`${perch.url}/v1/state`, { headers: { ...headers, origin: perch.url } })).text());
  }
  said.push(await (await fetch(`${perch.url}/nope?code=${code}`, { headers: { origin: "http://evil.com" } })).text());
  await (await fetch(`${perch.url}/nope?code=${code}`)).text();
  const login = await fetch(`${perch.url}/login?code=${code}`, { redirect: "manual" });
  const cookie = /=([^;]+)/.exec(login.headers.get("set-cookie") ?? "")?.[1] ?? "";
  assert.ok(cookie.length > 40);
  perch.signal("SIGTERM");
  await perch.exited;
  assert.match(perch.stderr, /token_in_url/);
  for (const secret of [token, ticket, code, cookie]) {
    const tail = secret.slice(-30);
    assert.not.ok(perch.stderr.includes(tail), "the log tells a secret");
    assert.not.ok(said.some((text) => text.includes(tail)), "an answer tells a secret");
  }
});

test.run();
