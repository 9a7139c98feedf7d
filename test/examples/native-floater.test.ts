// runtime: node
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Runtime, type ServerProcess, startBroker } from "../support/broker-process.ts";
import { post } from "../support/http.ts";
import { kill, type Program, RUNTIMES, startExample } from "./_program.ts";
import { ScriptedBroker } from "./_scripted-broker.ts";

/** A floater that has failed to connect some times waits for some seconds before it tries again. */
const RETURN_MS = 40_000;

async function withFloater(url: string, runtime: Runtime, body: (floater: Program) => Promise<void>): Promise<void> {
  const floater = startExample(runtime, "native-floater.ts", { PERCH_URL: `${url}/` });
  try {
    await body(floater);
  } finally {
    floater.stop();
  }
}

const send = async (broker: ServerProcess, kind: string): Promise<void> => {
  const { status, text } = await post(`${broker.url}/v1/events`, { kind, sessionId: "s" });
  if (status !== 200) throw new Error(`${kind} was answered with ${status} ${text}`);
};
const shows = ({ lines }: Program, text: string, ms?: number): Promise<string> =>
  lines.next(`line "${text}"`, (line) => line === text, ms);

for (const runtime of RUNTIMES) {
  test(`on ${runtime}, it prints the state and its changes, and survives a restart of the broker`, async () => {
    const broker = await startBroker(runtime);
    let again: ServerProcess | undefined;
    try {
      await withFloater(broker.url, runtime, async (floater) => {
        assert.is(await floater.lines.nth(0), "idle (idle)");
        await send(broker, "tool.start");
        await shows(floater, "working (run) 1 working");
        await send(broker, "permission.request");
        await shows(floater, "waiting (review) 1 waiting");
        await kill(broker);
        await shows(floater, "stale");
        again = await startBroker(runtime, ["--port", String(broker.port)]);
        await shows(floater, "idle (idle)", RETURN_MS);
        await send(again, "prompt.submit");
        await shows(floater, "prompted (jump) 1 prompted");
      });
    } finally {
      await kill(broker);
      if (again !== undefined) await kill(again);
    }
  });

  test(`on ${runtime}, it asks after a break for what follows its cursor, and shows what that made of the state`, async () => {
    const broker = await ScriptedBroker.start();
    try {
      await withFloater(broker.url, runtime, async (floater) => {
        await broker.accept();
        broker.tell("hello", {}).tell("reset", { reason: "none" }).tell("snapshot", { state: state("idle") }, "e.1");
        broker.tell("live", { head: 1 }, "e.1").tell("state", state("working"), "e.7");
        await shows(floater, "working (run) 1 working");
        broker.tell("bye", { reason: "shutdown", reconnectInMs: 1 }).close(1001);
        await shows(floater, "stale");

        await broker.accept();
        broker.tell("hello", {}).tell("snapshot", { state: state("failed") }, "e.9").tell("live", { head: 9 }, "e.9");
        assert.is(await broker.frames.next("resume frame"), '{"type":"resume","since":"e.7"}');
        broker.tell("hello", { since: "e.7" }).tell("state", state("waiting"), "e.8").tell("live", { head: 8 }, "e.8");
        assert.is(await floater.lines.next("line after the break"), "waiting (review) 1 waiting");
      });
    } finally {
      broker.stop();
    }
  });

  test(`on ${runtime}, it ends when the broker does not want it back`, async () => {
    const broker = await ScriptedBroker.start();
    try {
      await withFloater(broker.url, runtime, async (floater) => {
        await broker.accept();
        broker.close(4503, "forbidden");
        const { code, stderr } = await floater.ended();
        assert.is(code, 1);
        assert.is(stderr, "the broker does not want it back: 4503 forbidden\n");
      });
    } finally {
      broker.stop();
    }
  });
}

const POSES = { idle: "idle", working: "run", waiting: "review", failed: "failed" } as const;

function state(name: keyof typeof POSES): object {
  return { state: name, pose: POSES[name], since: 0, counts: { ...(name === "idle" ? {} : { [name]: 1 }), unknown: 0 } };
}

test.run();
