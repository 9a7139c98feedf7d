/** The errors that callers are expected to tell apart. @module */

/** Base of all errors of this package: `code` is stable and made for programs, `status` is the HTTP status it answers with. */
export class PerchError extends Error {
  /** The name of the class. */
  override readonly name: string = "PerchError";
  /** One of the codes in the table of errors of PROTOCOL.md. */
  readonly code: string;
  /** The HTTP status, 400 to 599. */
  readonly status: number;

  /**
   * An error that answers with `status`.
   *
   * @param message What happened, with which value, and what to do; clients of v1 are shown it as `detail`.
   */
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** What a client sent can't be taken. Nothing of it was kept. */
export class InvalidInputError extends PerchError {
  /** The name of the class. */
  override readonly name: string = "InvalidInputError";
}

/** The broker can't take it now; the same request may succeed later. */
export class UnavailableError extends PerchError {
  /** The name of the class. */
  override readonly name: string = "UnavailableError";
  /** When to try again, in whole seconds. */
  readonly retryAfter: number;

  /** An error with the status 503. */
  constructor(code: string, message: string, retryAfter: number, options?: ErrorOptions) {
    super(503, code, message, options);
    this.retryAfter = retryAfter;
  }
}

/** A framing encoder was given something that would break its frame. */
export class FramingError extends PerchError {
  override readonly name: string = "FramingError";

  constructor(message: string) {
    super(500, "unframeable", message);
  }
}
