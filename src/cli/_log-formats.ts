/** How a log record is written: as text for people, or as a line of JSON for programs. Neither holds a secret. @module */

import { getTextFormatter, type LogRecord, type TextFormatter } from "@logtape/logtape";
import type { LogFormat } from "./_log-words.ts";
import { type Plain, REDACTED, Redactor, redactText } from "./_redact.ts";
import { oneLine } from "./_text.ts";

/** Characters of a record, and of one text in it, at most: others write what is in it. Properties have room beside. */
const MOST_CHARS = 4_000;
const MOST_VALUE_CHARS = 400;
const MOST_PROPERTY_CHARS = 16_000;

const rendered: TextFormatter = getTextFormatter({ value: textOf, format: ({ message }) => message });

const headed: TextFormatter = getTextFormatter({
  timestamp: "rfc3339",
  level: "full",
  category: ".",
  value: textOf,
  format: ({ timestamp, level, category, message }) => `${timestamp} ${level} ${category} ${message}`,
});

/** Writes a record so that it ends its line. */
export const FORMATS: Readonly<Record<LogFormat, (record: LogRecord) => string>> = { text: asText, json: asJson };

/**
 * Time, level, category, message. Nothing in it can be taken for a command to a terminal or for another record: further lines of
 * a record, as traces have them, are indented.
 */
function asText(record: LogRecord): string {
  const text = redactText(headed(withoutSecrets(record).record));
  return `${cut(text.trimEnd(), MOST_CHARS).split("\n").map(oneLine).join("\n  ")}\n`;
}

/** One object: `timestamp`, `level`, `category`, `message`, `properties`. */
function asJson(record: LogRecord): string {
  const { record: clean, properties } = withoutSecrets(record);
  const line = JSON.stringify({
    timestamp: new Date(record.timestamp).toISOString(),
    level: record.level,
    category: redactText(record.category.join(".")),
    message: cut(redactText(rendered(clean)).trimEnd(), MOST_CHARS),
    properties: JSON.stringify(properties).length <= MOST_PROPERTY_CHARS ? properties : "[too large]",
  });
  return `${line.replace(HIDDEN, escaped)}\n`;
}

/** Secrets that are known by the name of their property are hidden in the message, too. */
function withoutSecrets(record: LogRecord): { readonly record: LogRecord; readonly properties: Plain } {
  const redactor = new Redactor();
  const properties = redactor.copy(record.properties);
  const message = record.message.map((part, index) => index % 2 === 1 && redactor.hides(part) ? REDACTED : part);
  return { record: { ...record, message }, properties };
}

function textOf(value: unknown): string {
  const plain = new Redactor().copy(value);
  if (value instanceof Error) return errorText(plain);
  return typeof plain === "string" ? cut(oneLine(plain), MOST_VALUE_CHARS) : cut(JSON.stringify(plain), MOST_CHARS);
}

/** A trace with its causes, and what else the error says. */
function errorText(error: Plain): string {
  if (typeof error !== "object" || error === null || !("stack" in error || "message" in error)) return JSON.stringify(error);
  const { name, message, stack, cause, ...others } = error;
  const more = Object.keys(others).length === 0 ? "" : ` ${cut(JSON.stringify(others), MOST_VALUE_CHARS)}`;
  const why = cause === undefined ? "" : `\n[cause]: ${errorText(cause)}`;
  return `${stack ?? `${name}: ${message}`}${more}${why}`;
}

/** What a terminal would obey or hide, which JSON allows in texts: control characters from U+0080 on, and what is invisible. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");

const cut = (text: string, chars: number): string => text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
