// runtime: node
// limit: 300 s
/** Handshakes that are wrong, broken off or refused: none of them harms the broker. @module */

import * as assert from "uvu/assert";
import { commandFor, type ServerProcess, startServer } from "../support/broker-process.ts";
import { measured, rounds } from "../support/hard.ts";
import { ask } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { connectTo, type RawHeaders, rawRequest, requestBytes, UPGRADE } from "../support/raw-http.ts";
import { openSocket } from "../support/ws-reader.ts";
import { hook, openFloater } from "../support/floater.ts";
import { openStream, readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("upgrades");

const MIB = 1024 * 1024;

/** The handshake with one header in another form; without it when there is no value. */
function handshake(name: string, value?: string): RawHeaders {
  const others = UPGRADE.filter(([other]) => other !== name);
  return value === undefined ? others : [...others, [name, value]];
}

/** Handshakes that no WebSocket comes of: target, headers, method. */
const WRONG: readonly (readonly [target: string, headers: RawHeaders, method?: string])[] = [
  ["//", UPGRADE],
  ["///", UPGRADE],
  ["//ws", UPGRADE],
  ["/\\", UPGRADE],
  ["http://", UPGRADE],
  ["*", UPGRADE],
  ["/nothing", UPGRADE],
  ["/status", UPGRADE],
  ["/events", UPGRADE],
  ["/v1/state", UPGRADE],
  ["/ws%00", UPGRADE],
  ["/%2e%2e/ws%ff", UPGRADE],
  ["/ws", handshake("Sec-WebSocket-Key")],
  ["/ws", handshake("Sec-WebSocket-Key", "")],
  ["/ws", handshake("Sec-WebSocket-Key", "short")],
  ["/ws", handshake("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ")],
  ["/ws", handshake("Sec-WebSocket-Key", "!".repeat(22) + "==")],
  ["/ws", handshake("Sec-WebSocket-Key", "x".repeat(5_000))],
  ["/ws", handshake("Sec-WebSocket-Version")],
  ["/ws", handshake("Sec-WebSocket-Version", "12")],
  ["/ws", handshake("Sec-WebSocket-Version", "14")],
  ["/ws", handshake("Sec-WebSocket-Version", "13, 8")],
  ["/ws", handshake("Upgrade", "h2c")],
  ["/ws", handshake("Upgrade", "TLS/1.0")],
  ["/ws", handshake("Upgrade", "notwebsocket")],
  ["/ws", handshake("Upgrade", "")],
  ["/ws", handshake("Connection")],
  ["/v1/ws", handshake("Connection", "keep-alive")],
  ["/v1/../v1/ws", UPGRADE],
  ["/\\evil.com/ws", UPGRADE],
  ["/ws#", UPGRADE],
  ["/v1/ws", UPGRADE, "POST"],
  ["/ws", UPGRADE, "POST"],
  ["/ws", UPGRADE, "HEAD"],
  ["/ws", UPGRADE, "CONNECT"],
  ["/event", UPGRADE, "POST"],
];

test("opens no socket on a handshake that is wrong, and lives on", async (start) => {
  const perch = await start();
  for (const [target, headers, method = "GET"] of WRONG) {
    const own = [["Host", `127.0.0.1:${perch.port}`] as const, ...headers];
    const { status } = await rawRequest(perch.port, { method, target, headers: own });
    assert.ok(status !== 101 && status < 500, `${method} ${target} ${headers.slice(-1)} answered ${status}`);
  }
  await isWell(perch);
});

test("takes no notice of an Upgrade that Connection does not name", async (start) => {
  const perch = await start();
  const get = async (target: string, connection: string) => {
    const headers: RawHeaders = [["Host", `127.0.0.1:${perch.port}`], ...handshake("Connection", connection)];
    const { status, text } = await rawRequest(perch.port, { target, headers });
    return `${status} ${/"(?:code|error)":"([a-z_]+)"/.exec(text)?.[1]}`;
  };
  for (const connection of ["close", "keep-alive, close"]) {
    assert.is(await get("/v1/ws", connection), "426 upgrade_required");
    assert.is(await get("/ws", connection), "404 not_found");
    assert.is(await get("/", connection), "404 not_found");
  }
});

/** A broker is well when it answers and both its kinds of sockets tell what happens. */
async function isWell(perch: ServerProcess): Promise<void> {
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
  const [floater, reader] = await Promise.all([openFloater(perch), openStream(perch, "ws")]);
  await readStart(reader);
  await hook(perch, "PermissionRequested", "well");
  await reader.messages.next("state", ({ type }) => type === "state");
  await hook(perch, "SessionEnd", "well");
  await floater.shows("extra2");
  floater.close();
  reader.close();
}

test("opens a socket whatever the case of the words of its handshake", async (start) => {
  const perch = await start();
  for (
    const [connection, upgrade] of [["upgrade", "WebSocket"], ["keep-alive, Upgrade", "WEBSOCKET"], [
      "UPGRADE",
      "websocket",
    ]] as const
  ) {
    const headers: RawHeaders = [
      ["host", `127.0.0.1:${perch.port}`],
      ["CONNECTION", connection],
      ["UPGRADE", upgrade],
      ["sec-websocket-version", "13"],
      ["SEC-WEBSOCKET-KEY", "dGhlIHNhbXBsZSBub25jZQ=="],
    ];
    const { status, headers: answered } = await rawRequest(perch.port, { target: "/v1/ws", headers });
    assert.equal([status, answered.get("sec-websocket-accept")], [101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="], upgrade);
  }
});

test("agrees to no subprotocol and no compression", async (start) => {
  const perch = await start();
  const more: RawHeaders = [["Sec-WebSocket-Protocol", "secret-ticket, perch"], [
    "Sec-WebSocket-Extensions",
    "permessage-deflate",
  ]];
  for (const target of ["/ws", "/v1/ws"]) {
    const headers = [["Host", `127.0.0.1:${perch.port}`] as const, ...UPGRADE, ...more];
    const answer = await rawRequest(perch.port, { target, headers });
    assert.is(answer.status, 101);
    assert.is(answer.headers.get("sec-websocket-extensions"), null);
    assert.is(answer.headers.get("sec-websocket-protocol"), null);
  }
});

const BROKEN_OFF = rounds(200, 5_000);

test(`survives ${BROKEN_OFF} clients that break off during their handshake`, async (start) => {
  const perch = await start();
  for (let round = 0; round < BROKEN_OFF; round += 1) {
    const socket = await connectTo(perch.port);
    const path = round % 2 === 0 ? "/ws" : "/v1/ws";
    const bytes = requestBytes({ target: path, headers: [["Host", `127.0.0.1:${perch.port}`], ...UPGRADE] });
    socket.write(round % 3 === 0 ? bytes.subarray(0, round % bytes.length) : bytes);
    if (round % 4 < 2) socket.resetAndDestroy();
    else setImmediate(() => socket.resetAndDestroy());
  }
  await isWell(perch);
});

/** Sends one handshake that is refused, for the reason of this number. */
async function beRefused({ port }: ServerProcess, reason: number): Promise<void> {
  const host = ["Host", `127.0.0.1:${port}`] as const;
  const reasons: readonly RawHeaders[] = [
    [host, ...handshake("Sec-WebSocket-Key", "bad")],
    [host, ...UPGRADE, ["Origin", "http://evil.com"]],
    [["Host", "evil.com"], ...UPGRADE],
    [host, ...handshake("Sec-WebSocket-Version", "7")],
    [host, ...handshake("Connection", "close")],
  ];
  const { status } = await rawRequest(port, { target: "/v1/ws", headers: reasons[reason % reasons.length] ?? [] });
  assert.ok(status >= 400 && status < 500, String(status));
}

test("survives thousands of refused handshakes and keeps nothing of them", async (start) => {
  const perch = await start.lean();
  const refuse = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 40) {
      await Promise.all(Array.from({ length: 40 }, (_, reason) => beRefused(perch, reason)));
    }
  };
  await isWell(perch); // which opens a socket, so that all that takes sockets is there
  await refuse(4_000);
  const before = perch.residentBytes();
  const count = rounds(12_000, 40_000);
  await refuse(count); // about 6 KB each would stay of those that @hono/node-ws alone refuses
  const growth = (perch.residentBytes() - before) / MIB;
  measured(`${growth.toFixed(1)} MiB more after ${count} refused handshakes`);
  assert.ok(growth < 24, `the broker grew by ${growth.toFixed(1)} MiB`);
  await isWell(perch);
});

test.run();

const denoOnly = serverContract("socket handlers that fail", { runtimes: ["deno"] });

denoOnly("cost their socket and nothing else", async () => {
  const listening = /^listening on (http:\/\/127\.0\.0\.1:([0-9]+))$/m;
  const server = await startServer([...commandFor("deno"), "test/contracts/_throwing-sockets.ts"], listening);
  try {
    for (const path of ["/open", "/message", "/all"]) {
      const socket = await openSocket(server.url + path, () => {}, { first: "hello" });
      assert.is((await within(10_000, `end of ${path}`, socket.ended)).code, 1011, path);
    }
    const closing = await openSocket(`${server.url}/close`, () => {});
    closing.close();
    await closing.ended;
    assert.is((await ask(`${server.url}/healthz`)).text, "ok");
    assert.ok(server.isAlive);
  } finally {
    server.signal("SIGKILL");
  }
});

denoOnly.run();
