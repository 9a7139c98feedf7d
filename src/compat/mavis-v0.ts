/**
 * The v0 surface, whole: hooks and floaters written for the mavis pet broker 0.7.4 work unchanged. Where it differs on
 * purpose is listed in PROTOCOL.md.
 *
 * @module
 */

import type { WSEvents } from "hono/ws";
import * as v from "valibot";
import type { Broker } from "../broker.ts";
import type { Rate } from "../core/rate-limiter.ts";
import { Ring } from "../core/ring.ts";
import { STATES } from "../core/states.ts";
import { PerchError } from "../errors.ts";
import type { Subscription } from "../hub/hub.ts";
import type { SocketSubscriber } from "../hub/ws-sink.ts";
import type { Message, View } from "../protocol/message.ts";
import type { EventData } from "../protocol/types.ts";
import { FrameCheck } from "../http/frame-check.ts";
import { type Grant, viewFor } from "../http/grant.ts";
import { cutSocket, FULL, whyFull } from "../http/readers.ts";
import { jsonReply, NO_CONTENT, noteFailure, type Reply, retryHeaders } from "../http/reply.ts";
import { CardDeck } from "./_cards.ts";
import { cardsText, dialectName, FloaterDialect } from "./_dialect.ts";
import { FLOATER_KIND, floaterEvent, parseFloaterEvent } from "./_events.ts";

/** Bytes of a v0 body at most, as in 0.7.4. */
export const FLOATER_BODY_BYTES: number = 64 * 1024;

/** Events that are remembered for `GET /status`, and how many of them it lists. */
const RECENT_EVENTS = 50;
const LISTED_EVENTS = 10;

/** Messages of a log that goes on in which these are looked for: most events bring two more. */
const RECENT_MESSAGES = 4 * RECENT_EVENTS;

const PLAIN = { plain: true } as const;

const lenient = new TextDecoder();
const switchSchema = v.object({ slug: v.pipe(v.string(), v.minLength(1), v.maxLength(256)) });

/** Limits of the v0 surface. */
export interface FloaterOptions {
  readonly broker: Broker;
  readonly sockets: SocketSubscriber;
  /** Readers at most, over all transports. */
  readonly maxReaders: number;
  /** Bytes of a client's frame at most; what it says is ignored. */
  readonly maxFrameBytes: number;
  /** How often a client may send one. */
  readonly frameRate: Rate;
}

/** The v0 surface of one broker, without its routes. */
export class FloaterSurface {
  readonly #options: FloaterOptions;
  readonly #deck: CardDeck;
  readonly #recent = new Ring<EventData>({ items: RECENT_EVENTS, bytes: Infinity }, () => 0);
  /** Steady clock. */
  readonly #madeAt: number;
  #socketCount = 0;

  constructor(options: FloaterOptions) {
    const { broker } = options;
    this.#options = options;
    this.#madeAt = broker.clock.now() - (broker.clock.wall() - broker.startedAt);
    this.#deck = new CardDeck(broker, () => this.#tellCards());
    this.#deck.restore(broker.sessions());
    const { head } = broker.bounds();
    for (const message of broker.read(Math.max(0, head - RECENT_MESSAGES), RECENT_MESSAGES)) this.#remember(message);
    broker.onMessages((messages) => this.#note(messages));
  }

  /** `POST /event`, with the body as bytes or decoded. Never throws. */
  postEvent(body: Uint8Array | string): Reply | Promise<Reply> {
    const input = parseLenient(body);
    if (input === undefined) return jsonReply(400, { error: "invalid_json" });
    const parsed = parseFloaterEvent(input);
    if ("error" in parsed) return jsonReply(400, parsed.error);
    try {
      const accepted = this.#options.broker.ingest([parsed.event], PLAIN);
      return accepted instanceof Promise ? accepted.then(() => NO_CONTENT, floaterErrorReply) : NO_CONTENT;
    } catch (error) {
      return floaterErrorReply(error);
    }
  }

  /** `POST /switch`. */
  async postSwitch(body: Uint8Array): Promise<Reply> {
    const input = parseLenient(body);
    if (typeof input !== "object" || input === null) return jsonReply(400, { error: "expected_object" });
    const result = v.safeParse(switchSchema, input);
    if (!result.success) return jsonReply(400, { error: "invalid_slug" });
    const { slug } = result.output;
    await this.#options.broker.switchPet(slug);
    return jsonReply(200, { ok: true, slug });
  }

  /** `POST /dismiss`. */
  postDismiss(): Reply {
    this.#deck.dismiss();
    return NO_CONTENT;
  }

  /** `GET /status`. Tools need the scope `sessions`. */
  getStatus(view: View): Reply {
    const { broker } = this.#options;
    return jsonReply(200, {
      state: broker.state().pose,
      pet: broker.pet(),
      ts: broker.clock.wall(),
      sessions: [...broker.sessions()].map((session) => ({
        sessionId: session.id,
        state: STATES[session.state].pose,
        lastEventTs: session.lastEventAt,
        lastEventKind: FLOATER_KIND[session.lastKind],
      })),
      recentEvents: this.#recent.slice(this.#recent.length - LISTED_EVENTS).reverse().map((event) => floaterEvent(event, view)),
      uptimeMs: broker.clock.now() - this.#madeAt,
      wsClients: this.#socketCount,
    });
  }

  /** `WS /ws` and `WS /`: the life of one floater's socket. */
  socketEvents({ scopes, ending }: Grant): WSEvents {
    const { broker, sockets, maxReaders } = this.#options;
    const frames = new FrameCheck(this.#options);
    let subscription: Subscription | undefined;
    const stop = () => {
      if (subscription !== undefined) this.#socketCount -= 1;
      subscription?.end();
      subscription = undefined;
    };
    return {
      onOpen: (_event, socket) => {
        const full = whyFull(broker, maxReaders);
        if (full !== undefined) return socket.close(FULL[full].code, FULL[full].reason);
        const dialect = new FloaterDialect(broker, this.#deck, viewFor(scopes));
        subscription = sockets(socket, dialect, dialect.restart(), { ending });
        this.#socketCount += 1;
      },
      onMessage({ data }, socket) {
        const problem = frames.problemOf(data);
        if (problem !== undefined) cutSocket(broker, socket, problem);
      },
      onClose: stop,
    };
  }

  #note(messages: readonly Message[]): void {
    for (const message of messages) this.#remember(message);
    this.#deck.update(messages);
  }

  #remember({ body }: Message): void {
    if (body.type === "event") this.#recent.push(body.data);
  }

  #tellCards(): void {
    if (this.#socketCount === 0) return;
    const { hub } = this.#options.broker;
    for (const view of ["full", "bare"] as const) hub.publishText(dialectName(view), cardsText(this.#deck, view));
  }
}

/** The v0 answer for what the broker refused. */
export function floaterErrorReply(error: unknown): Reply {
  if (error instanceof PerchError) {
    const reply = jsonReply(error.status, { error: error.code });
    return { ...reply, headers: { ...reply.headers, ...retryHeaders(error) } };
  }
  noteFailure(error);
  return jsonReply(500, { error: "internal_error" });
}

/** Any content type, broken UTF-8 repaired, as 0.7.4 reads a body, and a byte order mark skipped; undefined when it is no JSON. */
function parseLenient(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === "string" ? body : lenient.decode(body));
  } catch {
    return undefined;
  }
}
