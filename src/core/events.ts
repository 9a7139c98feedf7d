/** The canonical events: what any agent's hook becomes before the state machine sees it. @module */

/** Every kind of canonical event, in the order of PROTOCOL.md. */
export const EVENT_KINDS = [
  "session.start",
  "session.end",
  "prompt.submit",
  "tool.start",
  "tool.end",
  "permission.request",
  "permission.resolve",
  "turn.complete",
  "turn.fail",
  "subagent.start",
  "subagent.stop",
  "compact.start",
  "compact.end",
  "session.update",
  "session.interrupt",
] as const;

/** A kind of canonical event. */
export type EventKind = typeof EVENT_KINDS[number];

/** Every witness that an event can come from. */
export const EVENT_SOURCES = ["hook", "process", "transcript", "client"] as const;

/** The witness that an event comes from. */
export type EventSource = typeof EVENT_SOURCES[number];

/** One canonical event as a client sends it. Times are client times and are never used for order. */
export interface AgentEvent {
  /** What happened. */
  readonly kind: EventKind;
  /**
   * The conversation that the event belongs to: 1 to 128 characters of `\x21-\x7E`; on the v0 surface any 1 to 1,024 characters.
   */
  readonly sessionId: string;
  /** The agent's name, e.g. `claude-code`. Same form as `sessionId`. */
  readonly agent?: string | undefined;
  /** Idempotency key: the same event sent again with it is not taken once more. Same form as `sessionId`. */
  readonly id?: string | undefined;
  /** When it happened by the client's clock, in milliseconds since 1970. Data only. */
  readonly occurredAt?: number | undefined;
  /** Default `client`. */
  readonly source?: EventSource | undefined;
  /** Joins the start, the end and the permission of one tool call. Same form as `sessionId`. */
  readonly toolUseId?: string | undefined;
  /** The tool's name, e.g. `Bash`: at most 256 characters, as UTF-16 counts them, like all texts here. */
  readonly tool?: string | undefined;
  /** `tool.end`: false when the tool failed. Default true. */
  readonly ok?: boolean | undefined;
  /** `tool.end`: the exit code of the tool's process, where there is one. Other than 0 it means failed, unless `ok` says. */
  readonly exitCode?: number | undefined;
  /** Process id of the agent: an integer from 1. */
  readonly pid?: number | undefined;
  /** The session's folder: at most 4,096 characters. It stays until another event changes it, as `agent`, `pid`, `title` and `activity` do. */
  readonly cwd?: string | undefined;
  /** What the session is about: at most 512 characters. */
  readonly title?: string | undefined;
  /** What goes on now: at most 1,024 characters. */
  readonly activity?: string | undefined;
  /** Why it ended or failed: at most 1,024 characters. Data only. */
  readonly reason?: string | undefined;
}

/** An event that the broker has taken: it has its place in the log and the broker's own time. */
export interface StampedEvent extends AgentEvent {
  /** Place in the log. This alone orders events. */
  readonly seq: number;
  /** Wall-clock time of arrival at the broker, in milliseconds since 1970. */
  readonly receivedAt: number;
  /**
   * True for an event of the v0 surface. Such events carry no tool id and no turn, so the plain rules hold for them: the base
   * state ends by silence alone and a completed message does not end it.
   */
  readonly plain?: boolean | undefined;
}
