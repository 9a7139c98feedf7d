// runtime: node
// limit: 300 s
/** A broker with TLS: the same surface, over HTTPS alone. */

import { connect as connectHttp2, constants } from "node:http2";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect } from "node:tls";
import * as assert from "uvu/assert";
import WebSocket from "ws";
import type { ServerProcess } from "../support/broker-process.ts";
import { createToken, revokeToken, showing } from "../support/broker-tokens.ts";
import { within } from "../support/inbox.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { connectTo, readAnswer, requestBytes } from "../support/raw-http.ts";
import { selfSigned } from "../support/tls.ts";
import { runPerch } from "./_perch.ts";
import { serverContract, type StartBroker } from "./server.ts";

const test = serverContract("TLS");

const { cert, certFile, keyFile } = selfSignedForAll();

function selfSignedForAll() {
  const made = selfSigned();
  process.once("exit", () => made.remove());
  return made;
}

const startSecure = (start: StartBroker, ...flags: readonly string[]): Promise<ServerProcess> =>
  start("--tls-cert", certFile, "--tls-key", keyFile, ...flags);

type Headers = Readonly<Record<string, string>>;

/** A request over TLS, whose certificate is checked. */
function ask({ port }: ServerProcess, method: string, path: string, headers: Headers = {}, body = "") {
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, ca: cert, agent: false }, resolve);
    sent.on("error", reject).end(body);
  });
  return within(15_000, `answer of ${path}`, answered);
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk;
  return text;
}

const JSON_TYPE = { "content-type": "application/json" };
const WORK = '{"kind":"tool.start","sessionId":"s","title":"T"}';

test("serves HTTPS with the certificate that it was given, and no HTTP", async (start) => {
  const perch = await startSecure(start);
  assert.match(perch.url, /^https:\/\/127\.0\.0\.1:/);
  const alive = await ask(perch, "GET", "/healthz");
  assert.equal([alive.statusCode, await textOf(alive)], [200, "ok"]);
  const socket = await connectTo(perch.port);
  const answer = readAnswer(socket);
  socket.write(requestBytes({ target: "/healthz", headers: [["Host", `127.0.0.1:${perch.port}`]] }));
  assert.ok([0, 400].includes((await answer).status), "HTTP was answered");
  socket.destroy();
  const untrusted = connect({ host: "127.0.0.1", port: perch.port, servername: "localhost" });
  const problem = await new Promise<Error>((resolve) => void untrusted.once("error", resolve));
  assert.match(problem.message, /self-signed|self signed/);
});

test("takes events and tells of them over event streams and WebSockets, with tickets and revocation", async (start) => {
  const perch = await startSecure(start);
  const token = await createToken(perch, ["read", "sessions", "ingest"]);
  const sse = await ask(perch, "GET", "/events", showing(token));
  let told = "";
  sse.setEncoding("utf8").on("data", (text: string) => told += text).on("error", () => {});
  const ended = new Promise<void>((resolve) => void sse.once("close", () => resolve()));
  const { ticket } = Object(parseOrUndefined(await textOf(await ask(perch, "POST", "/v1/tickets", showing(token)))));
  const socket = new WebSocket(`wss://127.0.0.1:${perch.port}/v1/ws?ticket=${ticket}`, { ca: cert, perMessageDeflate: false });
  const frames: string[] = [];
  const closed = new Promise<number>((resolve) => void socket.once("close", resolve));
  const news = new Promise<void>((resolve, reject) => {
    socket.on("error", reject).on("message", (data) => {
      frames.push(String(data));
      if (String(data).includes('"title":"T"')) resolve();
    });
  });
  await within(15_000, "start of the stream", waitFor(() => told.includes("event: live") && frames.length >= 4));
  const posted = await ask(perch, "POST", "/v1/events", { ...JSON_TYPE, ...showing(token) }, WORK);
  assert.equal([posted.statusCode, at(parseOrUndefined(await textOf(posted)), "accepted")], [200, 1]);
  assert.is((await ask(perch, "POST", "/event", {}, '{"kind":"PreToolUse","sessionId":"v0"}')).statusCode, 204);
  await within(15_000, "news over the WebSocket", news);
  await within(15_000, "news over the event stream", waitFor(() => told.includes('"title":"T"')));
  await revokeToken(perch, token);
  const [code] = await within(5_000, "end of both", Promise.all([closed, ended]));
  assert.is(code, 4501);
});

