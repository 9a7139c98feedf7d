// runtime: node
/** What README and PROTOCOL.md show is true: it is taken from the page and run. */

import { spawn } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { serveCommand } from "../../src/cli/serve.ts";
import { commandFor, type ServerProcess, startBroker } from "../support/broker-process.ts";
import { askAs, post } from "../support/http.ts";
import { Inbox } from "../support/inbox.ts";
import { at, listAt } from "../support/json.ts";
import { codesIn, readPage, sectionOf, tableOf } from "../support/markdown.ts";
import { runPerch, startCommand } from "../contracts/_perch.ts";

const README = readPage("README.md");
const DEFAULT_URL = "http://127.0.0.1:7857";

/** The first example in this language below a heading, for a broker that listens elsewhere. */
function exampleOf(page: typeof README, heading: string, language: string, url: string): string {
  const [, code = ""] = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(sectionOf(page, heading)) ?? [];
  assert.ok(code.includes(DEFAULT_URL), code);
  return code.replaceAll(DEFAULT_URL, url);
}

async function withBroker(act: (broker: ServerProcess) => Promise<void>): Promise<void> {
  const broker = await startBroker("node");
  try {
    await act(broker);
  } finally {
    broker.signal("SIGKILL");
    await broker.exited;
  }
}

for (
  const [path, heading] of [["README.md", "Point a floater at it"], ["src/protocol/PROTOCOL.md", "5.1 Asking for it"]] as const
) {
  test(`the floater of ${path} shows the present state, and then each change`, () =>
    withBroker(async ({ url }) => {
      await post(`${url}/v1/events`, { kind: "permission.request", sessionId: "s" });
      const code = exampleOf(readPage(path), heading, "js", url);
      const [command] = commandFor("deno");
      const child = spawn(command, ["eval", code], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        const words = new Inbox<string>(`words of the floater of ${path}`);
        child.stdout.setEncoding("utf8").on("data", (text: string) =>
          text.trim().split("\n").forEach((word) => words.push(word)));
        assert.is(await words.next("present state"), "waiting");
        await post(`${url}/v1/events`, { kind: "prompt.submit", sessionId: "s" });
        assert.is(await words.next("change"), "prompted");
      } finally {
        child.kill("SIGKILL");
      }
    }));
}

test("the hook of README and the command that does the same post the same", () =>
  withBroker(async (broker) => {
    const { url } = broker;
    const heading = "Point a hook at it";
    const hook = await startCommand(["sh", "-c", exampleOf(README, heading, "sh", url)]).ended;
    assert.is(hook.code, 0, hook.stderr);
    const command = codesIn(sectionOf(README, heading).replace(/```[^]*?```/g, "")).find((code) =>
      code.startsWith("npm run")
    ) ?? "";
    const [, words = ""] = / cli -- (.*)$/.exec(command) ?? [];
    assert.is((await runPerch("node", words.split(" "), { PERCH_URL: url })).code, 0);
    const history = await askAs(broker, "/v1/events?topics=events");
    const posted = listAt(history.json, "messages").map((message) => {
      const { seq: _seq, receivedAt: _receivedAt, ...event } = Object(at(message, "data"));
      return event;
    });
    assert.is(posted.length, 2);
    assert.equal(posted[1], posted[0]);
  }));

test("the row for serve lists every flag", () => {
  const row = tableOf(README, "The command", "command").find(({ command }) => command === "`perch serve`");
  const flags = (row?.["does"] ?? "").match(/--[a-z-]+/g) ?? [];
  assert.equal(flags.toSorted(), serveCommand.options.map(({ name }) => `--${name}`).toSorted());
});

test.run();
