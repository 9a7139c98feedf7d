/** What a command may touch of the world outside. An adapter brings the real thing, a test its own. @module */

import type { Rate } from "../core/rate-limiter.ts";
import type { Surroundings } from "../folder/place.ts";
import type { Clock } from "../ports/clock.ts";
import type { Machine } from "../ports/machine.ts";
import type { Tokens } from "../ports/tokens.ts";
import type { MetricsFor } from "../routes/metrics.ts";

/** A terminal that a command can draw on. */
export interface Terminal {
  /** In characters; 80 by 24 where the terminal does not tell. */
  size(): { readonly columns: number; readonly rows: number };
  /** Calls `listener` when the size changes; returns how to stop. */
  onResize(listener: () => void): () => void;
  /** Writes `enter`; whatever ends the program, `leave` is written before. Returns how to leave earlier. */
  takeOver(enter: string, leave: string): () => void;
}

/** A certificate and its private key, as PEM. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
}

/** Who may come in to a broker, and how often. */
export interface DoorSettings {
  readonly origins: readonly string[];
  readonly allowHosts: readonly string[];
  readonly requireToken: boolean;
  readonly tls: TlsSettings | undefined;
  readonly limitRequests: boolean;
  readonly rates: { readonly streams: Rate };
  readonly metrics: MetricsFor;
}

/** How to start a broker. */
export interface BrokerSettings extends DoorSettings {
  readonly host: string;
  readonly port: number;
  readonly pet: string | undefined;
  readonly maxSessions: number;
  readonly maxReaders: number;
  readonly tokens: Tokens;
  /** Where the log is kept; undefined for a log in memory. */
  readonly database: string | undefined;
}

/** A file for log lines, and how much it may take. */
export interface LogFileSettings {
  readonly path: string;
  /** Bytes of one file at most; a line that is longer stays alone. */
  readonly maxBytes: number;
  /** Files at most: `path`, and the full ones as `path.1`, `path.2` and so on, the newest first. */
  readonly maxFiles: number;
}

/** A file for log lines that is open. */
export interface LogFile {
  /**
   * Appends a line, which ends itself.
   *
   * @throws {Error} With the system's `code`, if it can't be written; the next one may be.
   */
  write(line: string): void;
  close(): void;
}

/** A broker that listens. */
export interface StartedBroker {
  /** `http://host:port` with the real port. */
  readonly url: string;
  /** Ends in order, within 5 seconds. */
  close(): Promise<void>;
}

/** The world outside. */
export interface Io {
  /** For data only. A reader that went away ends the program in peace, any other failure with exit code 1 and a line on stderr. */
  stdout(text: string): void;
  /** For everything that is said to people. */
  stderr(text: string): void;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Undefined when stdout is none. */
  readonly terminal: Terminal | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** Where the program runs, and for whom. */
  readonly surroundings: Surroundings;
  /** The disk and what else the state folder needs; loaded when it is asked for. */
  machine(): Promise<Machine>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /**
   * Aborts at the first SIGINT, SIGTERM or, where the platform has it, SIGHUP, which from this call on do not end the program; a
   * second SIGINT or SIGTERM ends it at once. A command that never asks is ended by the first.
   */
  stopSignal(): AbortSignal;
  /**
   * Opens a file for log lines that only its owner may read.
   *
   * @throws {Error} With the system's `code`, if it can't.
   */
  openLogFile(settings: LogFileSettings): Promise<LogFile>;
  /**
   * Starts a broker.
   *
   * @throws {Error} With the system's `code`, e.g. `EADDRINUSE`, if it can't listen.
   */
  serve(settings: BrokerSettings): Promise<StartedBroker>;
}
