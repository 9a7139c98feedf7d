/** `perch event`: tells the broker of one event, e.g. from a hook. @module */

import { EVENT_KINDS, EVENT_SOURCES } from "../core/events.ts";
import { BROKER_OPTIONS, brokerFor } from "./_broker.ts";
import { askBroker, JSON_OPTION, notPerch, refused, textAt } from "./_client-options.ts";
import type { Command } from "./_command.ts";
import { EXIT, UsageError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { hintFor } from "./_nearest.ts";
import { answerOption, choiceOption, integerOption, type Option, switchOption, textOption } from "./_option.ts";

/** A hook waits for this command, and an agent for its hook; in milliseconds. */
const ANSWER_MS = 2_000;

const MAX = Number.MAX_SAFE_INTEGER;
const text = (name: string, hint: string, description: string) => textOption({ name, hint, description, fallback: undefined });
const number = (name: string, hint: string, description: string, min: number) =>
  integerOption({ name, hint, description, min, max: MAX, fallback: undefined });

/** The fields of an event by the option that gives them. */
const FIELDS: Readonly<Record<string, Option<string | number | boolean | undefined>>> = {
  sessionId: text("session", "ID", "the conversation that it belongs to; needed"),
  agent: text("agent", "NAME", "the agent's name, e.g. claude-code"),
  id: text("id", "KEY", "a name of this event, for whoever reads it"),
  source: choiceOption({
    name: "source",
    description: "the witness",
    env: [],
    words: EVENT_SOURCES,
    fallback: undefined,
  }),
  tool: text("tool", "NAME", "the tool"),
  toolUseId: text("tool-use-id", "ID", "joins start, end and permission of one tool call"),
  ok: answerOption({ name: "ok", description: "the tool succeeded", opposite: "the tool failed" }),
  exitCode: number("exit-code", "CODE", "of the tool's process; other than 0 it failed", -MAX),
  title: text("title", "TEXT", "what the session is about"),
  activity: text("activity", "TEXT", "what goes on now"),
  cwd: text("cwd", "FOLDER", "the session's folder"),
  reason: text("reason", "TEXT", "why it ended or failed"),
  pid: number("pid", "PID", "the agent's process", 1),
  occurredAt: number("occurred-at", "MS", "when it happened, in milliseconds since 1970; only shown", 0),
};

const QUIET = switchOption({ name: "quiet", description: "print nothing when it was taken, for hooks whose output is read" });

/** `perch event` */
export const eventCommand: Command = {
  name: "event",
  description: "tell the broker of one event",
  words: [{ name: "KIND", description: `one of ${EVENT_KINDS.join(", ")}` }],
  options: [...Object.values(FIELDS), ...BROKER_OPTIONS, JSON_OPTION, QUIET],
  examples: [
    "perch event prompt.submit --session s1 --agent my-agent --title 'Fix the build'",
    "perch event tool.end --session s1 --tool bash --exit-code 1",
  ],
  async run(flags, io) {
    const event = readEvent(flags);
    const isJson = flags.get(JSON_OPTION);
    const isQuiet = flags.get(QUIET);
    const broker = await brokerFor(flags, io);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(event) };
    const { status, json } = await askBroker(io, broker, "/v1/events", ANSWER_MS, init);
    const detail = textAt(json, "detail");
    if (status === 400 && detail !== undefined) throw new UsageError(detail);
    if (status >= 400 && detail !== undefined) throw refused("The broker refused the event", status, json);
    const cursor = textAt(json, "cursor");
    if (status !== 200 || cursor === undefined) throw notPerch(broker.url, `POST /v1/events with ${status}`);
    if (!isQuiet) io.stdout(isJson ? `${JSON.stringify(json)}\n` : `taken, the log is at ${cursor}\n`);
    return EXIT.ok;
  },
};

function readEvent(flags: Flags): Readonly<Record<string, string | number | boolean | undefined>> {
  const [kind = ""] = flags.words;
  if (!EVENT_KINDS.some((known) => known === kind)) {
    const hint = hintFor(kind, EVENT_KINDS);
    throw new UsageError(`The kind ${JSON.stringify(kind)} is unknown${hint}: choose from ${EVENT_KINDS.join(", ")}`);
  }
  const fields = Object.entries(FIELDS).map(([name, option]) => [name, flags.get(option)] as const);
  const event = Object.fromEntries(fields);
  if (event["sessionId"] === undefined) {
    throw new UsageError("--session is missing: name the conversation that the event belongs to");
  }
  return { kind, ...event };
}
