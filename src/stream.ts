/** What a v1 reader is told, over whatever transport: a greeting, what it missed or a snapshot, and then what comes. @module */

import type { Broker } from "./broker.ts";
import { type Dialect, type Selection, selects } from "./hub/dialect.ts";
import type { ResetReason } from "./protocol/codes.ts";
import { formatCursor, planResume } from "./protocol/cursor.ts";
import { bareSession, bareState, describeSession } from "./protocol/describe.ts";
import type { Message } from "./protocol/message.ts";
import type { ByeData, MessageData, MessageType, SessionData, SnapshotData } from "./protocol/types.ts";
import type { Wording } from "./protocol/wording.ts";
import { VERSION } from "./version.ts";

/** A reader that missed more messages, or more characters of them, than this gets a snapshot instead. */
export const REPLAY_LIMITS: { readonly messages: number; readonly chars: number } = { messages: 4096, chars: 1024 * 1024 };

/** The words of all readers of one selection over one transport. */
export class StreamDialect implements Dialect {
  readonly name: string;
  readonly transport: string;
  readonly sessionId: string | undefined;
  readonly canRestart: boolean;
  readonly selection: Selection;
  readonly #broker: Broker;
  readonly #wording: Wording;
  readonly #heartbeatMs: number;
  readonly #epoch: string;
  readonly heartbeat?: () => string;

  constructor(broker: Broker, selection: Selection, wording: Wording, heartbeatMs: number) {
    this.#broker = broker;
    this.#wording = wording;
    this.#heartbeatMs = heartbeatMs;
    this.#epoch = broker.bounds().epoch;
    this.selection = selection;
    this.sessionId = selection.sessionId;
    this.canRestart = !selection.topics.includes("events") && !selection.topics.includes("messages");
    this.transport = wording.name;
    this.name = [wording.name, selection.view, [...selection.topics].sort().join(), selection.sessionId ?? ""].join(" ");
    const { heartbeat } = wording;
    if (heartbeat !== undefined) this.heartbeat = () => heartbeat(formatCursor(this.#epoch, broker.bounds().head));
  }

  text(message: Message, conflated: number): string | undefined {
    if (!selects(this.selection, message)) return undefined;
    const json = message.json(this.selection.view);
    const id = formatCursor(this.#epoch, message.seq);
    return this.#wording.tell(message.body.type, id, conflated === 0 ? json : `{"conflated":${conflated},${json.slice(1)}`);
  }

  restart(): readonly string[] | undefined {
    return this.canRestart ? this.#fromSnapshot("gap") : undefined;
  }

  /** The texts with which a stream starts for a reader that has seen everything up to `cursor`. */
  greet(cursor: string | undefined): string[] {
    const log = this.#broker.bounds();
    const plan = planResume(cursor, log);
    const missed = plan.mode === "delta" ? this.#missed(plan.since, log.head) : plan.reason;
    const isWhole = typeof missed !== "string";
    const hello = this.#say("hello", undefined, {
      epoch: log.epoch,
      head: log.head,
      mode: isWhole ? "delta" : "snapshot",
      since: cursor?.slice(0, 64),
      recovered: isWhole,
      heartbeatMs: this.#heartbeatMs,
      version: VERSION,
    });
    return isWhole ? [hello, ...missed, this.#live()] : [hello, ...this.#fromSnapshot(missed)];
  }

  /** The last words of a stream. */
  bye(data: ByeData): string {
    return this.#say("bye", undefined, data);
  }

  /** The texts of all messages after `seq`, or why they can't be told. */
  #missed(seq: number, head: number): string[] | ResetReason {
    if (head - seq > REPLAY_LIMITS.messages) return "too_large";
    const messages = this.#broker.read(seq, REPLAY_LIMITS.messages);
    if (messages.length < head - seq) return "gap";
    const texts: string[] = [];
    let chars = 0;
    for (const message of messages) {
      const text = this.text(message, 0);
      if (text === undefined) continue;
      chars += text.length;
      if (chars > REPLAY_LIMITS.chars) return "too_large";
      texts.push(text);
    }
    return texts;
  }

  #fromSnapshot(reason: ResetReason): string[] {
    const { epoch, head } = this.#broker.bounds();
    const reset = this.#say("reset", undefined, { reason });
    const snapshot = this.#wording.tell("snapshot", formatCursor(epoch, head), snapshotJson(this.#broker, this.selection));
    return [reset, snapshot, this.#live()];
  }

  #live(): string {
    const { epoch, head } = this.#broker.bounds();
    return this.#say("live", formatCursor(epoch, head), { head });
  }

  #say<Type extends MessageType>(type: Type, id: string | undefined, data: MessageData[Type]): string {
    return this.#wording.tell(type, id, JSON.stringify(data));
  }
}

/** Everything that readers of `selection` may know now. */
export function snapshot(broker: Broker, { topics, view, sessionId }: Selection): SnapshotData {
  const { epoch, head } = broker.bounds();
  const state = topics.includes("state") ? broker.state() : undefined;
  return {
    epoch,
    seq: head,
    ...(state === undefined ? {} : { state: view === "full" ? state : bareState(state) }),
    ...(topics.includes("pet") ? { pet: { slug: broker.pet() } } : {}),
    ...(topics.includes("sessions") ? { sessions: snapshotSessions(broker, view === "full", sessionId) } : {}),
  };
}

function snapshotSessions(broker: Broker, isFull: boolean, sessionId: string | undefined): SessionData[] {
  const sessions: SessionData[] = [];
  for (const session of broker.sessions()) {
    if (sessionId !== undefined && session.id !== sessionId) continue;
    const data = describeSession(session);
    sessions.push(isFull ? data : bareSession(data));
  }
  return sessions;
}

interface SnapshotMemo {
  readonly cursor: string;
  readonly byKey: Map<string, string>;
}

const memos = new WeakMap<Broker, SnapshotMemo>();

/** The same as JSON, made once for all that ask at one place in the log and for all sessions, as many do after a restart. */
export function snapshotJson(broker: Broker, selection: Selection): string {
  if (selection.sessionId !== undefined) return JSON.stringify(snapshot(broker, selection));
  const { epoch, head } = broker.bounds();
  const cursor = formatCursor(epoch, head);
  let memo = memos.get(broker);
  if (memo?.cursor !== cursor) memos.set(broker, memo = { cursor, byKey: new Map() });
  const key = [selection.view, ...selection.topics].join(" ");
  let json = memo.byKey.get(key);
  if (json === undefined) memo.byKey.set(key, json = JSON.stringify(snapshot(broker, selection)));
  return json;
}
