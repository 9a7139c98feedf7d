/** As many requests as a server takes: each connection sends the next one when it has been answered. @module */

import { Countdown } from "./countdown.ts";
import { cycle } from "./cycle.ts";
import { getRequest, HttpConnection } from "./http-connection.ts";
import type { Server } from "./server.ts";

const PRIMING_MS = 10_000;

/** What is sent, and over how many connections. */
export interface LoopOptions {
  /** Sent in turn, over and over. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  /** Requests in flight on each connection. Default 1. */
  readonly depth?: number;
  /**
   * True when the server must take the requests in the order in which they are sent: each connection is then used once before,
   * since new ones may have their turn in any order. Default false.
   */
  readonly isOrdered?: boolean;
}

/** What came of it. */
export interface LoopResult {
  readonly answered: number;
  readonly perSec: number;
  /** CPU of the server for one answer, in microseconds. */
  readonly cpuUs: number;
  /** CPU of this process, in percent of one core: near 85 and more, it is the load and not the server that is the limit. */
  readonly clientPct: number;
  /** What went wrong, if anything did. */
  readonly fault: string | undefined;
}

/** Sends for `ms` milliseconds. */
export function loopFor(server: Server, ms: number, options: LoopOptions): Promise<LoopResult> {
  return loop(server, Infinity, options, (finish) => void setTimeout(finish, ms));
}

/** Sends `count` requests. */
export function loopOver(server: Server, count: number, options: LoopOptions): Promise<LoopResult> {
  return loop(server, count, options, () => {});
}

async function loop(
  server: Server,
  count: number,
  options: LoopOptions,
  limit: (finish: () => void) => void,
): Promise<LoopResult> {
  const load = new Load(server.port, count, options);
  await load.open();
  const meter = startMeter(server);
  limit(() => load.finish());
  load.begin();
  await load.isOver;
  const measured = meter(load.answered);
  load.close();
  const { answered, failed } = load;
  return { answered, ...measured, fault: failed > 0 ? `${failed} requests failed, ${answered} did not` : undefined };
}

/** The connections of one loop. */
class Load {
  answered = 0;
  failed = 0;
  readonly isOver: Promise<void>;
  readonly finish: () => void;
  readonly #port: number;
  readonly #count: number;
  readonly #size: number;
  readonly #depth: number;
  readonly #next: () => Uint8Array;
  readonly #isOrdered: boolean;
  readonly #connections = new Set<HttpConnection>();
  #priming: Countdown | undefined;
  #sent = 0;

  constructor(port: number, count: number, { requests, connections, depth = 1, isOrdered = false }: LoopOptions) {
    this.#port = port;
    this.#count = count;
    this.#size = connections;
    this.#depth = depth;
    this.#isOrdered = isOrdered;
    this.#next = cycle(requests);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.isOver = promise;
    this.finish = resolve;
  }

  async open(): Promise<void> {
    await Promise.all(Array.from({ length: this.#size }, () => this.#connect().opened));
    if (!this.#isOrdered) return;
    this.#priming = new Countdown(this.#size, PRIMING_MS);
    for (const connection of this.#connections) connection.send(getRequest(this.#port, "/healthz"));
    await this.#priming.done;
    this.#priming = undefined;
  }

  begin(): void {
    for (const connection of this.#connections) this.#fill(connection);
  }

  close(): void {
    const connections = [...this.#connections];
    this.#connections.clear();
    for (const connection of connections) connection.destroy();
  }

  #connect(): HttpConnection {
    const connection: HttpConnection = new HttpConnection(this.#port, {
      onAnswer: (status, isLast) => this.#take(connection, status, isLast),
      onEnd: () => this.#lose(connection),
    });
    this.#connections.add(connection);
    return connection;
  }

  #fill(connection: HttpConnection): void {
    while (connection.unanswered.length < this.#depth && this.#sent < this.#count) {
      this.#sent += 1;
      connection.send(this.#next());
    }
  }

  #take(connection: HttpConnection, status: number, isLast: boolean): void {
    if (this.#priming !== undefined) return this.#priming.hit();
    if (status >= 200 && status < 300) this.answered += 1;
    else this.failed += 1;
    this.#finishIfDone();
    if (isLast) this.#replace(connection);
    else this.#fill(connection);
  }

  /** A server that says that it ends the connection has taken nothing after that: what was not answered is sent anew. */
  #replace(connection: HttpConnection): void {
    this.#connections.delete(connection);
    connection.destroy();
    const next = this.#connect();
    void next.opened.then(() => {
      for (const request of connection.unanswered) next.send(request);
      this.#fill(next);
    });
  }

  #lose(connection: HttpConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.failed += Math.max(1, connection.unanswered.length);
    this.finish();
  }

  #finishIfDone(): void {
    if (this.answered + this.failed >= this.#count) this.finish();
  }
}

/** Starts to measure; what it returns tells what `answers` have cost since. */
function startMeter(server: Server): (answers: number) => Omit<LoopResult, "answered" | "fault"> {
  const cpu = server.cpuMs();
  const own = process.cpuUsage();
  const startedAt = performance.now();
  return (answers) => {
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(own);
    return {
      perSec: answers / ms * 1000,
      cpuUs: (server.cpuMs() - cpu) * 1000 / answers,
      clientPct: (user + system) / 1000 / ms * 100,
    };
  };
}
