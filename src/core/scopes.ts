/** What a client may be allowed to do. @module */

/** Every scope, in the order of PROTOCOL.md. */
export const SCOPES = ["ingest", "read", "sessions", "messages", "admin"] as const;

/**
 * What a client may do: `ingest` post events and steer floaters, `read` the aggregate and bare sessions, `sessions` their titles,
 * folders, tools and events, `messages` is kept for messages between agents, `admin` tokens, tickets and metrics.
 */
export type Scope = typeof SCOPES[number];
