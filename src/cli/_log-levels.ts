/** What `--log-level` takes, from the most to the least talkative. @module */

/** The levels of the log. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** A level of the log. */
export type LogLevel = typeof LOG_LEVELS[number];
