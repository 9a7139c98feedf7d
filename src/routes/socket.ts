/** `WS /v1/ws`: the stream over a WebSocket. @module */

import type { WSEvents } from "hono/ws";
import * as v from "valibot";
import type { Broker } from "../broker.ts";
import type { Selection } from "../hub/dialect.ts";
import type { Subscription } from "../hub/hub.ts";
import type { Cut } from "../hub/reader.ts";
import type { Socket, SocketSubscriber } from "../hub/ws-sink.ts";
import type { Rate } from "../core/rate-limiter.ts";
import type { Grant } from "../http/grant.ts";
import { CLOSE } from "../protocol/codes.ts";
import { JSON_WORDING } from "../protocol/wording.ts";
import { byeData, cutSocket, dialectFor, FULL, whyFull } from "../http/readers.ts";
import { FrameCheck } from "../http/frame-check.ts";

/** What the route needs. */
export interface SocketDeps {
  readonly broker: Broker;
  readonly sockets: SocketSubscriber;
  /** Readers at most, over all transports. */
  readonly maxReaders: number;
  /** Bytes of a client's frame at most. */
  readonly maxFrameBytes: number;
  /** How often a client may send one. */
  readonly frameRate: Rate;
}

/** What a client asks for in the query, beside its selection. */
export interface SocketQuery {
  /** The cursor to start from, unless the first frame names one. */
  readonly since: string | undefined;
  /** True when the client takes frames that hold an array of messages. */
  readonly mayBatch: boolean;
}

/** What a reader may, and wants. */
export interface SocketRequest {
  readonly grant: Grant;
  readonly selection: Selection;
  readonly query: SocketQuery;
}

/** How long a client's first frame may take to come before the stream starts without it, in milliseconds. */
const RESUME_GRACE_MS = 50;

const resumeSchema = v.object({ type: v.literal("resume"), since: v.string() });

/**
 * The life of one socket. The stream starts with the client's first frame, `{"type":"resume","since":cursor}`, or a moment
 * after the connection when none comes. A `resume` that comes later starts the stream anew. Any other frame is a mistake.
 */
export function socketEvents(deps: SocketDeps, { grant, selection, query }: SocketRequest): WSEvents {
  const { broker, sockets, maxReaders } = deps;
  const { ending } = grant;
  const frames = new FrameCheck(deps);
  const dialect = dialectFor(broker, selection, JSON_WORDING);
  let subscription: Subscription | undefined;
  let cancelGrace: (() => void) | undefined;

  const start = (socket: Socket, since: string | undefined): void => {
    stop();
    const end = ending?.();
    if (end !== undefined) return cutSocket(broker, socket, end);
    const full = whyFull(broker, maxReaders);
    if (full !== undefined) {
      socket.send(dialect.bye(byeData(full)));
      return socket.close(FULL[full].code, FULL[full].reason);
    }
    subscription = sockets(socket, dialect, dialect.greet(since), { mayBatch: query.mayBatch, ending });
  };
  const stop = (): void => {
    cancelGrace?.();
    subscription?.end();
    subscription = undefined;
  };
  return {
    onOpen: (_event, socket) => void (cancelGrace = broker.clock.after(RESUME_GRACE_MS, () => start(socket, query.since))),
    onMessage({ data }, socket) {
      const problem = frames.problemOf(data) ?? (typeof data === "string" ? undefined : NOT_TEXT);
      if (problem !== undefined) return cutSocket(broker, socket, problem);
      const since = parseResume(String(data));
      if (since === undefined) cutSocket(broker, socket, NO_RESUME);
      else start(socket, since);
    },
    onClose: stop,
  };
}

const NO_RESUME: Cut = { code: CLOSE.policy, reason: 'expected {"type":"resume","since":"..."}' };
const NOT_TEXT: Cut = { code: CLOSE.policy, reason: "expected text" };

/** The cursor of a `resume` frame; undefined when the frame is something else. */
function parseResume(text: string): string | undefined {
  try {
    const result = v.safeParse(resumeSchema, JSON.parse(text));
    return result.success ? result.output.since : undefined;
  } catch {
    return undefined;
  }
}
