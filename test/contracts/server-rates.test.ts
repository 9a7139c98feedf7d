// runtime: node
// limit: 300 s
/** How often a client may do what, at each limit and one beyond. Waiting is left to the tests of the units. */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { createToken, showing } from "../support/broker-tokens.ts";
import { hook, openFloater } from "../support/floater.ts";
import { type Answer, ask } from "../support/http.ts";
import { at } from "../support/json.ts";
import { problemOf } from "../support/log.ts";
import { rawRequest, UPGRADE } from "../support/raw-http.ts";
import { openSse } from "../support/sse-reader.ts";
import { openWs, resumeFrame } from "../support/ws-reader.ts";
import { serverContract } from "./server.ts";

const test = serverContract("rates");

test("tells an address to wait after ten wrong credentials, however they are shown, and still takes right ones", async (start) => {
  const perch = await start();
  const shown = () => ask(`${perch.url}/v1/state`, { headers: { authorization: "Bearer wrong" } });
  const wrong: readonly (() => Promise<Answer>)[] = [
    shown,
    () => ask(`${perch.url}/v1/state`, { headers: { origin: perch.url, cookie: `perch_${perch.port}=wrong` } }),
    () => ask(`${perch.url}/events`, { headers: { authorization: "Basic eDp4" } }),
    () => ask(`${perch.url}/v1/events`, { method: "POST", headers: { authorization: "wrong" }, body: "{}" }),
  ];
  for (let n = 0; n < 10; n += 1) {
    assert.is(problemOf(await (wrong[n % wrong.length] ?? shown)()), "401 unauthorized");
  }
  const late = await shown();
  assert.is(problemOf(late), "429 too_many_failures");
  assert.ok(Number(late.headers.get("retry-after")) >= 1 && Number(late.headers.get("retry-after")) <= 6);
  const v0 = await ask(`${perch.url}/event`, { method: "POST", headers: { authorization: "wrong" }, body: "{}" });
  assert.equal([v0.status, v0.json], [429, { error: "too_many_failures" }]);
  assert.ok(Number(v0.headers.get("retry-after")) >= 1);
  assert.is((await ask(`${perch.url}/login?code=wrong`)).status, 429);
  assert.is((await ask(`${perch.url}/v1/state`, { headers: showing(perch.token) })).status, 200);
  assert.is((await ask(`${perch.url}/v1/state`)).status, 200, "who shows nothing is not held up");
});

/** The status of an upgrade, and when to try again. */
async function upgrade({ port }: ServerProcess, more: readonly (readonly [string, string])[] = []) {
  const { status, headers, json } = await rawRequest(port, {
    target: "/v1/ws",
    headers: [["Host", `127.0.0.1:${port}`], ...UPGRADE, ...more],
  });
  return { status, code: at(json, "code"), retryAfter: headers.get("retry-after") };
}

test("opens as many streams at once as it may, refuses sockets beyond with 429, and says bye to event streams", async (start) => {
  const perch = await start("--max-new-streams", "1");
  const token = await createToken(perch, ["read"]);
  let opened = 0;
  for (let answer = await upgrade(perch); answer.status === 101; answer = await upgrade(perch)) opened += 1;
  assert.ok(opened >= 20 && opened <= 40, `${opened} were opened at once`);
  const refused = await upgrade(perch);
  assert.equal([refused.status, refused.code, refused.retryAfter], [429, "too_many_streams", "1"]);
  const sse = await openSse(`${perch.url}/events`);
  const bye = await sse.messages.next("bye", ({ type }) => type === "bye");
  assert.equal([sse.status, at(bye.data, "reason")], [200, "overload"]);
  assert.ok(Number(sse.retry) >= 1_000);
  await sse.ended;
  assert.is((await upgrade(perch, [["Authorization", `Bearer ${token}`]])).status, 101, "a token is a client of its own");
  assert.is((await ask(`${perch.url}/v1/state`)).status, 200, "what is no stream is not held up");
});

/** Sends one frame after the other until the socket is closed, and returns with what code. */
async function sendUntilClosed(
  socket: { readonly ended: Promise<{ readonly code: number | undefined }>; send(data: string): void },
  frame: string,
) {
  let code: number | undefined;
  const ended = socket.ended.then((end) => code = end.code);
  let sent = 0;
  const begun = performance.now();
  // In flight there is one at most, since Deno tells no code to a client that sends on.
  for (; code === undefined; sent += 1) {
    socket.send(frame);
    await Promise.race([ended, wait(5)]);
  }
  return { code, sent, seconds: (performance.now() - begun) / 1000 };
}

test("closes a socket that sends frames too fast with 4429, on both surfaces, and tells others nothing of it", async (start) => {
  const perch = await start();
  const [healthy, reader, floater] = [
    await openWs(`${perch.url}/v1/ws`),
    await openWs(`${perch.url}/v1/ws`),
    await openFloater(perch),
  ];
  for (let n = 0; n < 40; n += 1) healthy.send(resumeFrame("now"));
  for (const [socket, frame] of [[reader, resumeFrame("now")], [floater, "anything"]] as const) {
    const { code, sent, seconds } = await sendUntilClosed(socket, frame);
    assert.is(code, 4429);
    assert.ok(sent > 40 && sent <= 45 + 20 * seconds, `${sent} frames were taken in ${seconds} s`);
  }
  await hook(perch, "PermissionRequested", "s");
  await healthy.messages.next("session", ({ type, data }) => type === "session" && at(data, "state") === "waiting");
});

/** Posts as fast as one connection goes, until one is refused or `count` are taken. */
async function postUntilRefused(perch: ServerProcess, path: string, count: number) {
  const body = path === "/event" ? '{"kind":"PreToolUse","sessionId":"s"}' : '{"kind":"session.update","sessionId":"s"}';
  const headers = { "content-type": "application/json" };
  for (let taken = 0; taken < count; taken += 1) {
    const answer = await ask(perch.url + path, { method: "POST", headers, body });
    if (answer.status === 429) return { taken, answer };
    assert.ok([200, 204].includes(answer.status), `${path} answered ${answer.status}`);
  }
  return { taken: count, answer: undefined };
}

test("refuses no burst of local hooks", async (start) => {
  const perch = await start("--store", "memory");
  for (const path of ["/event", "/v1/events"]) assert.is((await postUntilRefused(perch, path, 1_500)).answer, undefined, path);
});

test("with --rate-limit takes 1,000 requests at once, and 200 a second, of each client", async (start) => {
  const perch = await start("--rate-limit", "--store", "memory");
  const begun = performance.now();
  const burst = async () =>
    (await Promise.all(Array.from({ length: 100 }, () => ask(`${perch.url}/v1/state`)))).map(({ status }) => status);
  let taken = 0;
  for (let statuses = await burst(); !statuses.includes(429); statuses = await burst()) taken += statuses.length;
  const seconds = (performance.now() - begun) / 1000;
  assert.ok(taken >= 900 && taken <= 1_000 + 200 * seconds, `${taken} were taken within ${seconds} s`);
  const posts = await Promise.all(["/event", "/v1/events"].map((path) => postUntilRefused(perch, path, 5_000)));
  assert.equal(posts.map(({ answer }) => answer?.headers.get("retry-after")), ["1", "1"]);
  assert.equal(posts[0]?.answer?.json, { error: "too_many_requests" });
  assert.is(
    (await ask(`${perch.url}/v1/state`, { headers: showing(perch.token) })).status,
    200,
    "a token is a client of its own",
  );
  assert.is((await ask(`${perch.url}/healthz`)).status, 200);
});

test.run();
