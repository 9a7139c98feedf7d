// runtime: node
import fc from "fast-check";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ServerProcess, startBroker } from "../support/broker-process.ts";
import { ask, bearerOf } from "../support/http.ts";
import { at } from "../support/json.ts";
import { openSse, type SseReader } from "../support/sse-reader.ts";
import { greeting } from "../support/stream-reader.ts";
import { listen } from "./_listen.ts";
import { type Env, kill, type Run, startProgram } from "./_program.ts";

const SHELLS = ["sh", "bash", "dash", "busybox sh"].filter((shell) => existsSync(`/bin/${shell.split(" ")[0]}`));
const NO_ANSWER_MS = 1_500;

/** Runs hook.sh, which must keep out of the agent's way whatever happens. */
async function hook(url: string, args: readonly string[], env: Env = {}, shell = "sh"): Promise<Run> {
  const run = await startProgram([...shell.split(" "), "examples/hook.sh", ...args], { PERCH_URL: url, ...env }).ended();
  assert.equal([run.code, run.stdout, run.stderr], [0, "", ""]);
  return run;
}

/** Runs `body` with a broker and a reader of all events that it takes. */
async function withBroker(body: (broker: ServerProcess, reader: SseReader) => Promise<void>): Promise<void> {
  const broker = await startBroker("node");
  try {
    const reader = await openSse(`${broker.url}/events?topics=events`, bearerOf(broker));
    await greeting(reader);
    await body(broker, reader);
    reader.close();
  } finally {
    await kill(broker);
  }
}

/** The next event that the broker has taken, as far as hook.sh can tell it. */
async function taken({ messages }: SseReader): Promise<unknown[]> {
  const { data } = await messages.next("event", ({ type }) => type === "event");
  return [at(data, "kind"), at(data, "sessionId"), at(data, "tool")];
}

for (const shell of SHELLS) {
  test(`in ${shell}, an event arrives, with a tool and without`, () =>
    withBroker(async ({ url }, reader) => {
      await hook(url, ["tool.start", "s-1", "bash"], {}, shell);
      assert.equal(await taken(reader), ["tool.start", "s-1", "bash"]);
      await hook(`${url}/`, ["turn.complete", "s-1"], {}, shell);
      assert.equal(await taken(reader), ["turn.complete", "s-1", undefined]);
    }));
}

const HOSTILE = [
  "",
  " ",
  "-v",
  "--version",
  "a=b",
  "@/etc/hostname",
  "%s%n\\n",
  '"',
  "\\",
  '\\"',
  '","kind":"session.end","tool":"',
  "'; exit 1; '",
  "$(exit 1)`exit 1`$HOME",
  "line\nline\r\n",
  String.fromCharCode(...Array.from({ length: 31 }, (_, index) => index + 1), 0x7f),
  "é 😀 \u2028 \ufeff \u202e",
  "*",
];

test("hostile arguments arrive as they are", () =>
  withBroker(async ({ url }, reader) => {
    for (const tool of HOSTILE) {
      await hook(url, ["tool.start", "s", tool]);
      assert.equal(await taken(reader), ["tool.start", "s", tool]);
    }
    const sessionId = `"\\'$(x)\`{}[]-=@%&?#/`;
    await hook(url, ["tool.start", sessionId, "x"]);
    assert.equal(await taken(reader), ["tool.start", sessionId, "x"]);
  }));

/** What an argument of a program can hold: anything but NUL, as UTF-8. */
const argument = fc.string({ unit: "binary", maxLength: 60 }).filter((text) => !text.includes("\0"));

test("any text arrives as it is", () =>
  withBroker((broker, reader) =>
    fc.assert(
      fc.asyncProperty(argument, async (tool) => {
        await hook(broker.url, ["tool.start", "s", tool]);
        assert.equal(await taken(reader), ["tool.start", "s", tool]);
      }),
      { numRuns: 100 },
    )
  ));

test("what the broker refuses leaves no trace, and is no matter of the agent", () =>
  withBroker(async ({ url }, reader) => {
    for (
      const args of [[], ["tool.start"], ["no.kind", "s"], ["tool.start", "two words"], ["tool.start", "s", "x".repeat(70_000)]]
    ) {
      await hook(url, args);
    }
    const noUtf8 = `PERCH_URL=${url} sh examples/hook.sh tool.start s "$(printf 'a\\377')"`;
    const { code, stdout, stderr } = await startProgram(["sh", "-c", noUtf8], {}).ended();
    assert.equal([code, stdout, stderr], [0, "", ""]);
    await hook(url, ["tool.start", "s", "the only one"]);
    assert.equal(await taken(reader), ["tool.start", "s", "the only one"]);
    assert.is(at((await ask(`${url}/v1/state`)).json, "state", "counts", "working"), 1);
  }));

test("neither a proxy nor a .curlrc comes between", () =>
  withBroker(async ({ url }, reader) => {
    const home = mkdtempSync(`${tmpdir()}/perch-`);
    try {
      writeFileSync(`${home}/.curlrc`, "request = DELETE\n");
      await hook(url, ["tool.start", "s", "x"], {
        HOME: home,
        http_proxy: "http://127.0.0.1:1",
        ALL_PROXY: "http://127.0.0.1:1",
      });
      assert.equal(await taken(reader), ["tool.start", "s", "x"]);
    } finally {
      rmSync(home, { recursive: true });
    }
  }));

test("without a broker it is as good as not there", async () => {
  const broker = await startBroker("node");
  await kill(broker);
  const ms = await fastestOf(3, broker.url);
  assert.ok(ms < NO_ANSWER_MS, `took ${ms} ms`);
  await hook("no address at all", ["tool.start", "s"]);
});

test("a broker that does not answer holds it up for about a second", async () => {
  const silent = createServer();
  try {
    const url = await listen(silent);
    const ms = await fastestOf(3, url);
    assert.ok(ms > 900 && ms < NO_ANSWER_MS, `took ${ms} ms`);
  } finally {
    silent.close();
  }
});

test("without curl, and without awk, it does nothing", async () => {
  await hook("http://127.0.0.1:1", ["tool.start", "s"], { PATH: "/nonexistent" }, "/bin/sh");
});

/** How long the fastest of some runs took, in milliseconds: a machine that is busy slows down the others. */
async function fastestOf(count: number, url: string): Promise<number> {
  let fastest = Infinity;
  for (let run = 0; run < count; run += 1) fastest = Math.min(fastest, (await hook(url, ["tool.start", "s"])).ms);
  return fastest;
}

test.run();
