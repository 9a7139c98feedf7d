/**
 * What every broker must do, whatever it runs on: tests that are given a way to start one, run once for each runtime against a
 * real process.
 *
 * @module
 */

import { suite } from "uvu";
import { type Runtime, type ServerProcess, startBroker } from "../support/broker-process.ts";

/** Starts brokers, which end with the test, at the latest. */
export interface StartBroker {
  (...flags: readonly string[]): Promise<ServerProcess>;
  /** Starts one whose memory is to be measured. */
  lean(...flags: readonly string[]): Promise<ServerProcess>;
}

/** A test of one runtime. */
type Body = (start: StartBroker, runtime: Runtime) => Promise<void>;

/** Adds a test to the contract of one topic. */
export interface ServerContract {
  (title: string, body: Body): void;
  /** Runs all tests of the topic, on each runtime. */
  run(): void;
}

const RUNTIMES: readonly Runtime[] = ["node", "deno"];

/** What a runtime prints of an error that nobody handled. */
const CRASH = /\b(?:uncaught|unhandled)|^\s+at /im;

/** How to run a contract. */
export interface ContractOptions {
  readonly runtimes?: readonly Runtime[];
  /** For tests that mostly wait: runs each on all runtimes at the same time, or even all of them. Default: one by one. */
  readonly atOnce?: "runtimes" | "all";
}

/** The contract of one topic. Its tests may start as many brokers as they like, and none of those may crash. */
export function serverContract(topic: string, { runtimes = RUNTIMES, atOnce }: ContractOptions = {}): ServerContract {
  const suites = runtimes.map((runtime) => ({ runtime, test: suite(`${topic}, on ${runtime}`) }));
  const all: ((runtime: Runtime) => Promise<void>)[] = [];
  const add = (title: string, body: Body): void => {
    const runOn = onceFor((runtime) => withBrokers(runtime, body));
    all.push(runOn);
    for (const { runtime, test } of suites) {
      test(title, () => {
        const begun = atOnce === undefined ? [] : atOnce === "all" ? all : [runOn];
        for (const run of begun) runtimes.forEach(run);
        return runOn(runtime);
      });
    }
  };
  return Object.assign(add, { run: () => suites.forEach(({ test }) => test.run()) });
}

/** Runs once for each runtime, whoever asks first; who asks later gets the same outcome. */
function onceFor(run: (runtime: Runtime) => Promise<void>): (runtime: Runtime) => Promise<void> {
  const running = new Map<Runtime, Promise<void>>();
  return (runtime) => {
    const outcome = running.get(runtime) ?? run(runtime);
    running.set(runtime, outcome);
    outcome.catch(() => {}); // the test that waits for it is told
    return outcome;
  };
}

async function withBrokers(runtime: Runtime, body: Body): Promise<void> {
  const started: ServerProcess[] = [];
  try {
    const begin = async (flags: readonly string[], isLean: boolean): Promise<ServerProcess> => {
      const broker = await startBroker(runtime, flags, isLean);
      started.push(broker);
      return broker;
    };
    const start = (...flags: readonly string[]) => begin(flags, false);
    await body(Object.assign(start, { lean: (...more: readonly string[]) => begin(more, true) }), runtime);
    await Promise.all(started.map(checkHealth));
  } finally {
    for (const broker of started) broker.signal("SIGKILL");
    await Promise.all(started.map(({ exited }) => exited));
  }
}

/** A broker lives as long as nobody ends it, never fails with a stack trace, and says nothing on stdout. */
async function checkHealth(broker: ServerProcess): Promise<void> {
  const isEndedBySelf = !broker.isAlive && !broker.isSignalled;
  if (!isEndedBySelf && !CRASH.test(broker.stderr) && broker.stdout === "") return;
  const end = isEndedBySelf ? `ended by itself with ${JSON.stringify(await broker.exited)}` : "failed on the way";
  throw new Error(`The broker ${end}. It said:\n${broker.stdout}${broker.stderr.slice(0, 2_000)}`);
}
