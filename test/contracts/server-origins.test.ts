// runtime: node
// limit: 300 s
/** Which pages may use the broker: its own, and those of origins that were named, at every door. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { bearerOf } from "../support/http.ts";
import { at } from "../support/json.ts";
import { type RawHeaders, rawRequest } from "../support/raw-http.ts";
import { type Door, DOORS, knock, takenBy } from "../support/doors.ts";
import { openFloater } from "../support/floater.ts";
import { publish } from "../support/log.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("origins");

const own = ({ port }: ServerProcess): RawHeaders => [["Host", `127.0.0.1:${port}`]];

const NAMED = "http://localhost:5173";

/** Origins that are not the broker's own, and not `NAMED`. */
const FOREIGN = (port: number): readonly string[] => [
  "",
  "null",
  "http://evil.com",
  "https://evil.com",
  `http://evil.com:${port}`,
  `http://127.0.0.1:${port + 1}`,
  "http://127.0.0.1",
  "http://localhost",
  `http://localhost.:${port}`,
  `http://localhost.evil.com:${port}`,
  `http://127.0.0.1.evil.com:${port}`,
  `http://127.0.0.1:${port}.evil.com`,
  `http://127.0.0.1:${port}0`,
  `http://127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}/path`,
  `http://127.0.0.1:${port}?`,
  `http://127.0.0.1:${port}@evil.com`,
  `http://evil.com@127.0.0.1:${port}`,
  `http://evil.com#127.0.0.1:${port}`,
  `http://127.1:${port}`,
  `http://0.0.0.0:${port}`,
  `HTTP://127.0.0.1:${port}`,
  `http://LOCALHOST:${port}`,
  `http:/127.0.0.1:${port}`,
  `127.0.0.1:${port}`,
  `//127.0.0.1:${port}`,
  `ws://127.0.0.1:${port}`,
  `ftp://127.0.0.1:${port}`,
  `chrome-extension://127.0.0.1:${port}`,
  "file://",
  `http://127.0.0.1:${port} http://evil.com`,
  `http://evil.com, http://127.0.0.1:${port}`,
  `http://127.0.0.1:${port}, http://127.0.0.1:${port}`,
  `${NAMED}/`,
  `${NAMED}0`,
  "http://localhost:517",
  "http://localhost:5173.evil.com",
  "http://evil.com/http://localhost:5173",
  "https://localhost:5173",
  "http://127.0.0.1:5173",
];

/** What a door answers to a page of the broker that shows nothing: it may read, and no more. */
const openToOwn = ({ method, open }: Door): number => method === "GET" ? open : 401;

test("lets its own pages in at every door with a token, and without where they only read", async (start) => {
  const perch = await start();
  const token: RawHeaders = [["Authorization", `Bearer ${perch.token}`]];
  for (const door of DOORS) {
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      const page: RawHeaders = [["Host", `${host}:${perch.port}`], ["Origin", `http://${host}:${perch.port}`]];
      const [bare, known] = [await knock(perch, door, page), await knock(perch, door, [...page, ...token])];
      assert.equal([bare.status, known.status], [openToOwn(door), door.open], `${door.name} from ${host}`);
      for (const { headers } of [bare, known]) assert.is(headers.get("access-control-allow-origin"), null);
    }
  }
});

test("refuses pages of every other origin at every door with 403, and takes nothing", async (start) => {
  for (const flags of [[], ["--allow-origin", NAMED]]) {
    const perch = await start(...flags);
    const before = await takenBy(perch);
    for (const door of DOORS) {
      for (const origin of FOREIGN(perch.port)) {
        const { status, headers, json, text } = await knock(perch, door, [...own(perch), ["Origin", origin]]);
        assert.is(status, 403, `${door.name} from "${origin}" answered ${text}`);
        assert.is(at(json, door.field), "foreign_origin");
        assert.is(headers.get("access-control-allow-origin"), null);
      }
      for (const origins of twice(perch)) {
        const { status } = await knock(perch, door, [...own(perch), ...origins]);
        assert.ok([403, 400].includes(status), `${door.name} from ${origins} answered ${status}`);
      }
    }
    assert.equal(await takenBy(perch), before);
  }
});

/** An own and a foreign origin at once, in both orders. */
function twice({ port }: ServerProcess): readonly RawHeaders[] {
  const good = ["Origin", `http://127.0.0.1:${port}`] as const;
  const bad = ["Origin", "http://evil.com"] as const;
  return [[good, bad], [bad, good], [good, good]];
}

test("refuses pages of another site by what the browser says of them, origin or not", async (start) => {
  const perch = await start();
  const before = await takenBy(perch);
  const site = (door: Door, value: string, more: RawHeaders = []) =>
    knock(perch, door, [...own(perch), ["Sec-Fetch-Site", value], ...more]);
  for (const door of DOORS) {
    for (const value of ["cross-site", "same-site", "CROSS-SITE", "", "same-origin, cross-site"]) {
      const { status, json } = await site(door, value);
      assert.is(status, 403, `${door.name} from ${value}`);
      assert.is(at(json, door.field), "cross_site");
    }
    const foreign = await site(door, "same-origin", [["Origin", "http://evil.com"]]);
    assert.is(foreign.status, 403, `${door.name} from a liar`);
  }
  assert.equal(await takenBy(perch), before);
  for (const door of DOORS) {
    for (const value of ["same-origin", "none"]) {
      assert.is((await site(door, value)).status, openToOwn(door), `${door.name} from ${value}`);
    }
  }
});

