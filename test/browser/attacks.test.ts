// runtime: node
// needs: chromium
// limit: 600 s
/** Pages that are not to be let in, in a real browser: they read nothing and write nothing, whatever they try. @module */

import type { Frame, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { takenBy } from "../support/doors.ts";
import { choosePet } from "../support/floater.ts";
import { IS_HARD } from "../support/hard.ts";
import { publish } from "../support/log.ts";
import { serverContract } from "../contracts/server.ts";
import { type Attack, ATTACKS } from "./_attacks.ts";
import { withBrowser, withOrigin } from "./_browser.ts";
import { SECRET, withCarelessServer } from "./_careless-server.ts";
import { EVIL, launch, OBLIGING, openIntruder, openSandbox, Traffic } from "./_intruder.ts";

const control = suite("attacks");
const test = serverContract("intruders");

/** Where each kind of attack is tried. */
type Paths = Readonly<Record<Attack["aim"], readonly string[]>>;

const GETS = ["/status", "/healthz", "/v1/state", "/v1/events?since=earliest", "/events", "/v1/stream", "/v1/ws"];

const EVERYWHERE: Paths = {
  read: GETS,
  load: GETS,
  stream: ["/events", "/v1/stream"],
  socket: ["/ws", "/v1/ws", "/"],
  write: ["/event", "/switch", "/dismiss", "/v1/events"],
};

/** Fewer, where the origin is what counts: each surface, the fast way and the app. */
const HERE_AND_THERE: Paths = {
  read: ["/v1/state"],
  load: ["/status"],
  stream: ["/events"],
  socket: ["/v1/ws"],
  write: ["/event", "/v1/events"],
};

/** Attacks that bring home what a careless server tells. The others can do no more than knock. */
const CAN_READ = [
  "fetch",
  "fetch with credentials",
  "fetch with a preflight",
  "XMLHttpRequest",
  "an EventSource",
  "a WebSocket",
  "fetch of JSON",
  "XMLHttpRequest of text",
];

control(
  "work on a server that trusts every page",
  () =>
    withCarelessServer((careless) =>
      withOrigin((origin) =>
        withBrowser(async (browser) => {
          const page = await browser.newPage();
          await page.goto(origin);
          const readers: string[] = [];
          for (const attack of ATTACKS) {
            const [path = ""] = EVERYWHERE[attack.aim];
            const read = await launch(page, attack, careless.url + path);
            const taken = await careless.taken.next(attack.name, (request) => request.includes(` ${path} `));
            assert.match(taken, attack.aim === "write" ? /^POST .*attack/s : /^GET /, attack.name);
            if (read.includes(SECRET)) readers.push(attack.name);
          }
          assert.equal(readers, CAN_READ);
        })
      )
    ),
);

/** Runs all attacks on `target`, and returns what a page could do that it should not. */
async function attackAll(frame: Frame | Page, target: string, paths: Paths): Promise<string[]> {
  const traffic = await Traffic.of(frame, target);
  const won: string[] = [];
  for (const attack of ATTACKS) {
    for (const path of paths[attack.aim]) {
      const read = await launch(frame, attack, target + path);
      // A page of the rebound name may read what it is told: that it is wrong here.
      if (read !== "" && !read.includes("wrong_host")) won.push(`${attack.name} at ${path} read ${read.slice(0, 200)}`);
    }
  }
  const count = ATTACKS.filter(({ aim }) => aim !== "socket").flatMap(({ aim }) => paths[aim]).length;
  await traffic.answers.nth(count - 1);
  return [...won, ...traffic.answers.items.filter((answer) => !/^(?:403|421) /.test(answer))];
}

/** Gives a broker something to tell, which time alone does not change. */
async function furnish(perch: ServerProcess): Promise<void> {
  const fields = { title: "secret title", tool: "secret tool", cwd: "/secret", activity: "secret activity" };
  await publish(perch, { kind: "session.update", sessionId: "secret-session", ...fields });
  await choosePet(perch, "secret-pet");
}

interface Intruder {
  readonly name: string;
  /** Where the page comes from. */
  readonly page: string;
  /** Under which name it attacks the broker. */
  readonly target: string;
  readonly paths?: Paths;
}

/** @param other A port on which pages are served. */
const intruders = (other: string, port: number): readonly Intruder[] => {
  const [here, rebound] = [`http://127.0.0.1:${port}`, `http://${EVIL}:${port}`];
  return [
    { name: "a page on another port", page: `http://127.0.0.1:${other}/`, target: here, paths: EVERYWHERE },
    { name: "a page of another name", page: `http://localhost:${other}/`, target: here },
    { name: "a page of a foreign name", page: `http://${EVIL}:${other}/`, target: here },
    { name: "a page whose name points here", page: `${rebound}/page`, target: rebound },
    { name: "a page whose name points here, on another port", page: `http://${EVIL}:${other}/`, target: rebound },
    { name: "a page whose name points here, by another name", page: `${rebound}/page`, target: here },
  ];
};

test("pages of other origins, and of names that point here, read nothing and write nothing", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const perch = await start("--allow-origin", "http://localhost:1");
      await furnish(perch);
      const before = await takenBy(perch);
      for (
        const { name, page: url, target, paths = IS_HARD ? EVERYWHERE : HERE_AND_THERE } of intruders(
          new URL(origin).port,
          perch.port,
        )
      ) {
        const page = await openIntruder(browser, url);
        assert.equal(await attackAll(page, target, paths), [], name);
        assert.equal(await takenBy(perch), before, name);
        await page.close();
      }
    }, ...OBLIGING)
  ));

test("a page of no origin reads nothing and writes nothing", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const perch = await start();
      await furnish(perch);
      const before = await takenBy(perch);
      const page = await openIntruder(browser, `${origin}/`);
      assert.equal(await attackAll(await openSandbox(page), perch.url, HERE_AND_THERE), []);
      assert.equal(await takenBy(perch), before);
    }, ...OBLIGING)
  ));

control.run();
test.run();
