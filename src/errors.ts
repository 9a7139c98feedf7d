/** The errors that callers are expected to tell apart. @module */

/** Base of all errors of this package: `code` is stable and made for programs, `status` is the HTTP status it answers with. */
export class PerchError extends Error {
  /** The name of the class. */
  override readonly name: string = "PerchError";
  /** One of the codes in the table of errors of PROTOCOL.md. */
  readonly code: string;
  /** The HTTP status, 400 to 599. */
  readonly status: number;
  /** When to try again, in whole seconds; undefined where that would not help. */
  readonly retryAfter: number | undefined;

  /**
   * An error that answers with `status`.
   *
   * @param message What happened, with which value, and what to do; clients of v1 are shown it as `detail`.
   */
  constructor(status: number, code: string, message: string, options: PerchErrorOptions = {}) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}

/** Options of a {@linkcode PerchError}. */
export interface PerchErrorOptions extends ErrorOptions {
  /** When to try again, in whole seconds. Default: never. */
  readonly retryAfter?: number;
}

/** What a client sent can't be taken. Nothing of it was kept. */
export class InvalidInputError extends PerchError {
  /** The name of the class. */
  override readonly name: string = "InvalidInputError";
}

/** What a client sent contradicts what is under way or was sent before. Nothing of it was kept. */
export class ConflictError extends PerchError {
  /** The name of the class. */
  override readonly name: string = "ConflictError";
}

/** The broker can't take it now; the same request may succeed later. */
export class UnavailableError extends PerchError {
  /** The name of the class. */
  override readonly name: string = "UnavailableError";

  /** An error with the status 503, to be tried again after `retryAfter` seconds. */
  constructor(code: string, message: string, retryAfter: number, options: ErrorOptions = {}) {
    super(503, code, message, { ...options, retryAfter });
  }
}

/** The store can't keep it now: 507 `disk_full`, or 503 `store_failed`. Nothing has happened. */
export class StoreError extends PerchError {
  /** The name of the class. */
  override readonly name: string = "StoreError";

  /** An error of a store; the reason is its `cause`, which is for the log only. */
  constructor(code: "disk_full" | "store_failed", options: ErrorOptions = {}) {
    const { status, detail } = STORE_PROBLEMS[code];
    super(status, code, detail, { ...options, retryAfter: 5 });
  }
}

const STORE_PROBLEMS = {
  disk_full: {
    status: 507,
    code: "disk_full",
    detail: "The disk of the broker is full, so nothing was kept: make room, and send it again",
  },
  store_failed: {
    status: 503,
    code: "store_failed",
    detail: "The broker can't write to its store, so nothing was kept: see its log, and send it again",
  },
} as const;

/** A framing encoder was given something that would break its frame. */
export class FramingError extends PerchError {
  override readonly name: string = "FramingError";

  constructor(message: string) {
    super(500, "unframeable", message);
  }
}
