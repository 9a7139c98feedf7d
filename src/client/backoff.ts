/** How long to wait before the next try. @module */

/** Waits double from one failed try to the next. What is left out keeps its default. */
export interface BackoffOptions {
  /** The first wait at most, in milliseconds. Default 500 (0.5 s). */
  readonly firstMs?: number;
  /** Any wait at most, in milliseconds, unless the broker asks for a longer one. Default 30,000 (30 s). */
  readonly maxMs?: number;
  /** A stream that was live for so long has the next waits start from the first again, in milliseconds. Default 60,000 (60 s). */
  readonly stableMs?: number;
}

/** The documented defaults of {@linkcode BackoffOptions}. */
export const DEFAULT_BACKOFF: Required<BackoffOptions> = { firstMs: 500, maxMs: 30_000, stableMs: 60_000 };

/**
 * The wait before the next try, in whole milliseconds: anything from 0 to a limit that doubles with each failure (full jitter),
 * so that readers that were cut off together don't come back together.
 *
 * @param failures How many tries have failed before this wait's own; 0 for the first wait.
 * @param random A number from 0 up to, but not including, 1.
 */
export function backoffMs(failures: number, { firstMs, maxMs }: Required<BackoffOptions>, random: number): number {
  return Math.round(random * Math.min(maxMs, firstMs * 2 ** failures));
}
