/** Locks between processes, held by the kernel: it lets go of them when a process ends, however it ends. @module */

/** A lock that this process holds. */
export interface Lock {
  /** Lets go of it; may be called twice. */
  release(): void;
}

/** Locks on files. A process that hangs or was stopped goes on holding what it holds. */
export interface Locks {
  /**
   * Takes the lock on the file `path`, which must be there; undefined when another holder does not let go of it. Meanwhile
   * nothing else of this process runs.
   *
   * @param waitMs How long to wait for it, in milliseconds.
   * @throws {Error} If the file can't be locked at all.
   */
  take(path: string, waitMs: number): Lock | undefined;
  /** True while anybody holds the lock, this process included. */
  isHeld(path: string): boolean;
}
