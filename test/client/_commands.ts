/** What can happen to a broker, for properties. @module */

import fc from "fast-check";
import type { Broker } from "../../src/broker.ts";
import { type AgentEvent, EVENT_KINDS } from "../../src/core/events.ts";
import { UnavailableError } from "../../src/errors.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** An event, a pet that is chosen, or time that passes. */
export type Command =
  | { readonly event: AgentEvent }
  | { readonly slug: string }
  | { readonly ms: number };

const event: fc.Arbitrary<AgentEvent> = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  sessionId: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  tool: fc.constantFrom("Bash", "Edit"),
  toolUseId: fc.constantFrom("t1", "t2"),
  title: fc.constantFrom("one", "two"),
  ok: fc.boolean(),
}, { requiredKeys: ["kind", "sessionId"] });

/** Any one thing that can be posted. */
export const post: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ event }) },
  { weight: 1, arbitrary: fc.record({ slug: fc.constantFrom("cat", "dog") }) },
);

const time: fc.Arbitrary<Command> = fc.record({ ms: fc.oneof(fc.nat(3_000), fc.nat(60_000), fc.nat(3_600_000)) });

/** Any things, one after the other, and time between them, up to an hour at once. */
export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof({ weight: 7, arbitrary: post }, { weight: 3, arbitrary: time }),
  { maxLength: 100, size: "max" },
);

/** Lets it happen, a moment after what happened before. An event that the broker has no room for is refused, as over HTTP. */
export function obey(command: Command, broker: Broker, clock: FakeClock): void {
  clock.advance("ms" in command ? command.ms : 1);
  if ("ms" in command) return;
  if ("slug" in command) return void broker.switchPet(command.slug);
  try {
    broker.ingest([command.event]);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}
