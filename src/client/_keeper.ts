/** Keeps one link up: tries, waits, gives up, and says so. Knows nothing of what the messages mean. @module */

import { backoffMs } from "./backoff.ts";
import type { ClientClock } from "./clock.ts";
import { type Link, type LinkEvents, type Loss, reasonOf } from "./_link.ts";
import { createWatchdog, type Watchdog } from "./_watchdog.ts";
import type { Limits } from "./options.ts";
import type { Cause, Status } from "./status.ts";

/** Options of {@linkcode Keeper}. */
export interface KeeperOptions {
  readonly clock: ClientClock;
  readonly limits: Limits;
  /** Makes a try. What it throws ends it all: then no try to open a link can ever succeed. */
  readonly openLink: (events: LinkEvents) => Link;
  /** Told of each change; must not throw. */
  readonly onStatus: (status: Status) => void;
  /** Throws when it can't make sense of a message. Such a stream is no better than a broken one: it is replaced. */
  readonly onMessage: (raw: unknown) => void;
  /** Throws when the cursor is of another log. */
  readonly onHeartbeat: (id: string) => void;
}

interface Try {
  link: Link | undefined;
  /** What the broker asked to wait before the next one. */
  retryMs: number;
}

/** A broker that is silent for so much longer than it said is not just late. */
const HEARTBEAT_MARGIN = 1.5;

/** See the module. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #watchdog: Watchdog;
  #status: Status = { phase: "connecting" };
  #try: Try | undefined;
  #failures = 0;
  #cancelWait: (() => void) | undefined;
  #cancelStable: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#watchdog = createWatchdog(options.clock, () => this.#try?.link?.probe?.(), (ms) => {
      this.lose({ code: "silent", detail: `Nothing came for ${ms} ms` });
    });
  }

  get status(): Status {
    return this.#status;
  }

  /** Makes a try; to be called once, all others follow by themselves. */
  start(): void {
    const { retryInMs: _retryInMs, ...status } = this.#status;
    if (status.phase === "closed") return;
    const current: Try = { link: undefined, retryMs: 0 };
    this.#try = current;
    this.#cancelWait = undefined;
    this.#watchdog.start(this.#options.limits.watchdogMs);
    try {
      current.link = this.#options.openLink(this.#eventsOf(current));
    } catch (error) {
      return this.lose({ code: "cannot_open", detail: `Cannot connect: ${reasonOf(error)}`, isFinal: true });
    }
    this.#tell(status);
  }

  /** The broker may be silent for so long. It need not be where it can be asked for a sign of life. */
  expectHeartbeat(ms: number): void {
    if (this.#try?.link?.probe !== undefined) return;
    this.#watchdog.start(Math.max(this.#options.limits.watchdogMs, ms * HEARTBEAT_MARGIN));
  }

  /** The stream is up to date. */
  confirm(): void {
    if (this.#status.phase === "live") return;
    const { clock, limits } = this.#options;
    this.#cancelStable = clock.after(limits.stableMs, () => this.#failures = 0);
    this.#tell({ phase: "live" });
  }

  /** Ends the link, and has another one follow unless that can't help. */
  lose({ code, detail, isFinal, waitMs }: Loss): void {
    const lost = this.#try;
    if (lost === undefined) return;
    const cause = { code, detail };
    if (isFinal === true) return this.close(cause);
    this.#drop();
    const { clock, limits } = this.#options;
    const retryInMs = Math.max(backoffMs(this.#failures, limits, clock.random()), waitMs ?? lost.retryMs);
    this.#failures += 1;
    this.#cancelWait = clock.after(retryInMs, () => this.start());
    this.#tell({ phase: this.#status.phase === "connecting" ? "connecting" : "stale", cause, retryInMs });
  }

  /** Ends it for good. */
  close(cause: Cause): void {
    if (this.#status.phase === "closed") return;
    this.#cancelWait?.();
    this.#drop();
    this.#tell({ phase: "closed", cause });
  }

  #eventsOf(current: Try): LinkEvents {
    const { onMessage, onHeartbeat } = this.#options;
    const whileCurrent = <Args extends unknown[]>(act: (...args: Args) => void) => (...args: Args): void => {
      if (this.#try !== current) return;
      try {
        act(...args);
      } catch (error) {
        this.lose({ code: "invalid_message", detail: reasonOf(error) });
      }
    };
    return {
      sign: whileCurrent(() => this.#watchdog.heard()),
      message: whileCurrent(onMessage),
      heartbeat: whileCurrent(onHeartbeat),
      retry: whileCurrent((ms: number) => current.retryMs = ms),
      end: whileCurrent((loss: Loss) => this.lose(loss)),
    };
  }

  #drop(): void {
    this.#watchdog.stop();
    this.#cancelStable?.();
    const link = this.#try?.link;
    this.#try = undefined;
    link?.close();
  }

  #tell(status: Status): void {
    this.#status = status;
    this.#options.onStatus(status);
  }
}
