/** Open tools and unanswered permission requests: which event opens, closes or answers which. @module */

import type { StampedEvent } from "./events.ts";
import type { Draft, OpenTool, Wait } from "./session.ts";
import type { Timings } from "./states.ts";

/** How many open tools, and how many unanswered requests, one session may have; the oldest makes room. */
export const MAX_OPEN = 64;

/** Notes that a tool has started. A start without an id can't be joined to its end, so it is not noted; nor is a v0 one. */
export function openTool(draft: Draft, event: StampedEvent, until: number): void {
  const id = event.toolUseId;
  draft.waits = answeredBy(draft.waits, event, draft.tools);
  if (id === undefined || event.plain === true) return;
  const open: OpenTool = { id, tool: event.tool, seq: event.seq, until };
  draft.tools = [...draft.tools.filter((other) => other.id !== id), open].slice(-MAX_OPEN);
}

/** Notes that a tool has ended, by its id or else by its name, and says whether it was open. */
export function closeTool(draft: Draft, event: StampedEvent): boolean {
  if (draft.tools.length === 0) return false;
  const id = event.toolUseId;
  const index = draft.tools.findIndex((open) => id !== undefined ? open.id === id : open.tool === event.tool);
  if (index < 0) return false;
  draft.tools = draft.tools.filter((_, place) => place !== index);
  return true;
}

/** How long the work of `draft` is believed: by its oldest open tool, or else by its open turn or its last event. */
export function evidenceUntil(draft: Draft, timings: Timings): number {
  const lastEvent = draft.forgetAt - timings.forgetMs;
  return draft.tools[0]?.until ?? lastEvent + (draft.turn === "open" ? timings.turnMs : timings.silenceMs);
}

/** The waits with the one that `event` asks for; asked again, it waits anew. */
export function withWait(waits: readonly Wait[], event: StampedEvent, until: number): readonly Wait[] {
  const wait: Wait = { id: event.toolUseId, tool: event.tool, seq: event.seq, until };
  const others = waits.filter((other) => other.id !== wait.id || other.tool !== wait.tool);
  return [...others, wait].slice(-MAX_OPEN);
}

/**
 * The waits that are still unanswered after `event`. A turn that ends or begins answers all. A resolution answers its own
 * tool call, or all when it names none or is a v0 one. A tool that ended was allowed to run; one that starts proves it only by
 * its id, since agents start other tools while one waits.
 *
 * @param tools The tools that are open after `event`.
 */
export function answeredBy(waits: readonly Wait[], event: StampedEvent, tools: readonly OpenTool[]): readonly Wait[] {
  if (waits.length === 0) return waits;
  switch (event.kind) {
    case "permission.resolve":
      return waits.filter((wait) => !resolves(event, wait));
    case "tool.start":
      return waits.filter((wait) => wait.id === undefined || wait.id !== event.toolUseId);
    case "tool.end":
      return waits.filter((wait) => !isProof(event, wait, tools));
    case "turn.complete":
      return [];
    default:
      return waits;
  }
}

/** A request that does not say which call it means may mean any that was open then: the end of one of several proves nothing. */
function isProof(event: StampedEvent, wait: Wait, tools: readonly OpenTool[]): boolean {
  if (event.toolUseId !== undefined && wait.id !== undefined) return event.toolUseId === wait.id;
  if (!isSameTool(event, wait)) return false;
  return wait.id !== undefined || !tools.some((open) => open.seq < wait.seq && isSameTool(open, wait));
}

function resolves(event: StampedEvent, wait: Wait): boolean {
  if (event.plain === true) return true;
  if (event.toolUseId === undefined) return event.tool === undefined || isSameTool(event, wait);
  return wait.id === event.toolUseId || (wait.id === undefined && isSameTool(event, wait));
}

interface Named {
  readonly tool?: string | undefined;
}

const isSameTool = (one: Named, other: Named): boolean =>
  one.tool === undefined || other.tool === undefined || one.tool === other.tool;
