/** A message of the log, serialised once whatever the number of readers. @module */

import type { Session } from "../core/session.ts";
import { bareSession, bareState, describeSession } from "./describe.ts";
import type { EventData, LoggedData, LoggedType, PetData, SessionGoneData, StateData, Topic } from "./types.ts";

/** Who may see how much: `full` for readers with the scope `sessions`, `bare` for the others. */
export type View = "full" | "bare";

/** What a message tells. A session is put into wire form only when somebody reads the message. */
export type MessageBody =
  | { readonly type: "state"; readonly data: StateData }
  | { readonly type: "session"; readonly session: Session }
  | { readonly type: "session.gone"; readonly data: SessionGoneData }
  | { readonly type: "pet"; readonly data: PetData }
  | { readonly type: "event"; readonly data: EventData };

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
  /** Its place in the log, from 1 on. */
  readonly seq: number;
  /** What it tells; never changed. */
  readonly body: MessageBody;
  /** The session it is about; undefined for the aggregate and the pet. */
  readonly sessionId: string | undefined;
  /** True when readers of the view `bare` would see no difference. */
  readonly detailsOnly: boolean;
  #full: string | undefined;
  #bare: string | undefined;

  /** A message for the place `seq`; it is in the log once a store has taken it. */
  constructor(seq: number, body: MessageBody, sessionId?: string, detailsOnly = false) {
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
    const { body } = this;
    if (body.type === "session") return MESSAGE_BYTES + textBytes(body.session);
    return body.type === "event" ? MESSAGE_BYTES + textBytes(body.data) : MESSAGE_BYTES;
  }

  /** The data as JSON, made on first use. */
  json(view: View): string {
    if (view === "full") return this.#full ??= JSON.stringify(fullData(this.body));
    return this.#bare ??= JSON.stringify(bareData(this.body));
  }
}

function fullData(body: MessageBody): LoggedData[LoggedType] {
  return body.type === "session" ? describeSession(body.session) : body.data;
}

function bareData(body: MessageBody): LoggedData[LoggedType] {
  switch (body.type) {
    case "session":
      return bareSession(describeSession(body.session));
    case "state":
      return bareState(body.data);
    default:
      return body.data;
  }
}

interface Texts {
  readonly title?: string | undefined;
  readonly activity?: string | undefined;
  readonly cwd?: string | undefined;
  readonly reason?: string | undefined;
}

const textBytes = ({ title, activity, cwd, reason }: Texts): number =>
  2 * ((title?.length ?? 0) + (activity?.length ?? 0) + (cwd?.length ?? 0) + (reason?.length ?? 0));
