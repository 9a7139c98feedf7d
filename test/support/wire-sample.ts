/** Event streams of hostile messages, framed by the real encoder, and what a reader must make of them. @module */

import fc from "fast-check";
import { Message } from "../../src/protocol/message.ts";
import { encodeSse, SSE_COMMENT } from "../../src/protocol/sse.ts";
import { SSE_WORDING, sseOpening } from "../../src/protocol/wording.ts";
import type { StreamEvent } from "./event-stream.ts";
import { hostileText } from "./hostile-text.ts";
import { stamped } from "./events.ts";

/** A stream, and the events that are in it. */
export interface WireSample {
  readonly text: string;
  readonly sent: readonly StreamEvent[];
}

/** Names of events that streams are made of here. */
export const WIRE_TYPES = ["event", "session", "session.gone", "state", "pet", "hello"] as const;

/** A block of a stream, and the event that it makes, if it makes one. Without an id the reader's last one stays. */
interface Block {
  readonly text: string;
  readonly id?: string;
  readonly event?: Omit<StreamEvent, "id">;
}

const ids = fc.stringMatching(/^[!-~]{1,64}$/);
const types = fc.constantFrom(...WIRE_TYPES);
const texts = hostileText(1_024);

/** A real message with hostile text in every field that a hook can fill, as long as it may be. */
const messages: fc.Arbitrary<Block> = fc.record({ title: texts, tool: texts, activity: texts, cwd: texts, sessionId: texts })
  .chain((fields) => ids.map((id) => ({ fields, id }))).map(({ fields, id }) => {
    const message = new Message(1, { type: "event", data: stamped("tool.start", fields) });
    const data = message.json("full");
    return { text: SSE_WORDING.tell("event", id, data), id, event: { type: "event", data } };
  });

/** Any text that is one line: JSON never is worse. */
const lines: fc.Arbitrary<Block> = fc.record({
  type: types,
  id: fc.option(ids),
  data: texts.map((text) => text.replace(/[\r\n]/g, "")),
})
  .map(({ type, id, data }) => {
    const event = { type, data };
    if (id === null) return { text: SSE_WORDING.tell(type, undefined, data), event };
    return { text: SSE_WORDING.tell(type, id, data), id, event };
  });

/** What makes no event. */
const asides: fc.Arbitrary<Block> = fc.oneof(
  ids.map((id) => ({ text: SSE_WORDING.heartbeat(id), id })),
  fc.constant({ text: SSE_COMMENT }),
  fc.nat(10_000).map((retry) => ({ text: encodeSse({ retry }) })),
);

/** Any stream of `count` events or a little less: some blocks make none. */
const blocks: fc.Arbitrary<Block> = fc.oneof(
  { weight: 5, arbitrary: messages },
  { weight: 5, arbitrary: lines },
  { weight: 1, arbitrary: asides },
);

/** A stream of exactly `count` events. */
export function wireSample(count: number, seed: number): WireSample {
  const sent: StreamEvent[] = [];
  let text = sseOpening(1_000);
  let lastId = "";
  for (const block of fc.sample(blocks, { numRuns: 2 * count, seed })) {
    if (sent.length === count) break;
    lastId = block.id ?? lastId;
    text += block.text;
    if (block.event !== undefined) sent.push({ ...block.event, id: lastId });
  }
  return { text, sent };
}
