// runtime: node
// limit: 300 s
/** How a browser logs in, and where its cookie counts. */

import * as assert from "uvu/assert";
import type { Runtime, ServerProcess } from "../support/broker-process.ts";
import { createToken, revokeToken, showing } from "../support/broker-tokens.ts";
import { type Answer, ask } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { publish } from "../support/log.ts";
import { type RawHeaders, rawRequest } from "../support/raw-http.ts";
import { openSse } from "../support/sse-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { runPerch } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("login");

/** A link, as `perch token link` prints it. */
async function newLink(perch: ServerProcess, runtime: Runtime): Promise<string> {
  const { code, stdout, stderr } = await runPerch(runtime, ["token", "link", "--state-dir", perch.stateDir]);
  assert.equal([code, stderr], [0, ""]);
  assert.match(stdout, new RegExp(`^http://127\\.0\\.0\\.1:${perch.port}/login\\?code=[\\w.-]+\\n$`));
  return stdout.trim();
}

const open = (link: string): Promise<Answer> => ask(link, { redirect: "manual" });

const cookieIn = ({ headers }: Answer): string => headers.get("set-cookie")?.split(";")[0] ?? "";

/** What `GET /v1/events?topics=events`, which needs a credential, answers to these headers. */
async function statusWith({ port }: ServerProcess, headers: RawHeaders, host = "127.0.0.1"): Promise<number> {
  const target = "/v1/events?topics=events";
  return (await rawRequest(port, { target, headers: [["Host", `${host}:${port}`], ...headers] })).status;
}

test("logs a browser in with the link that perch token link prints, once", async (start, runtime) => {
  const perch = await start();
  const link = await newLink(perch, runtime);
  const first = await open(link);
  assert.equal([first.status, first.headers.get("location"), first.headers.get("cache-control")], [303, "/", "no-store"]);
  const form = new RegExp(`^perch_${perch.port}=[\\w.-]{54}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict$`);
  assert.match(first.headers.get("set-cookie") ?? "", form);
  const second = await open(link);
  assert.equal([second.status, second.headers.get("content-type")], [403, "text/plain; charset=utf-8"]);
  assert.is(second.headers.get("set-cookie"), null);
  for (const wrong of [`${link}x`, link.slice(0, -1), link.replace(/=.*/, "="), `${perch.url}/login`]) {
    assert.is((await open(wrong)).status, 403, wrong);
  }
});

test("takes the cookie on its own pages only, port and all", async (start, runtime) => {
  const perch = await start("--allow-origin", "http://localhost:5173");
  await publish(perch, { kind: "tool.start", sessionId: "s" });
  const cookie: RawHeaders = [["Cookie", cookieIn(await open(await newLink(perch, runtime)))]];
  const own = `http://127.0.0.1:${perch.port}`;
  const good: readonly RawHeaders[] = [
    [["Origin", own]],
    [["Origin", own], ["Sec-Fetch-Site", "same-origin"]],
    [["Sec-Fetch-Site", "same-origin"]],
    [["Sec-Fetch-Site", "none"]],
  ];
  for (const page of good) assert.is(await statusWith(perch, [...page, ...cookie]), 200, String(page));
  const bad: readonly (readonly [status: number, page: RawHeaders])[] = [
    [401, []],
    [401, [["Origin", `http://localhost:${perch.port}`]]],
    [401, [["Origin", "http://localhost:5173"]]],
    [403, [["Origin", `http://127.0.0.1:${perch.port + 1}`]]],
    [403, [["Origin", "http://127.0.0.1"]]],
    [403, [["Origin", "null"]]],
    [403, [["Sec-Fetch-Site", "same-site"]]],
    [403, [["Sec-Fetch-Site", "cross-site"]]],
    [403, [["Origin", own], ["Sec-Fetch-Site", "same-site"]]],
  ];
  for (const [status, page] of bad) assert.is(await statusWith(perch, [...page, ...cookie]), status, String(page));
  assert.is(await statusWith(perch, [["Origin", own]]), 401);
  assert.is(await statusWith(perch, [["Origin", own], ["Cookie", `perch_${perch.port}=wrong`]]), 401);
  assert.is(
    await statusWith(perch, [["Origin", `http://localhost:${perch.port}`], ...cookie], "localhost"),
    200,
    "another name",
  );
});

test("opens streams with the cookie, and ends them when the page logs out", async (start, runtime) => {
  const perch = await start();
  const headers = { cookie: cookieIn(await open(await newLink(perch, runtime))), origin: perch.url };
  const [sse, ws] = [
    await openSse(`${perch.url}/events?topics=sessions,events`, headers),
    await openWs(`${perch.url}/v1/ws?topics=sessions,events`, { headers }),
  ];
  for (const { messages } of [sse, ws]) await messages.next("live", ({ type }) => type === "live");
  const out = await ask(`${perch.url}/logout`, { method: "POST", headers });
  assert.is(out.status, 204);
  assert.match(out.headers.get("set-cookie") ?? "", /Max-Age=0/);
  const [, { code }] = await within(5_000, "end of both streams", Promise.all([sse.ended, ws.ended]));
  assert.is(code, 4501);
  assert.is((await ask(`${perch.url}/events`, { headers })).status, 401);
});

test("ends a login with the token that asked for it, and has its event streams stay away", async (start) => {
  const perch = await start();
  const token = await createToken(perch, ["read", "sessions", "admin"]);
  const { json } = await ask(`${perch.url}/v1/login-links`, { method: "POST", headers: showing(token) });
  const waiting = await ask(`${perch.url}/v1/login-links`, { method: "POST", headers: showing(token) });
  const headers = { cookie: cookieIn(await open(String(at(json, "url")))), origin: perch.url };
  const sse = await openSse(`${perch.url}/events`, headers);
  await sse.messages.next("live", ({ type }) => type === "live");
  await revokeToken(perch, token);
  await within(5_000, "end of the stream", sse.ended);
  const again = await ask(`${perch.url}/events`, { headers });
  assert.equal([again.status, again.text], [204, ""]);
  assert.is((await ask(`${perch.url}/v1/state`, { headers })).status, 401);
  assert.is((await open(String(at(waiting.json, "url")))).status, 403, "a link that waits is void, too");
});

test("never gives a page the scope admin", async (start, runtime) => {
  const perch = await start();
  const headers = { cookie: cookieIn(await open(await newLink(perch, runtime))), origin: perch.url };
  for (const [method, path] of [["POST", "/v1/login-links"], ["GET", "/metrics"]] as const) {
    assert.is((await ask(perch.url + path, { method, headers })).status, 403, path);
  }
});

test.run();
