/** What the flags of the log take. @module */

/** The levels of the log, from the most to the least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** A level of the log. */
export type LogLevel = typeof LOG_LEVELS[number];

/** How a record is written. */
export const LOG_FORMATS = ["text", "json"] as const;

/** A format of the log. */
export type LogFormat = typeof LOG_FORMATS[number];
