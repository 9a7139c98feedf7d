// runtime: node
// limit: 300 s
/** A broker that other machines can reach: nobody beyond this one does anything without a token. */

import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { DOORS } from "../support/doors.ts";
import { askAs } from "../support/http.ts";
import { at } from "../support/json.ts";
import { headOf } from "../support/log.ts";
import { type RawAnswer, type RawHeaders, type RawRequest, readAnswer, requestBytes } from "../support/raw-http.ts";
import { serverContract } from "./server.ts";

const test = serverContract("exposed");

/** An address of this machine that other machines see: who connects to it, connects from it. */
function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outer = all.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (outer === undefined) throw new Error("This machine has no address but loopback, so nobody could reach it from beyond");
  return outer;
}

const OUTER = outerAddress();

async function askFar({ port }: ServerProcess, request: RawRequest): Promise<RawAnswer> {
  const socket = connect({ port, host: OUTER });
  socket.on("error", () => socket.destroy());
  try {
    const answer = readAnswer(socket, request.method === "HEAD");
    socket.write(requestBytes(request));
    return await answer;
  } finally {
    socket.destroy();
  }
}

test("asks whoever comes from beyond this machine for a token, at every door, and takes nothing without", async (start) => {
  const perch = await start("--host", "0.0.0.0", "--insecure-http", "--allow-origin", "http://localhost:5173");
  const host: RawHeaders = [["Host", `${OUTER}:${perch.port}`]];
  const before = await headOf(perch);
  const pages: readonly RawHeaders[] = [[], [["Origin", `http://${OUTER}:${perch.port}`]], [[
    "Origin",
    "http://localhost:5173",
  ]]];
  for (const { name, method, target, body, headers, field } of DOORS) {
    for (const page of pages) {
      const answer = await askFar(perch, { method, target, body, headers: [...host, ...page, ...headers] });
      assert.equal([answer.status, at(answer.json, field)], [401, "unauthorized"], `${name} from ${page}`);
    }
  }
  assert.is(await headOf(perch), before);
  for (const { name, method, target, body, headers, open } of DOORS) {
    const known: RawHeaders = [...host, ["Authorization", `Bearer ${perch.token}`], ...headers];
    assert.is((await askFar(perch, { method, target, body, headers: known })).status, open, name);
  }
  assert.is((await askFar(perch, { target: "/healthz", headers: host })).text, "ok");
});

test("goes on serving the programs of this machine without one", async (start) => {
  const perch = await start("--host", "0.0.0.0", "--insecure-http");
  const local = `http://127.0.0.1:${perch.port}`;
  const hook = await fetch(`${local}/event`, { method: "POST", body: '{"kind":"PreToolUse","sessionId":"s"}' });
  assert.equal([hook.status, (await fetch(`${local}/v1/state`)).status], [204, 200]);
});

test("takes no page of another machine for its own, whatever the port", async (start) => {
  const perch = await start("--host", "0.0.0.0", "--insecure-http");
  for (const other of ["10.1.2.3", "192.168.7.7", "[fe80::1]"]) {
    const headers = { origin: `http://${other}:${perch.port}` };
    assert.is((await fetch(`http://127.0.0.1:${perch.port}/v1/state`, { headers })).status, 403, other);
  }
  assert.is(
    (await fetch(`http://127.0.0.1:${perch.port}/v1/state`, { headers: { origin: `http://127.0.0.1:${perch.port}` } })).status,
    200,
  );
});

test("is found by the names that --allow-host adds, with its port or the one that is named, and by no other", async (start) => {
  const perch = await start("--allow-host", "pet.lan", "--allow-host", "proxy.lan:8443");
  const { status } = await askAs(perch, "/v1/state");
  assert.is(status, 200);
  const ask = async (host: string) => {
    const socket = connect({ port: perch.port, host: "127.0.0.1" });
    const answer = readAnswer(socket);
    socket.write(requestBytes({ target: "/v1/state", headers: [["Host", host]] }));
    return (await answer.finally(() => socket.destroy())).status;
  };
  assert.equal([await ask(`pet.lan:${perch.port}`), await ask("proxy.lan:8443")], [200, 200]);
  for (const host of ["pet.lan", "proxy.lan", `proxy.lan:${perch.port}`, `evil.lan:${perch.port}`]) {
    assert.is(await ask(host), 421, host);
  }
});

test.run();
