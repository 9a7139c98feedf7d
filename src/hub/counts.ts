/** What readers cost now, and what has become of them: plain numbers, for whoever asks now and then. @module */

import { Tally } from "../core/tally.ts";

/** What the readers of one transport have waiting for them now. */
export interface ReaderGauges {
  readers: number;
  /** Readers that are behind. */
  behind: number;
  /** Lanes, each of which has one queue for its readers. */
  lanes: number;
  /** Lanes that have a reader behind. */
  lanesBehind: number;
  /** Messages in the queues of the lanes. */
  messages: number;
  /** Characters of their texts. */
  chars: number;
  /** Bytes that were written to readers and have not left the process. */
  backlogBytes: number;
  /** The same of the reader that has most. */
  maxBacklogBytes: number;
}

/** No readers at all. */
export function noGauges(): ReaderGauges {
  return { readers: 0, behind: 0, lanes: 0, lanesBehind: 0, messages: 0, chars: 0, backlogBytes: 0, maxBacklogBytes: 0 };
}

/** What the hub has waiting now. */
export interface HubGauges {
  /** By transport; one that never had a reader may be missing. */
  readonly byTransport: ReadonlyMap<string, Readonly<ReaderGauges>>;
  /** Readers that were cut and have not taken their end yet. */
  readonly ending: number;
}

/** Names of transports, as `Dialect.transport` has them. */
export const TRANSPORTS = ["sse", "ws", "v0"] as const;

/** Why readers are cut: for being slow or dead, for their token, for what they send. */
export const CUT_REASONS = [
  "no progress",
  "too far behind",
  "no pong",
  "token expired",
  "token revoked",
  "too many frames",
  "frame too large",
  "expected text",
] as const;

/** What has become of readers since the hub was made. */
export class HubCounts {
  /** Readers that came, by transport. */
  readonly joined: Tally = new Tally(TRANSPORTS);
  /** Readers that were sent away before they were added, by reason. */
  readonly refused: Tally = new Tally(["overload", "shutdown", "rate"]);
  /** Readers that were cut, by reason. */
  readonly cut: Tally = new Tally(CUT_REASONS);
  /** Readers that had missed more than is kept and were told everything anew, by transport. */
  readonly reset: Tally = new Tally(TRANSPORTS);
  /** Messages that a lane let go of before every reader had had them, by transport. */
  readonly dropped: Tally = new Tally(TRANSPORTS);
  /** Messages that a reader was not told because a newer one says the same, by transport. */
  readonly conflated: Tally = new Tally(TRANSPORTS);
}
