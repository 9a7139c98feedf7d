// limit: 240 s
// needs: chromium
// runtime: node
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Runtime, startBroker } from "../support/broker-process.ts";
import { post } from "../support/http.ts";
import { Inbox } from "../support/inbox.ts";
import { listen } from "./_listen.ts";
import { startChromium } from "../support/chromium.ts";
import { says, withPage } from "./_page.ts";
import { kill, RUNTIMES, startEmbed } from "./_program.ts";

const FILE = new URL("../../examples/floater.html", import.meta.url);

const browser = await startChromium();
test.after(() => browser.close());

const send = async (url: string, kind: string, sessionId = "s"): Promise<void> => {
  const { status, text } = await post(`${url}/v1/events`, { kind, sessionId });
  if (status !== 200) throw new Error(`${kind} was answered with ${status} ${text}`);
};

/** Serves the page on an origin of its own. */
async function withOtherOrigin(body: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(readFileSync(FILE));
  });
  try {
    await body(await listen(server));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Opens the page as `url` on a broker that lets `origins` in. */
async function openOn(
  runtime: Runtime,
  origins: readonly string[],
  url: string,
  check: (says: (state: string, counts: string, stream: string) => Promise<void>, broker: string) => Promise<void>,
): Promise<void> {
  const broker = await startBroker(runtime, origins.flatMap((origin) => ["--allow-origin", origin]));
  try {
    await withPage(browser, `${url}?broker=${broker.url}/`, (page) => check((...expected) => says(page, expected), broker.url));
  } finally {
    await kill(broker);
  }
}

for (const runtime of RUNTIMES) {
  test(`from the origin of embed.ts on ${runtime}, it shows what happens, says when the stream is dead, and comes back`, async () => {
    const embed = await startEmbed(runtime);
    let again = embed;
    try {
      await withPage(browser, `${embed.url}/floater.html`, async (page) => {
        await says(page, ["idle (idle)", "", "live"]);
        await send(embed.url, "tool.start");
        await says(page, ["working (run)", "1 working", "live"]);
        await send(embed.url, "permission.request", "other");
        await says(page, ["waiting (review)", "1 waiting, 1 working", "live"]);
        await page.evaluate(() => document.title = "still the same page");
        await kill(embed);
        await says(page, ["waiting (review)", "1 waiting, 1 working", "stale"]);
        again = await startEmbed(runtime, embed.port);
        await says(page, ["idle (idle)", "", "live"]);
        await send(again.url, "turn.fail");
        await says(page, ["failed (failed)", "1 failed", "live"]);
        assert.is(await page.title(), "still the same page");
      });
    } finally {
      await kill(embed);
      await kill(again);
    }
  });

  test(`from another origin, it is let in by a broker on ${runtime} that names that origin, and by no other`, () =>
    withOtherOrigin(async (origin) => {
      await openOn(runtime, ["http://localhost:5173", origin], `${origin}/floater.html`, async (says, broker) => {
        await says("idle (idle)", "", "live");
        await send(broker, "tool.start");
        await says("working (run)", "1 working", "live");
      });
      for (const origins of [[], ["null"]]) {
        await openOn(runtime, origins, `${origin}/floater.html`, (says) => says("", "", "stale"));
      }
    }));

  test(`as a file, it is let in by a broker on ${runtime} that names null, and by no other`, async () => {
    await openOn(runtime, ["null"], FILE.href, async (says, broker) => {
      await says("idle (idle)", "", "live");
      await send(broker, "tool.start");
      await says("working (run)", "1 working", "live");
    });
    await openOn(runtime, [], FILE.href, (says) => says("", "", "stale"));
  });
}

test("it comes back too when something else has answered in place of the broker", async () => {
  const embed = await startEmbed("node");
  let again = embed;
  const asked = new Inbox<string>("requests to what is no broker");
  const noBroker = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(404).end();
  });
  try {
    await withPage(browser, `${embed.url}/floater.html`, async (page) => {
      await says(page, ["idle (idle)", "", "live"]);
      await kill(embed);
      await listen(noBroker, embed.port);
      for (let time = 1; time <= 2; time += 1) await asked.next("request of the page", (path) => path.startsWith("/events"));
      await says(page, ["idle (idle)", "", "stale"]);
      noBroker.close();
      noBroker.closeAllConnections();
      again = await startEmbed("node", embed.port);
      await says(page, ["idle (idle)", "", "live"]);
    });
  } finally {
    noBroker.close();
    await kill(embed);
    await kill(again);
  }
});

test("what a broker says is text to it, and never HTML", async () => {
  const evil = '<img src=x onerror="document.title = 1">';
  const state = { state: evil, pose: evil, counts: { [evil]: 1 } };
  const broker = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "access-control-allow-origin": "*" });
    response.write(`event: snapshot\ndata: ${JSON.stringify({ state })}\n\nevent: live\ndata: {}\n\n`);
  });
  try {
    await withPage(browser, `${FILE.href}?broker=${await listen(broker)}`, async (page) => {
      await says(page, [`${evil} (${evil})`, `1 ${evil}`, "live"]);
      assert.is(await page.locator("img").count(), 0);
    });
  } finally {
    broker.close();
    broker.closeAllConnections();
  }
});

test.run();
