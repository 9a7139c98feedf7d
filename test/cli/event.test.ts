import { test } from "uvu";
import * as assert from "uvu/assert";
import { EVENT_KINDS } from "../../src/core/events.ts";
import { parseEvent } from "../../src/protocol/schema.ts";
import { parseOrUndefined } from "../support/json.ts";
import { answering, type FakeIo, runFake } from "./_fake-io.ts";

const ACCEPTED = { accepted: 1, seqs: [7], cursor: "abcdefgh.9" };
const taken = { fetch: answering(200, ACCEPTED) };

/** The event that was sent. */
const sent = ({ asked }: FakeIo): unknown => parseOrUndefined(String(asked[0]?.body));

test("posts one event and says where the log is", async () => {
  const io = await runFake(["event", "tool.start", "--session", "s1", "--tool", "bash"], taken);
  assert.equal({ code: io.code, out: io.out, err: io.err }, { code: 0, out: "taken, the log is at abcdefgh.9\n", err: "" });
  assert.equal(io.asked.map(({ method, url }) => `${method} ${url}`), ["POST http://127.0.0.1:7857/v1/events"]);
  assert.equal(sent(io), { kind: "tool.start", sessionId: "s1", tool: "bash" });
});

test("every flag gives the field that the protocol has for it", async () => {
  const flags = {
    session: "s1",
    agent: "claude-code",
    id: "e1",
    source: "hook",
    tool: "bash",
    "tool-use-id": "t1",
    "exit-code": "-1",
    title: "A title",
    activity: "at work",
    cwd: "/home/me",
    reason: "why not",
    pid: "42",
    "occurred-at": "1700000000000",
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const event = sent(await runFake(["event", "tool.end", ...args, "--no-ok"], taken));
  const { session, agent, id, source, tool, title, activity, cwd, reason } = flags;
  const same = { agent, id, source, tool, title, activity, cwd, reason };
  const expected = {
    kind: "tool.end",
    sessionId: session,
    ...same,
    toolUseId: "t1",
    exitCode: -1,
    pid: 42,
    occurredAt: 1700000000000,
    ok: false,
  };
  assert.equal(event, expected);
  assert.equal(parseEvent(event), expected);
});

test("takes every kind of the protocol", async () => {
  for (const kind of EVENT_KINDS) assert.is((await runFake(["event", kind, "--session", "s"], taken)).code, 0, kind);
});

test("--json prints the broker's answer, --quiet nothing", async () => {
  const args = ["event", "tool.end", "--session", "s1"];
  assert.is((await runFake([...args, "--json"], taken)).out, `${JSON.stringify(ACCEPTED)}\n`);
  assert.is((await runFake([...args, "--quiet"], taken)).out, "");
});

test("refuses what is missing or wrong before anything is sent", async () => {
  const cases: readonly (readonly [args: readonly string[], problem: RegExp])[] = [
    [[], /^perch: KIND is missing: one of session\.start, /],
    [
      ["tool.strat", "--session", "s1"],
      /^perch: The kind "tool\.strat" is unknown \(did you mean tool\.start\?\): choose from session\.start, /,
    ],
    [["tool.start"], /^perch: --session is missing: /],
    [["tool.start", "--session", ""], /^perch: --session is "": it must not be empty/],
    [["tool.end", "--session", "s1", "--exit-code", "x"], /^perch: --exit-code is "x": it must be a whole number /],
    [["tool.end", "--session", "s1", "--pid", "0"], /^perch: --pid is "0": it must be a whole number from 1 /],
    [["tool.end", "--session", "s1", "--source", "me"], /^perch: --source is "me": it must be one of hook, process, /],
    [["tool.end", "more", "--session", "s1"], /^perch: The word "more" is one too many/],
  ];
  for (const [args, problem] of cases) {
    const { code, err, asked } = await runFake(["event", ...args], taken);
    assert.equal({ code, asked }, { code: 2, asked: [] }, args.join(" "));
    assert.match(err, problem);
  }
});

test("what the broker finds wrong is a usage error in its words", async () => {
  const fetch = answering(400, {
    code: "invalid_sessionId",
    detail: 'The field "sessionId" of the event is "a b": it must be',
  });
  const { code, err } = await runFake(["event", "tool.end", "--session", "a b"], { fetch });
  assert.is(code, 2);
  assert.match(err, /^perch: The field "sessionId" of the event is "a b": it must be/);
});

test("what the broker can't take now is a failure in its words", async () => {
  const fetch = answering(503, { code: "shutting_down", detail: "The broker is shutting down: try again once it is back" });
  const { code, err } = await runFake(["event", "tool.end", "--session", "s1"], { fetch });
  assert.is(code, 1);
  assert.is(err, "perch: The broker refused the event (503): The broker is shutting down: try again once it is back\n");
});

test("tells what is no Perch broker, and what is not there at all", async () => {
  const args = ["event", "tool.end", "--session", "s1"];
  const peer = await runFake(args, { fetch: answering(404, { error: "not_found" }) });
  assert.is(peer.code, 1);
  assert.match(peer.err, /^perch: http:\S+ is no Perch broker: it answered POST \/v1\/events with 404\. /);
  const nobody = await runFake(args);
  assert.is(nobody.code, 1);
  assert.match(nobody.err, /^perch: No broker answers at http:\S+ \(ECONNREFUSED\): /);
});

test.run();
