// runtime: node
// limit: 300 s
/** Tickets: what opens one WebSocket for one page, once. */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { createToken, showing } from "../support/broker-tokens.ts";
import { ask, askAs } from "../support/http.ts";
import { at } from "../support/json.ts";
import { problemOf, publish } from "../support/log.ts";
import { type RawHeaders, rawRequest, UPGRADE } from "../support/raw-http.ts";
import { openWs } from "../support/ws-reader.ts";
import { readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("tickets");

/** A ticket for whoever sends these headers. */
async function ticketFor(perch: ServerProcess, headers: Readonly<Record<string, string>>, body?: object): Promise<string> {
  const init = { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await ask(`${perch.url}/v1/tickets`, init);
  assert.equal([answer.status, answer.headers.get("cache-control"), at(answer.json, "expiresInMs")], [200, "no-store", 30_000]);
  return String(at(answer.json, "ticket"));
}

/** What an upgrade with a ticket is answered. */
async function upgrade({ port }: ServerProcess, ticket: string, more: RawHeaders = [], path = "/v1/ws"): Promise<number> {
  const headers: RawHeaders = [["Host", `127.0.0.1:${port}`], ...UPGRADE, ...more];
  return (await rawRequest(port, { target: `${path}?ticket=${encodeURIComponent(ticket)}`, headers })).status;
}

test("opens one WebSocket with what its token allows, and no second one", async (start) => {
  const perch = await start("--require-token");
  await ask(`${perch.url}/v1/events`, {
    method: "POST",
    headers: { ...showing(perch.token), "content-type": "application/json" },
    body: '{"kind":"tool.start","sessionId":"s","title":"T"}',
  });
  const ticket = await ticketFor(perch, showing(perch.token));
  const reader = await openWs(`${perch.url}/v1/ws?topics=sessions,events&ticket=${ticket}`);
  const { snapshot } = await readStart(reader);
  assert.is(at(snapshot, "sessions", 0, "title"), "T");
  assert.is(await upgrade(perch, ticket), 401);
  assert.is(await upgrade(perch, await ticketFor(perch, showing(perch.token)), [], "/ws"), 101, "also that of v0");
});

test("allows no more than was asked for, nor than its token does", async (start) => {
  const perch = await start();
  await publish(perch, { kind: "tool.start", sessionId: "s", title: "T" });
  const bare = await ticketFor(perch, showing(perch.token), { scopes: ["read"] });
  const { snapshot } = await readStart(await openWs(`${perch.url}/v1/ws?ticket=${bare}`));
  assert.is(at(snapshot, "sessions", 0, "title"), undefined);
  const limited = await ticketFor(perch, showing(perch.token), { scopes: ["read"] });
  const refused = openWs(`${perch.url}/v1/ws?topics=events&ticket=${limited}`);
  assert.match(await refused.then(() => "open", ({ message }: Error) => message), /403$/);
  const reader = await createToken(perch, ["read"]);
  const more = { method: "POST", headers: showing(reader), body: '{"scopes":["sessions"]}' };
  assert.is(problemOf(await ask(`${perch.url}/v1/tickets`, more)), "403 missing_scope");
  const blind = await ticketFor(perch, showing(perch.token), { scopes: ["ingest"] });
  assert.is(await upgrade(perch, blind), 403);
});

test("is good for the page that asked for it, and for programs if a program did", async (start) => {
  const named = "http://localhost:5173";
  const perch = await start("--allow-origin", named);
  const own = `http://127.0.0.1:${perch.port}`;
  const visitors: readonly (string | undefined)[] = [undefined, own, named, `http://localhost:${perch.port}`];
  for (const asked of visitors) {
    for (const shown of visitors) {
      const ticket = await ticketFor(perch, { ...showing(perch.token), ...(asked === undefined ? {} : { origin: asked }) });
      const page: RawHeaders = shown === undefined ? [] : [["Origin", shown]];
      const status = await upgrade(perch, ticket, page);
      assert.ok(
        status === (asked === shown ? 101 : 401) || (asked !== shown && status === 429),
        `${asked} to ${shown}: ${status}`,
      );
    }
  }
});

test("is void after 30 s", async (start) => {
  const perch = await start("--require-token");
  const ticket = await ticketFor(perch, showing(perch.token));
  await new Promise((resolve) => setTimeout(resolve, 30_500));
  assert.is(await upgrade(perch, ticket), 401);
});

test("opens nothing but WebSockets, and is used up by no other request", async (start) => {
  const perch = await start("--require-token");
  const ticket = await ticketFor(perch, showing(perch.token));
  for (const path of ["/events", "/v1/stream", "/v1/state", "/v1/events", "/v1/ws", "/status", "/healthz"]) {
    const answer = await ask(`${perch.url}${path}?ticket=${ticket}`);
    assert.is(answer.status, 400, path);
    assert.match(answer.text, "token_in_url");
  }
  assert.is(await upgrade(perch, ticket), 101);
});

test("is given to nobody without a credential", async (start) => {
  const perch = await start("--allow-origin", "http://localhost:5173");
  for (const origin of [undefined, perch.url, "http://localhost:5173"]) {
    const headers = origin === undefined ? {} : { origin };
    assert.is(problemOf(await ask(`${perch.url}/v1/tickets`, { method: "POST", headers })), "401 unauthorized");
  }
  assert.is((await askAs(perch, "/v1/tickets", { method: "POST" })).status, 200);
});

test.run();
