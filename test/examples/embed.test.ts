// runtime: node
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { ask, post } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { type RawHeaders, rawRequest, UPGRADE } from "../support/raw-http.ts";
import { openSse } from "../support/sse-reader.ts";
import { greeting } from "../support/stream-reader.ts";
import { openSocket, openWs } from "../support/ws-reader.ts";
import { kill, RUNTIMES, startEmbed } from "./_program.ts";

/** Adds a test that gets a fresh embed.ts on each runtime, which must be alive and without complaint at the end. */
function embedTest(title: string, body: (embed: ServerProcess) => Promise<void>): void {
  for (const runtime of RUNTIMES) {
    test(`on ${runtime}, ${title}`, async () => {
      const embed = await startEmbed(runtime);
      try {
        await body(embed);
        assert.is((await ask(`${embed.url}/hello`)).status, 200);
        assert.is(embed.stderr, `listening on ${embed.url}\n`);
      } finally {
        await kill(embed);
      }
    });
  }
}

const isState = (state: string) => ({ type, data }: { readonly type: string; readonly data: unknown }): boolean =>
  type === "state" && at(data, "state") === state;

embedTest("own routes stand beside Perch and see its broker", async ({ url }) => {
  assert.equal((await ask(`${url}/hello`)).json, { state: "idle", sessions: 0 });
  await post(`${url}/v1/events`, { kind: "prompt.submit", sessionId: "s" });
  assert.equal((await ask(`${url}/hello`)).json, { state: "prompted", sessions: 1 });
});

embedTest("an event that is posted reaches readers over SSE and WebSocket", async ({ url }) => {
  const sse = await openSse(`${url}/events`);
  const ws = await openWs(`${url}/v1/ws`);
  await Promise.all([greeting(sse), greeting(ws)]);
  assert.is((await post(`${url}/v1/events`, { kind: "prompt.submit", sessionId: "s" })).status, 200);
  for (const { messages } of [sse, ws]) await messages.next("state prompted", isState("prompted"));
  ws.close();
  sse.close();
});

embedTest("hooks and floaters of the v0 surface find it", async ({ url }) => {
  const poses: unknown[] = [];
  let isTold = (): void => {};
  const told = new Promise<void>((resolve) => isTold = resolve);
  const floater = await openSocket(`${url}/`, (text) => {
    const pose = at(JSON.parse(text), "state");
    if (pose !== undefined) poses.push(pose);
    if (pose === "jump") isTold();
  });
  assert.is((await post(`${url}/event`, { kind: "UserPromptSubmit", sessionId: "s" })).status, 204);
  await within(15_000, "pose jump", told);
  assert.equal(poses, ["idle", "jump"]);
  floater.close();
});

embedTest("the floater is on its origin", async ({ url }) => {
  const { status, headers, text } = await ask(`${url}/floater.html`);
  assert.is(status, 200);
  assert.match(headers.get("content-type") ?? "", /^text\/html\b/);
  assert.is(text, readFileSync("examples/floater.html", "utf8"));
});

embedTest("foreign hosts and pages are refused, over HTTP and at an upgrade", async ({ port, url }) => {
  const wrong: RawHeaders = [["Host", "evil.test"]];
  const foreign: RawHeaders = [["Host", `127.0.0.1:${port}`], ["Origin", "http://evil.test"]];
  for (const [headers, status] of [[wrong, 421], [foreign, 403]] as const) {
    for (const target of ["/v1/state", "/events", "/status"]) {
      assert.is((await rawRequest(port, { target, headers })).status, status, target);
    }
    for (const target of ["/v1/ws", "/ws", "/"]) {
      assert.is((await rawRequest(port, { target, headers: [...headers, ...UPGRADE] })).status, status, `upgrade ${target}`);
    }
  }
  const own: RawHeaders = [["Host", `127.0.0.1:${port}`], ["Origin", url]];
  assert.is((await rawRequest(port, { target: "/v1/state", headers: own })).status, 200);
  assert.is((await rawRequest(port, { target: "/ws", headers: [...own, ...UPGRADE] })).status, 101);
});

embedTest("upgrades that no well-behaved client asks for do not end it", async ({ port }) => {
  const host: RawHeaders = [["Host", `127.0.0.1:${port}`]];
  await rawRequest(port, { target: "/ws", headers: [...host, ...UPGRADE.slice(0, 3), ["Sec-WebSocket-Key", "short"]] });
  for (const target of ["//", "/nothing", "/hello/ws"]) {
    assert.is((await rawRequest(port, { target, headers: [...host, ...UPGRADE] })).status, 404, target);
  }
});

embedTest("frames that are no good cost the socket and nothing else", async ({ url }) => {
  for (const frame of ["no json", new Uint8Array([0xff]), "x".repeat(20_000)]) {
    const socket = await openSocket(`${url}/v1/ws`, () => {});
    socket.send(frame);
    const { code } = await within(15_000, "end of the socket", socket.ended);
    assert.ok(code === 1008 || code === 1009, `closed with ${code}`);
  }
});

test.run();
