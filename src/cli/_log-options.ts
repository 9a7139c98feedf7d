/** The flags of `perch serve` that are about its log. @module */

import type { Flags } from "./_flags.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "./_log-words.ts";
import { choiceOption, integerOption, type Option, switchOption, textOption } from "./_option.ts";
import type { LogFileSettings } from "./io.ts";

const LOG_LEVEL = choiceOption({
  name: "log-level",
  description: "least level of the log lines",
  env: ["PERCH_LOG_LEVEL", "MAVIS_PET_LOG_LEVEL"],
  words: LOG_LEVELS,
  fallback: "info",
});
const QUIET = switchOption({ name: "quiet", description: "no log lines below warn, whatever --log-level says" });
const LOG_FORMAT = choiceOption({
  name: "log-format",
  description: "how log lines look: for people, or one JSON object each",
  env: ["PERCH_LOG_FORMAT"],
  words: LOG_FORMATS,
  fallback: "text",
});
const LOG_FILE = textOption({
  name: "log-file",
  hint: "FILE",
  description: "where log lines go instead of stderr; full ones become FILE.1, FILE.2, …",
  env: ["PERCH_LOG_FILE"],
  fallback: undefined,
});
const LOG_MAX_BYTES = integerOption({
  name: "log-max-bytes",
  hint: "N",
  description: "bytes of a log file at most",
  env: ["PERCH_LOG_MAX_BYTES"],
  min: 65_536,
  max: 1_099_511_627_776,
  fallback: 10_485_760,
});
const LOG_MAX_FILES = integerOption({
  name: "log-max-files",
  hint: "N",
  description: "log files at most, with the one that is written; the oldest makes room",
  env: ["PERCH_LOG_MAX_FILES"],
  min: 1,
  max: 1_000,
  fallback: 5,
});

/** All of them. */
export const LOG_OPTIONS: readonly Option<unknown>[] = [LOG_LEVEL, QUIET, LOG_FORMAT, LOG_FILE, LOG_MAX_BYTES, LOG_MAX_FILES];

/** What was asked of the log. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Undefined for stderr. */
  readonly file: LogFileSettings | undefined;
}

/** Reads them. */
export function readLogSettings(flags: Flags): LogSettings {
  const level = flags.get(LOG_LEVEL);
  const path = flags.get(LOG_FILE);
  const limits = { maxBytes: flags.get(LOG_MAX_BYTES), maxFiles: flags.get(LOG_MAX_FILES) };
  return {
    level: flags.get(QUIET) && level !== "error" ? "warn" : level,
    format: flags.get(LOG_FORMAT),
    file: path === undefined ? undefined : { path, ...limits },
  };
}
