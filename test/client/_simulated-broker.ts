/** A broker with its real WebSocket route, and a network between it and its readers that a test can hold up and cut. @module */

import { WSContext, type WSEvents } from "hono/ws";
import { createApp, type Upgrade } from "../../src/app.ts";
import { type Broker, createBroker } from "../../src/broker.ts";
import type { ClientSocket, SocketConstructor, SocketEvent } from "../../src/client/socket.ts";
import type { Topic } from "../../src/protocol/types.ts";
import { EVERYTHING } from "../support/facts.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** Everything happens in order and within one call; what was sent stays on its way until `deliver` is called. */
export class SimulatedBroker {
  readonly broker: Broker;
  readonly WebSocket: SocketConstructor;
  readonly #lines = new Set<Line>();

  private constructor(broker: Broker, accept: () => WSEvents) {
    const lines = this.#lines;
    this.broker = broker;
    this.WebSocket = class extends Line {
      constructor() {
        super(accept());
        lines.add(this);
      }
    };
  }

  /** Starts a broker all of whose readers want `topics`, and have all scopes. */
  static async start(clock: FakeClock, topics: readonly Topic[]): Promise<SimulatedBroker> {
    const broker = createBroker({ clock });
    let accept = (): WSEvents => ({});
    const upgradeWebSocket: Upgrade = (createEvents) => (c) => {
      accept = () => createEvents(c);
      return Promise.resolve(c.body(null));
    };
    const app = createApp({ broker, upgradeWebSocket, access: () => EVERYTHING });
    await app.request(`/v1/ws?topics=${topics.join()}`, {
      headers: { host: "127.0.0.1", connection: "upgrade", upgrade: "websocket" },
    });
    return new SimulatedBroker(broker, accept);
  }

  /** Lets up to `count` frames, and what opens or closes a connection, arrive on either side. */
  deliver(count: number = Number.POSITIVE_INFINITY): void {
    for (const line of this.#lines) line.deliver(count);
  }

  /** Breaks all connections; what is on its way on them is lost. */
  cut(): void {
    for (const line of this.#lines) line.cut();
    this.#lines.clear();
  }
}

/** A connection, as the client sees it. */
class Line implements ClientSocket {
  readyState = 0;
  readonly #toClient: (() => void)[] = [];
  readonly #toBroker: (() => void)[] = [];
  readonly #listeners: { readonly type: string; readonly listener: (event: SocketEvent) => void }[] = [];
  readonly #events: WSEvents;
  readonly #context: WSContext;
  #brokerState: 0 | 1 | 3 = 0;

  constructor(events: WSEvents) {
    this.#events = events;
    const readState = () => this.#brokerState;
    this.#context = new WSContext({
      send: (data) => void this.#toClient.push(() => this.#tell({ type: "message", data })),
      close: (code = 1005, reason = "") => this.#closeFromBroker(code, reason),
      get readyState() {
        return readState();
      },
    });
    this.#toBroker.push(() => this.#open());
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.push({ type, listener });
  }

  send(text: string): void {
    this.#toBroker.push(() => this.#events.onMessage?.(new MessageEvent("message", { data: text }), this.#context));
  }

  close(): void {
    this.readyState = 2;
    this.#toBroker.push(() => this.#endAtBroker());
  }

  deliver(count: number): void {
    for (let delivered = 0; delivered < count; delivered += 1) {
      const arrive = this.#toBroker.shift() ?? this.#toClient.shift();
      if (arrive === undefined) return;
      arrive();
    }
  }

  cut(): void {
    this.#toClient.length = 0;
    this.#toBroker.length = 0;
    this.#endAtBroker();
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#tell({ type: "close", code: 1006, reason: "" });
  }

  #open(): void {
    this.#brokerState = 1;
    this.#events.onOpen?.(new Event("open"), this.#context);
    this.#toClient.push(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#tell({ type: "open" });
    });
  }

  #closeFromBroker(code: number, reason: string): void {
    this.#endAtBroker();
    this.#toClient.push(() => {
      this.readyState = 3;
      this.#tell({ type: "close", code, reason });
    });
  }

  #endAtBroker(): void {
    if (this.#brokerState === 3) return;
    this.#brokerState = 3;
    this.#events.onClose?.(new Closed("close"), this.#context);
  }

  #tell(event: SocketEvent): void {
    for (const { type, listener } of this.#listeners) if (type === event.type) listener(event);
  }
}

/** Node 22 has no CloseEvent. */
class Closed extends Event {
  readonly code = 1006;
  readonly reason = "";
  readonly wasClean = false;
}