async function waitFor(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("takes only pages of HTTPS for its own, and marks its cookie", async (start) => {
  const perch = await startSecure(start);
  const link = await ask(perch, "POST", "/v1/login-links", showing(perch.token));
  const url = new URL(String(at(parseOrUndefined(await textOf(link)), "url")));
  assert.is(url.origin, `https://127.0.0.1:${perch.port}`);
  const login = await ask(perch, "GET", url.pathname + url.search);
  const [header = ""] = login.headers["set-cookie"] ?? [];
  assert.equal([login.statusCode, login.headers.location], [303, "/"]);
  assert.match(header, /; HttpOnly; SameSite=Strict; Secure$/);
  const cookie = header.split(";")[0] ?? "";
  const statusFrom = async (origin: string) =>
    (await ask(perch, "GET", "/v1/state?topics=events", { origin, cookie })).statusCode;
  const own = `127.0.0.1:${perch.port}`;
  assert.equal([await statusFrom(`https://${own}`), await statusFrom(`http://${own}`)], [200, 403]);
});

test("serves HTTP/2 where the runtime does, with the same rules", async (start, runtime) => {
  const perch = await startSecure(start, "--require-token");
  const session = connectHttp2(`https://127.0.0.1:${perch.port}`, { ca: cert });
  const failed = new Promise<Error>((resolve) => void session.on("error", resolve));
  try {
    const status = (authority: string, headers: Headers = {}) =>
      new Promise<number>((resolve, reject) => {
        const sent = session.request({ ":path": "/v1/state", ":authority": authority, ...headers });
        sent.once("response", (answer) => resolve(Number(answer[constants.HTTP2_HEADER_STATUS]))).once("error", reject).end();
      });
    const own = `127.0.0.1:${perch.port}`;
    if (runtime === "node") {
      assert.match((await within(15_000, "refusal of HTTP/2", failed)).message, /no application protocol/);
      return;
    }
    assert.equal([await status(own), await status(own, showing(perch.token))], [401, 200]);
    assert.is(await status("evil.com", showing(perch.token)), 421);
    assert.is(await status(own, { ...showing(perch.token), origin: "http://evil.com" }), 403);
  } finally {
    session.destroy();
  }
});

test("lets a client that takes no more go, without harm to the broker", async (start) => {
  const perch = await startSecure(start);
  const sse = await ask(perch, "GET", "/events?topics=sessions", showing(perch.token));
  sse.pause();
  const event = { kind: "session.update", cwd: "x".repeat(4_000) };
  for (let round = 0; round < 30; round += 1) {
    const batch = Array.from({ length: 60 }, (_, index) => ({ ...event, sessionId: `s${index}`, activity: `${round}` }));
    const posted = await ask(perch, "POST", "/v1/events", { ...JSON_TYPE, ...showing(perch.token) }, JSON.stringify(batch));
    assert.is(posted.statusCode, 200);
    posted.resume();
  }
  sse.destroy();
  assert.is((await ask(perch, "GET", "/healthz")).statusCode, 200);
});

test("does not start with a certificate that it can't use", async (_start, runtime) => {
  const cases: readonly (readonly [flags: readonly string[], code: number, problem: RegExp])[] = [
    [["--tls-cert", certFile], 2, /TLS needs both --tls-cert and --tls-key/],
    [["--tls-cert", "/nowhere.pem", "--tls-key", keyFile], 1, /There is no file \/nowhere\.pem/],
    [["--tls-cert", keyFile, "--tls-key", keyFile], 1, /holds no certificate/],
    [["--tls-cert", certFile, "--tls-key", certFile], 1, /holds no private key/],
    [["--host", "0.0.0.0"], 2, /--tls-cert and --tls-key, or --insecure-http/],
  ];
  for (const [flags, code, problem] of cases) {
    const run = await runPerch(runtime, ["serve", "--port", "0", ...flags]);
    assert.equal([run.code, run.stdout], [code, ""], run.stderr);
    assert.match(run.stderr, problem);
  }
});

test.run();
