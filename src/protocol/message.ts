/** A message of the log, serialised once whatever the number of readers. @module */

import type { LoggedData, LoggedType, SessionData, StateData, Topic } from "./types.ts";

/** Who may see how much: `full` for readers with the scope `sessions`, `bare` for the others. */
export type View = "full" | "bare";

type Logged = { [Type in LoggedType]: { readonly type: Type; readonly data: LoggedData[Type] } }[LoggedType];

/** The topic that each type belongs to. */
export const TOPIC_OF: Readonly<Record<LoggedType, Topic>> = {
  state: "state",
  session: "sessions",
  "session.gone": "sessions",
  pet: "pet",
  event: "events",
};

/** What one message takes up in memory beside its long texts, in bytes; an estimate. */
const MESSAGE_BYTES = 256;

/** A message that has its place in the log. */
export class Message {
  readonly seq: number;
  readonly body: Logged;
  /** The session it is about; undefined for the aggregate and the pet. */
  readonly sessionId: string | undefined;
  /** True when readers of the view `bare` would see no difference. */
  readonly detailsOnly: boolean;
  #full: string | undefined;
  #bare: string | undefined;

  constructor(seq: number, body: Logged, sessionId?: string, detailsOnly = false) {
    this.seq = seq;
    this.body = body;
    this.sessionId = sessionId;
    this.detailsOnly = detailsOnly;
  }

  /** Messages of one key replace each other: only the last of them is true now. Events have none, each one counts. */
  get key(): string | undefined {
    const { type } = this.body;
    if (type === "event") return undefined;
    return type === "session" || type === "session.gone" ? `session ${this.sessionId}` : type;
  }

  /** About how much memory the message holds, in bytes. */
  get bytes(): number {
    const { type, data } = this.body;
    if (type !== "event" && type !== "session") return MESSAGE_BYTES;
    const reason = type === "event" ? textBytes(data.reason) : 0;
    return MESSAGE_BYTES + textBytes(data.title) + textBytes(data.activity) + textBytes(data.cwd) + reason;
  }

  /** The data as JSON, made on first use. */
  json(view: View): string {
    if (view === "full") return this.#full ??= JSON.stringify(this.body.data);
    return this.#bare ??= JSON.stringify(bareData(this.body));
  }
}

function bareData(body: Logged): unknown {
  switch (body.type) {
    case "session":
      return bareSession(body.data);
    case "state":
      return bareState(body.data);
    default:
      return body.data;
  }
}

/** The session without what needs the scope `sessions`. */
export function bareSession({ id, agent, state, pose, since }: SessionData): SessionData {
  return agent === undefined ? { id, state, pose, since } : { id, agent, state, pose, since };
}

/** The aggregate without what needs the scope `sessions`. */
export function bareState({ state, pose, since, counts }: StateData): StateData {
  return { state, pose, since, counts };
}

const textBytes = (text: string | undefined): number => text === undefined ? 0 : 2 * text.length;
