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
  /** Its id; the session may be gone. */
  readonly sessionId: string;
}

/** `state`: the aggregate of all sessions. */
export interface StateData {
  /** The first state of the order that any session is in; `idle` without sessions. */
  readonly state: State;
  /** What a floater shows for `state`. */
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
  /** The `sessionId` of its events. */
  readonly id: string;
  /** The agent's name, e.g. `claude-code`. */
  readonly agent?: string | undefined;
  /** What shows. */
  readonly state: State;
  /** What a floater shows for `state`. */
  readonly pose: Pose;
  /** Since when `state` holds: wall clock, milliseconds since 1970. */
  readonly since: number;
}

/** `session`: one session. The optional fields need the scope `sessions`. */
export interface SessionData extends BareSessionData {
  /** When its first event came: wall clock, milliseconds since 1970. */
  readonly startedAt?: number | undefined;
  /** What it is about. */
  readonly title?: string | undefined;
  /** What goes on in it. */
  readonly activity?: string | undefined;
  /** The tool that runs now. */
  readonly tool?: string | undefined;
  /** Its folder. */
  readonly cwd?: string | undefined;
  /** The agent's process. */
  readonly pid?: number | undefined;
  /** Why it is in its state. */
  readonly because?: Because | undefined;
}

/** Why a session is gone: it ended, it was silent for too long, or it was evicted for a newer one. */
export type GoneReason = "ended" | "silent" | "evicted";

/** `session.gone`: a session is forgotten. */
export interface SessionGoneData {
  /** The session's; a later event may begin a new one of the same id. */
  readonly id: string;
  /** Why it is forgotten. */
  readonly reason: GoneReason;
}

/** `pet`: the pet that floaters show. */
export interface PetData {
  /** Its name; null, in a snapshot only, before one was chosen. */
  readonly slug: string | null;
}

/** `event`: a canonical event as it was taken. */
export type EventData = StampedEvent;

/** `hello`: the first message of every stream. */
export interface HelloData {
  /** Names the log; another one means that the broker was started anew. */
  readonly epoch: string;
  /** `seq` of the newest message in the log. */
  readonly head: number;
  /** What follows: `reset` and a `snapshot`, or every message after the cursor. */
  readonly mode: "snapshot" | "delta";
  /** The cursor that this stream answers, cut to 64 characters; absent when there was none. Tells a late `resume` from no resume. */
  readonly since?: string | undefined;
  /** True when the stream goes on exactly where the cursor left off. */
  readonly recovered: boolean;
  /**
   * After how long a quiet stream gives a sign of life, in milliseconds; at most 1,000 ms later, as the broker looks once a second.
   * Default 15,000 over SSE (an id), 25,000 over a WebSocket (a ping).
   */
  readonly heartbeatMs: number;
  /** The broker's version. */
  readonly version: string;
}

/** `reset`: all that the reader knew is void; a `snapshot` follows. */
export interface ResetData {
  /** Why what the reader knew is void. */
  readonly reason: ResetReason;
}

/** `snapshot`: everything at one place in the log. Parts that the reader's topics leave out are absent. */
export interface SnapshotData {
  /** Names the log. */
  readonly epoch: string;
  /** The place in the log that this is the state of. */
  readonly seq: number;
  /** The aggregate. */
  readonly state?: StateData;
  /** The pet that floaters show. */
  readonly pet?: PetData;
  /** In the order in which they were first seen. */
  readonly sessions?: readonly SessionData[];
}

/** `live`: from here on, everything is as it happens. */
export interface LiveData {
  /** `seq` of the newest message in the log. */
  readonly head: number;
}

/** `bye`: the broker ends the stream. */
export interface ByeData {
  /** `shutdown`: the broker goes. `overload`: this is one reader too many. `slow` is not sent yet. */
  readonly reason: "shutdown" | "slow" | "overload";
  /** When to come back, in milliseconds: a random time from 500 to 5,000. */
  readonly reconnectInMs: number;
}

/** Data of the messages that are in the log, by type. */
export interface LoggedData {
  /** The topic `state`: one of the `counts` has changed. */
  readonly state: StateData;
  /** The topic `sessions`: something of the session has changed. */
  readonly session: SessionData;
  /** The topic `sessions`: the session is forgotten. */
  readonly "session.gone": SessionGoneData;
  /** The topic `pet`: one was chosen. */
  readonly pet: PetData;
  /** The topic `events`: the event was taken. */
  readonly event: EventData;
}

/** Data of every message, by type. `conflated: n` in the data of a state, session or pet says that n older ones were left out. */
export interface MessageData extends LoggedData {
  /** Comes first, and again after a late `resume`. */
  readonly hello: HelloData;
  /** Comes before a snapshot. */
  readonly reset: ResetData;
  /** Comes when the stream can't go on from the reader's cursor. */
  readonly snapshot: SnapshotData;
  /** Comes once the reader is up to date. */
  readonly live: LiveData;
  /** Comes last, where the broker ends the stream in order. */
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
  /** How many events were taken: all but those that were taken before. */
  readonly accepted: number;
  /** Their places in the log, in the order sent; of those that were taken before, the places that they have since then. */
  readonly seqs: readonly number[];
  /** The log after them and all that followed from them. */
  readonly cursor: string;
  /** True when all of them were taken before, so that nothing has happened; else absent. */
  readonly duplicate?: true;
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
