// runtime: node
// limit: 600 s
// needs: linux
// needs: root
/** Disks that are full, that fail, or that can't be written to: what was acknowledged stays, nothing else is told, and it works again. */

import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { serverContract } from "../contracts/server.ts";
import { commandFor, LISTENING, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { type Disk, failingDisk, smallDisk } from "../support/disks.ts";
import { measured } from "../support/hard.ts";
import { type Answer, ask, bearerOf, post } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import { ALL_TOPICS, ingest, logOf, problemOf, stateOf } from "../support/log.ts";
import { Recorder, unifier } from "../support/watch/recorder.ts";

const test = serverContract("disks");

/** A broker that works again has to say so within this, in milliseconds. */
const RECOVERS_MS = 15_000;

/** What a broker answers on a disk. */
interface Trouble {
  readonly make: () => Disk;
  readonly problem: string;
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "is full": { make: () => smallDisk(8), problem: "507 disk_full" },
  "fails": { make: () => failingDisk(4), problem: "503 store_failed" },
};

async function withDisk(make: () => Disk, body: (disk: Disk) => Promise<void>): Promise<void> {
  const disk = make();
  try {
    await body(disk);
  } finally {
    disk.remove();
  }
}

function start(runtime: Runtime, folder: string): Promise<ServerProcess> {
  const command = [...commandFor(runtime), "mod.ts", "serve", "--state-dir", `${folder}/state`, "--port", "0"];
  return startServer(command, LISTENING);
}

let posted = 0;

/** Posts an event of about 6 KB. */
function postOne(perch: ServerProcess): Promise<Answer & { readonly id: string }> {
  posted += 1;
  const id = `event-${posted}`;
  const texts = { cwd: "/c".repeat(2_000), title: `${posted}`.padEnd(500, "t"), activity: "a".repeat(1_000) };
  return ingest(perch, { kind: "session.update", sessionId: `s${posted % 5}`, id, ...texts }).then((answer) => ({
    ...answer,
    id,
  }));
}

/** Posts until something is refused, and returns the ids of what was taken with their places, and the refusal. */
async function postUntilRefused(perch: ServerProcess, taken: Map<string, number>): Promise<Answer> {
  for (let count = 0; count < 20_000; count += 1) {
    const answer = await postOne(perch);
    if (answer.status !== 200) return answer;
    taken.set(answer.id, Number(at(answer.json, "seqs", 0)));
  }
  throw new Error("Everything was taken");
}

/** While nothing can be kept: nothing is taken over either surface, nothing is told, and what is known can be read. */
async function assertRefusing(perch: ServerProcess, problem: string, recorder: Recorder): Promise<void> {
  const before = await stateOf(perch);
  const told = recorder.seen().length;
  for (let count = 0; count < 20; count += 1) assert.is(problemOf(await postOne(perch)), problem);
  const floater = await post(`${perch.url}/event`, { kind: "PreToolUse", sessionId: "v0" });
  assert.is(`${floater.status} ${at(floater.json, "error")}`, problem);
  assert.ok(Number(floater.headers.get("retry-after")) > 0);
  assert.equal(await stateOf(perch), before);
  assert.equal(await readiness(perch), [503, false, problem.split(" ")[1]]);
  assert.is(recorder.seen().length, told, "what was refused is told");
  assert.ok(recorder.isConnected);
}

/** What `/readyz` says: its status, whether the store is well, and the code of what is wrong with it. */
async function readiness(perch: ServerProcess): Promise<readonly unknown[]> {
  const { status, json } = await ask(`${perch.url}/readyz`);
  return [status, at(json, "checks", "store", "ok"), at(json, "checks", "store", "code")];
}

async function recovers(perch: ServerProcess, taken: Map<string, number>): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < RECOVERS_MS) {
    const answer = await postOne(perch);
    if (answer.status === 200) {
      taken.set(answer.id, Number(at(answer.json, "seqs", 0)));
      return performance.now() - begun;
    }
    await wait(100);
  }
  return Infinity;
}

for (const [what, { make, problem }] of Object.entries(TROUBLES)) {
  test(
    `one that ${what}: what is refused never was, readers know all, and it works again by itself`,
    (_start, runtime) =>
      withDisk(make, async (disk) => {
        const taken = new Map<string, number>();
        const perch = await start(runtime, disk.folder);
        try {
          const options = {
            topics: ALL_TOPICS.split(","),
            session: undefined,
            port: perch.port,
            headers: bearerOf(perch),
            unify: unifier(),
          };
          const recorder = new Recorder({ ...options, name: "reader", transport: "sse" });
          await recorder.visit("earliest");
          assert.is(problemOf(await postUntilRefused(perch, taken)), problem);
          const before = taken.size;
          await assertRefusing(perch, problem, recorder);
          disk.mend();
          const ms = await recovers(perch, taken);
          measured(
            `${runtime}: a disk that ${what} after ${before} events; works again ${ms.toFixed()} ms after it was mended`,
          );
          assert.ok(ms <= RECOVERS_MS);
          assert.equal(await readiness(perch), [200, true, undefined]);
          for (let count = 0; count < 20; count += 1) {
            const answer = await postOne(perch);
            assert.is(answer.status, 200, answer.text);
            taken.set(answer.id, Number(at(answer.json, "seqs", 0)));
          }
          assert.ok(perch.isAlive);
          assert.not.match(perch.stderr, /uncaught|unhandled/i);
          await recorder.reach(Math.max(...taken.values()), 10_000);
          const events = recorder.log().visits.flatMap(({ told }) => told).filter(({ type }) => type === "event");
          assert.equal(events.map(({ json }) => at(JSON.parse(json), "id")), [...taken.keys()]);
          recorder.hangUp();
        } finally {
          perch.signal("SIGKILL");
          await perch.exited;
        }
        await assertKept(runtime, disk, taken);
      }),
  );
}

test(
  "one that can't be written to: no broker starts on it, and says why",
  (_start, runtime) =>
    withDisk(() => smallDisk(2), async ({ folder }) => {
      execFileSync("mount", ["-o", "remount,ro", folder]);
      const refusal = await start(runtime, folder).then(() => "It has started", String);
      assert.match(refusal, / ended with 1: /);
      assert.ok(refusal.includes(folder), refusal);
      assert.not.match(refusal, /^\s+at /m);
    }),
);

/** A broker that is started after it was killed knows all that was acknowledged, and nothing else. */
async function assertKept(runtime: Runtime, disk: Disk, taken: ReadonlyMap<string, number>): Promise<void> {
  const perch = await start(runtime, disk.folder);
  try {
    const events = (await logOf(perch, "earliest", "events")).map(({ data, seq }) => [at(data, "id"), seq]);
    assert.equal(events, [...taken]);
    assert.is(listAt(await stateOf(perch), "sessions").length, 5);
  } finally {
    perch.signal("SIGKILL");
    await perch.exited;
  }
}

test.run();
