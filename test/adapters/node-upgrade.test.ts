// runtime: node
import { createServer, IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { guardUpgrades } from "../../adapters/node-upgrade.ts";
import { createSurface } from "../../src/surface.ts";
import { brokerOf } from "../support/app.ts";
import { EVERYTHING } from "../support/facts.ts";

const RIGHT = {
  host: "localhost",
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A connection that keeps what is written to it. */
class FakeConnection extends Duplex {
  text = "";

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.text += new TextDecoder().decode(chunk);
    done();
  }
}

/** A server with the guard, and what its other listeners see of upgrades: the path, and what to become. */
function guarded(load: () => Promise<unknown> | undefined = () => undefined) {
  const server = createServer();
  const seen: string[] = [];
  server.on("upgrade", ({ url, headers }: IncomingMessage) => void seen.push(`${url} ${headers.upgrade}`));
  guardUpgrades(server, createSurface({ ...brokerOf(), access: () => EVERYTHING }), load);
  const upgrade = (changes: Record<string, string> = {}, url = "/v1/ws") => {
    const request = new IncomingMessage(new Socket());
    const headers = { ...RIGHT, ...changes };
    Object.assign(request, { method: "GET", url, headers, rawHeaders: Object.entries(headers).flat() });
    const connection = new FakeConnection();
    server.emit("upgrade", request, connection, new Uint8Array());
    return connection;
  };
  return { seen, upgrade };
}

const ended = (connection: Duplex) => new Promise<void>((resolve) => void connection.once("close", resolve));

test("an upgrade that is right is shown to the others as it is", () => {
  const { seen, upgrade } = guarded();
  const connection = upgrade();
  assert.equal([seen, connection.text, connection.destroyed], [["/v1/ws websocket"], "", false]);
});

test("one that is refused is answered in the words of its surface and ended, and looks like nothing to the others", async () => {
  const cases: [Record<string, string>, string, string][] = [
    [{ host: "evil.com" }, "/v1/ws", "421 Misdirected Request"],
    [{ origin: "http://evil.com" }, "/ws", "403 Forbidden"],
    [{ upgrade: "h2c" }, "/ws", "400 Bad Request"],
    [{ "sec-websocket-key": "short" }, "/v1/ws", "400 Bad Request"],
    [{}, "//evil.com/v1/ws", "400 Bad Request"],
  ];
  for (const [changes, url, status] of cases) {
    const { seen, upgrade } = guarded();
    const connection = upgrade(changes, url);
    const type = url === "/ws" ? "application/json; charset=utf-8" : "application/problem+json";
    await ended(connection);
    const [head = "", body = ""] = connection.text.split("\r\n\r\n");
    assert.is(head.split("\r\n")[0], `HTTP/1.1 ${status}`);
    assert.match(head, `content-type: ${type}\r\ncontent-length: ${body.length}\r\nconnection: close`);
    assert.type(JSON.parse(body), "object");
    assert.equal([seen, connection.destroyed], [["/ refused"], true]);
  }
});

test("a client that resets its connection ends nothing but that", async () => {
  const connection = guarded().upgrade();
  const closed = ended(connection);
  connection.emit("error", new Error("ECONNRESET"));
  await closed;
  assert.is(connection.destroyed, true);
});

test("an upgrade that comes before anybody takes upgrades is shown once more to who does then", async () => {
  const loading = Promise.withResolvers<void>();
  const { seen, upgrade } = guarded(() => seen.length < 2 ? loading.promise : undefined);
  upgrade();
  assert.is(seen.length, 1);
  // The second showing finds the loaded one.
  seen.push("loaded");
  loading.resolve();
  await loading.promise;
  await Promise.resolve();
  assert.equal(seen, ["/v1/ws websocket", "loaded", "/v1/ws websocket"]);
});

test("one whose client has gone meanwhile is not shown again", async () => {
  const loading = Promise.withResolvers<void>();
  const { seen, upgrade } = guarded(() => loading.promise);
  upgrade().destroy();
  loading.resolve();
  await loading.promise;
  await Promise.resolve();
  assert.is(seen.length, 1);
});

test.run();
