/** The end of a broker, as its readers see it. @module */

import type { Broker } from "./broker.ts";
import type { Dialect } from "./hub/dialect.ts";
import { byeData } from "./http/readers.ts";
import { CLOSE } from "./protocol/codes.ts";
import { StreamDialect } from "./stream.ts";

/** Readers are told to come back over this time, in milliseconds. */
const SPREAD_MS = 2_000;

/**
 * Takes no more events, tells every reader when to come back and ends its connection, over 2 s at most. To be called before
 * `close()` by who serves a broker; the adapters do.
 */
export async function dismissReaders(broker: Broker): Promise<void> {
  broker.drain();
  const textFor = (dialect: Dialect) => dialect instanceof StreamDialect ? dialect.bye(byeData("shutdown")) : undefined;
  await broker.hub.dismissAll(textFor, { code: CLOSE.goingAway, reason: "shutting down" }, SPREAD_MS);
}