/** What a page can post to another site without a preflight. */
const SIMPLE_TYPES = [
  "text/plain",
  "text/plain;charset=UTF-8",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  undefined,
];

test("takes nothing of what a foreign page can post without asking", async (start) => {
  const perch = await start();
  const before = await takenBy(perch);
  for (const target of ["/event", "/switch", "/dismiss", "/v1/events"]) {
    for (const type of SIMPLE_TYPES) {
      for (const origin of ["http://evil.com", "null"]) {
        const body = '{"kind":"PreToolUse","sessionId":"s","slug":"x"}';
        const headers: RawHeaders = [
          ...own(perch),
          ["Origin", origin],
          ["Sec-Fetch-Site", "cross-site"],
          ["Content-Length", String(body.length)],
          ...(type === undefined ? [] : [["Content-Type", type] as const]),
        ];
        assert.is(
          (await rawRequest(perch.port, { method: "POST", target, headers, body })).status,
          403,
          `${target} as ${type}`,
        );
      }
    }
  }
  assert.equal(await takenBy(perch), before);
});

test("lets pages of a named origin in at every door, and read what it answers", async (start) => {
  const perch = await start("--allow-origin", NAMED, "--allow-origin", "null");
  for (const door of DOORS) {
    for (const origin of [NAMED, "null"]) {
      const headers: RawHeaders = [...own(perch), ["Origin", origin], ["Sec-Fetch-Site", "cross-site"]];
      const answer = await knock(perch, door, headers);
      assert.is(answer.status, door.open, `${door.name} from ${origin}: ${answer.text}`);
      if (answer.status === 101) continue;
      assert.is(answer.headers.get("access-control-allow-origin"), origin, door.name);
      assert.ok(answer.headers.get("vary")?.toLowerCase().split(/, */).includes("origin"));
      assert.is(answer.headers.get("access-control-allow-credentials"), null);
    }
  }
});

test("answers the preflight of a named origin, and of no other", async (start) => {
  const perch = await start("--allow-origin", NAMED);
  const ask = (target: string, origin: string) =>
    rawRequest(perch.port, {
      method: "OPTIONS",
      target,
      headers: [...own(perch), ["Origin", origin], ["Access-Control-Request-Method", "POST"]],
    });
  for (const target of ["/event", "/v1/events", "/v1/stream", "/v1/state"]) {
    const { status, headers } = await ask(target, NAMED);
    assert.is(status, 204);
    assert.equal([headers.get("access-control-allow-origin"), headers.get("vary")], [NAMED, "Origin"]);
    assert.match(headers.get("access-control-allow-methods") ?? "", /GET.*POST/);
    for (const name of ["content-type", "last-event-id", "if-none-match"]) {
      assert.match(headers.get("access-control-allow-headers") ?? "", name);
    }
    for (const origin of ["http://evil.com", "null", `${NAMED}/`]) assert.is((await ask(target, origin)).status, 403);
  }
});

test("tells pages which sessions there are, and nothing of what is in them", async (start) => {
  const perch = await start("--allow-origin", NAMED);
  const secret = { title: "secret", cwd: "/secret", activity: "secret", tool: "secret", toolUseId: "t", pid: 4711 };
  await publish(perch, { kind: "tool.start", sessionId: "s", agent: "codex", ...secret });
  for (const origin of [NAMED, `http://127.0.0.1:${perch.port}`]) {
    for (const transport of TRANSPORTS) {
      const reader = await openStream(perch, transport, { headers: { origin } });
      const { snapshot } = await readStart(reader);
      assert.equal(Object.keys(Object(at(snapshot, "sessions", 0))), ["id", "agent", "state", "pose", "since"]);
      await publish(perch, { kind: "permission.request", sessionId: "s", ...secret });
      await reader.messages.next("state", ({ type }) => type === "state");
      await publish(perch, { kind: "permission.resolve", sessionId: "s", ...secret });
      await reader.messages.next("state", ({ type }) => type === "state");
      assert.not.match(JSON.stringify(reader.messages.items), /secret|"pid"|because/);
      const events = openStream(perch, transport, { headers: { origin }, topics: "events" });
      const refusal = events.then((opened) => Reflect.get(opened, "status"), ({ message }: Error) => message.slice(-3));
      assert.is(String(await refusal), "401");
    }
  }
  const told = await Promise.all([openFloater(perch), openFloater(perch, "/ws", bearerOf(perch))]);
  const [bare = "", known = ""] = told.map(({ pushed }) => pushed.items.at(-1)?.text);
  assert.not.match(bare, /secret/);
  assert.match(known, /secret/);
});

test.run();
