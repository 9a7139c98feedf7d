/** The wire: what v1 streams and snapshots carry. Hand-written, so that it is the same on npm and JSR. @module */

import type { AgentEvent, StampedEvent } from "../core/events.ts";
import type { Because } from "../core/session.ts";
import type { Pose, State } from "../core/states.ts";
import type { ResetReason } from "./codes.ts";

/** What a stream can carry. `events` needs the scope `sessions`; `messages` is reserved for messages between agents. */
export const TOPICS = ["state", "pet", "sessions", "events", "messages"] as const;

/** A part of the stream that a reader can ask for. Default: `state`, `pet` and `sessions`. */
export type Topic = typeof TOPICS[number];

/** The topics of a reader that asks for none. */
export const DEFAULT_TOPICS: readonly Topic[] = ["state", "pet", "sessions"];

/** Why the aggregate is in its state: the reason of the session that changed it, and which session that was. */
export interface StateBecause extends Because {
  readonly sessionId: string;
}

/** `state`: the aggregate of all sessions. */
export interface StateData {
  readonly state: State;
  readonly pose: Pose;
  /** Since when `state` holds: wall clock, milliseconds since 1970. */
  readonly since: number;
  /** Sessions per state. */
  readonly counts: Readonly<Record<State, number>>;
  /** Absent until the first event; absent for a reader without the scope `sessions`. */
  readonly because?: StateBecause | undefined;
}

/** What any reader may know of a session. */
export interface BareSessionData {
  readonly id: string;
  readonly agent?: string | undefined;
  readonly state: State;
  readonly pose: Pose;
  /** Since when `state` holds: wall clock, milliseconds since 1970. */
  readonly since: number;
}

/** `session`: one session. The optional fields need the scope `sessions`. */
export interface SessionData extends BareSessionData {
  readonly startedAt?: number | undefined;
  readonly title?: string | undefined;
  readonly activity?: string | undefined;
  /** The tool that runs now. */
  readonly tool?: string | undefined;
  readonly cwd?: string | undefined;
  readonly pid?: number | undefined;
  readonly because?: Because | undefined;
}

/** Why a session is gone: it ended, it was silent for too long, or it was evicted for a newer one. */
export type GoneReason = "ended" | "silent" | "evicted";

/** `session.gone`: a session is forgotten. */
export interface SessionGoneData {
  readonly id: string;
  readonly reason: GoneReason;
}

/** `pet`: the pet that floaters show; null before one was chosen. */
export interface PetData {
  readonly slug: string | null;
}

/** `event`: a canonical event as it was taken. */
export type EventData = StampedEvent;

/** `hello`: the first message of every stream. */
export interface HelloData {
  readonly epoch: string;
  readonly head: number;
  readonly mode: "snapshot" | "delta";
  /** The cursor that this stream answers, cut to 64 characters; absent when there was none. Tells a late `resume` from no resume. */
  readonly since?: string | undefined;
  /** True when the stream goes on exactly where the cursor left off. */
  readonly recovered: boolean;
  /** The longest silence of a healthy stream, in milliseconds. */
  readonly heartbeatMs: number;
  /** The broker's version. */
  readonly version: string;
}

/** `reset`: what the reader knew is void; a `snapshot` follows. */
export interface ResetData {
  readonly reason: ResetReason;
}

/** `snapshot`: everything at one place in the log. Parts that the reader's topics leave out are absent. */
export interface SnapshotData {
  readonly epoch: string;
  /** The place in the log that this is the state of. */
  readonly seq: number;
  readonly state?: StateData;
  readonly pet?: PetData;
  /** In the order in which they were first seen. */
  readonly sessions?: readonly SessionData[];
}

/** `live`: from here on, everything is as it happens. */
export interface LiveData {
  readonly head: number;
}

/** `bye`: the broker ends the stream. */
export interface ByeData {
  readonly reason: "shutdown" | "slow" | "overload";
  readonly reconnectInMs: number;
}

/** Data of the messages that are in the log, by type. */
export interface LoggedData {
  readonly state: StateData;
  readonly session: SessionData;
  readonly "session.gone": SessionGoneData;
  readonly pet: PetData;
  readonly event: EventData;
}

/** Data of every message, by type. `conflated: n` in the data of a state, session or pet says that n older ones were left out. */
export interface MessageData extends LoggedData {
  readonly hello: HelloData;
  readonly reset: ResetData;
  readonly snapshot: SnapshotData;
  readonly live: LiveData;
  readonly bye: ByeData;
}

/** A message type. */
export type MessageType = keyof MessageData;

/** A type of message that is in the log and so has a cursor of its own. */
export type LoggedType = keyof LoggedData;

/** A message as a WebSocket frame carries it; SSE carries the same in `event:`, `id:` and `data:`. */
export type WireMessage = {
  [Type in MessageType]: {
    readonly type: Type;
    /** The cursor after this message; absent on `hello`, `reset` and `bye`. */
    readonly id?: string;
    readonly data: MessageData[Type];
  };
}[MessageType];

/** The answer to `POST /v1/events`. */
export interface AcceptedData {
  /** How many events were taken: all. */
  readonly accepted: number;
  /** Their places in the log, in the order sent. */
  readonly seqs: readonly number[];
  /** The log after them and all that followed from them. */
  readonly cursor: string;
}

/** The answer to `GET /v1/events`: what a stream would have sent after the cursor. */
export interface HistoryData {
  readonly messages: readonly WireMessage[];
  /** The cursor to ask with next. */
  readonly next: string;
  /** True when there is more than this page. */
  readonly more: boolean;
}

/** An error of the v1 surface: RFC 9457, `application/problem+json`. */
export interface ProblemData {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable; made for programs. */
  readonly code: string;
  /** What happened, with which value, and what to do. */
  readonly detail: string;
  /** 410: where to get the present state. */
  readonly snapshot?: string;
}

/** What a client sends to `POST /v1/events`: one event, or up to 100 of which all or none are taken. */
export type IngestData = AgentEvent | readonly AgentEvent[];
