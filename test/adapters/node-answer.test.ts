// runtime: node
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { limitTaking } from "../../adapters/node-answer.ts";
import { within } from "../support/inbox.ts";
import { connectTo, requestBytes } from "../support/raw-http.ts";

/** More than any system buffers for a connection. */
const LARGE = "x".repeat(16 * 1024 * 1024);
const LIMIT_MS = 1_000;

/** Runs `body` with the connection of a client, at a server that answers as many bytes as the path says. */
async function withClient(body: (client: Socket, ask: (size: "small" | "large") => void) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    response.once("prefinish", () => limitTaking(response, LIMIT_MS));
    response.end(request.url === "/large" ? LARGE : "small");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port");
  const client = await connectTo(address.port);
  try {
    await body(client, (size) => client.write(requestBytes({ target: `/${size}`, headers: [["Host", "localhost"]] })));
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
}

const endOf = (client: Socket): Promise<void> => new Promise((resolve) => void client.once("close", () => resolve()));

const bytesFrom = async (client: Socket, count: number): Promise<void> => {
  let bytes = 0;
  await new Promise<void>((resolve) => {
    client.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes >= count) resolve();
    });
  });
};

test("a client that does not take its answer in time is let go", async () => {
  await withClient(async (client, ask) => {
    client.pause();
    ask("large");
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMIT_MS));
    client.resume();
    await within(5_000, "end of the connection", endOf(client));
  });
});

test("so is one that has asked for several, each in its turn", async () => {
  await withClient(async (client, ask) => {
    for (const _ of [1, 2, 3]) ask("large");
    await within(5_000, "first answer", bytesFrom(client, LARGE.length));
    client.pause();
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMIT_MS));
    client.resume();
    await within(5_000, "end of the connection", endOf(client));
  });
});

test("a client that takes its answer keeps its connection, however large the answer was", async () => {
  await withClient(async (client, ask) => {
    ask("large");
    await within(5_000, "answer", bytesFrom(client, LARGE.length));
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMIT_MS));
    ask("small");
    await within(5_000, "second answer", bytesFrom(client, 5));
    assert.not(client.destroyed);
  });
});

test.run();
