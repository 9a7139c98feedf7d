// runtime: node
import { createServer, type RequestListener } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Runtime, startBroker } from "../support/broker-process.ts";
import { at, listAt, parseOrUndefined } from "../support/json.ts";
import { bearerOf } from "../support/http.ts";
import { openSse } from "../support/sse-reader.ts";
import { greeting, type Heard } from "../support/stream-reader.ts";
import { listen } from "./_listen.ts";
import { kill, type Run, RUNTIMES, startExample } from "./_program.ts";

/** The states that its session goes through, and so does the aggregate until all is quiet. */
const STATES = ["starting", "prompted", "working", "waiting", "working", "done", "ending"];

const KINDS = [
  "session.start",
  "prompt.submit",
  "tool.start",
  "permission.request",
  "permission.resolve",
  "tool.end",
  "turn.complete",
  "session.end",
];

/** Runs the agent, which must do its work whatever becomes of its reports. */
async function runAgent(runtime: Runtime, url: string): Promise<Run> {
  const run = await startExample(runtime, "custom-agent.ts", { PERCH_URL: `${url}/` }).ended();
  assert.equal([run.code, run.stderr], [0, ""]);
  assert.match(run.stdout, /^[0-9]+ files\n$/);
  return run;
}

/** The values of `field` in all messages of `type`, without repetitions. */
function course(messages: readonly Heard[], type: string, field: string): unknown[] {
  const values = messages.filter((message) => message.type === type).map(({ data }) => at(data, field));
  return values.filter((value, index) => index === 0 || value !== values[index - 1]);
}

for (const runtime of RUNTIMES) {
  test(`on ${runtime}, its whole life shows on the stream`, async () => {
    const broker = await startBroker(runtime);
    try {
      const reader = await openSse(`${broker.url}/events?topics=state,sessions,events`, bearerOf(broker));
      await greeting(reader);
      await runAgent(runtime, broker.url);
      const gone = await reader.messages.next("session.gone", ({ type }) => type === "session.gone");
      assert.is(at(gone.data, "reason"), "ended");
      await reader.messages.next("state idle", ({ type, data }) => type === "state" && at(data, "state") === "idle");
      const told = reader.messages.items;
      assert.equal(course(told, "session", "state"), STATES);
      assert.equal(course(told, "state", "state"), [...STATES, "idle"]);

      const events = told.filter(({ type }) => type === "event").map(({ data }) => data);
      assert.equal(events.map((event) => at(event, "kind")), KINDS);
      assert.is(new Set(events.map((event) => at(event, "sessionId"))).size, 1);
      const calls = events.slice(2, 6).map((event) => at(event, "toolUseId"));
      assert.is(new Set(calls).size, 1);
      assert.type(calls[0], "string");
      assert.is(at(events[5], "ok"), true);
      reader.close();
    } finally {
      await kill(broker);
    }
  });

  test(`on ${runtime}, it does its work without a broker`, async () => {
    const broker = await startBroker(runtime);
    await kill(broker);
    await runAgent(runtime, broker.url);
  });

  test(`on ${runtime}, it does its work with a broker that does not answer`, () =>
    withServer(() => {}, async (url, asked) => {
      await runAgent(runtime, url);
      assert.ok(asked.length > 1, `asked ${asked.length} times`);
    }));

  test(`on ${runtime}, it tells a slow broker that refuses all of it, in order and one after the other`, () => {
    let isBusy = false;
    const answerLate: RequestListener = (_request, response) => {
      if (isBusy) throw new Error("asked before the answer");
      isBusy = true;
      setTimeout(() => {
        isBusy = false;
        response.writeHead(500).end("no");
      }, 400);
    };
    return withServer(answerLate, async (url, asked) => {
      await runAgent(runtime, url);
      const events = asked.flatMap((body) => listAt(parseOrUndefined(body)));
      assert.equal(events.map((event) => at(event, "kind")), KINDS);
    });
  });
}

/** Runs `body` with a server, and the bodies that it has been sent. */
async function withServer(
  answer: RequestListener,
  body: (url: string, asked: readonly string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => text += part);
    request.on("end", () => {
      asked.push(text);
      answer(request, response);
    });
  });
  try {
    await body(await listen(server), asked);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test.run();
