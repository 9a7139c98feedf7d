/** A lane with everything round it, for tests. @module */

import { Lane, type LaneLimits } from "../../src/hub/lane.ts";
import { DEFAULT_QUEUE_LIMITS } from "../../src/hub/lane-queue.ts";
import { DEFAULT_READER_LIMITS, type Reader } from "../../src/hub/reader.ts";
import { HubCounts } from "../../src/hub/counts.ts";
import type { Message } from "../../src/protocol/message.ts";
import { CountingFraming, type DialectChanges, FakeSink, plainDialect, type Texts } from "../support/sinks.ts";

/** For a pass that never runs out of time. */
export const never = (): boolean => false;

/** For a pass that runs out of time whenever it looks at the clock. */
export const always = (): boolean => true;

/** See {@linkcode laneOf}. */
export interface LaneBench {
  readonly lane: Lane<Texts>;
  readonly framing: CountingFraming;
  readonly counts: HubCounts;
  /** Why readers were cut. */
  readonly cuts: readonly string[];
  /** Adds a reader that has been told hello. */
  join(sink?: FakeSink): { readonly sink: FakeSink; readonly reader: Reader<Texts> };
  /** Publishes `messages` and writes what it can. */
  tell(...messages: readonly Message[]): boolean;
  /** How many readers have left. */
  left(): number;
}

/** A lane of the plain dialect with the documented limits, and `changes` of both. */
export function laneOf(changes: DialectChanges = {}, limits: Partial<LaneLimits> = {}): LaneBench {
  const framing = new CountingFraming();
  const cuts: string[] = [];
  let left = 0;
  const allLimits = { ...DEFAULT_QUEUE_LIMITS, ...DEFAULT_READER_LIMITS, ...limits };
  const events = { cut: (reason: string) => void cuts.push(reason), left: () => void (left += 1) };
  const counts = new HubCounts();
  const lane = new Lane<Texts>(plainDialect(changes), framing, allLimits, events, counts);
  const join = (sink = new FakeSink(framing)) => {
    const reader = lane.add(sink, ["hello"], 0);
    sink.news();
    return { sink, reader };
  };
  const tell = (...messages: readonly Message[]) => {
    for (const message of messages) lane.publish(message);
    return lane.pump(0, never);
  };
  return { lane, framing, counts, cuts, join, tell, left: () => left };
}
