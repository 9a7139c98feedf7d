/** Listening on Deno without an end: `Deno.serve` gives up when there are no file descriptors left. @module */

import { logger } from "../src/ports/log.ts";

/** How long after a failure it listens again, in milliseconds. */
const PAUSE_MS = 1_000;

/** What to listen on, and what answers when the handler fails. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 for a free one. */
  readonly port: number;
  /** A certificate and its key, as PEM; without them no TLS. */
  readonly cert?: string;
  readonly key?: string;
  readonly onError: (error: unknown) => Response;
}

/** A port that is listened on. */
export interface Listener {
  /** The port, also when a free one was asked for. */
  readonly port: number;
  /** Lets go of the port and of idle connections, and resolves once every answer has ended. */
  close(): Promise<void>;
}

/**
 * Does what `Deno.serve` does, again and again until it is closed. After a failure idle connections and WebSockets are closed,
 * which frees descriptors; answers that are under way go on.
 *
 * @throws {Error} With the system's `code`, e.g. `EADDRINUSE`, if it can't listen the first time.
 */
export function listen(options: ListenOptions, handler: Deno.ServeHandler<Deno.NetAddr>): Listener {
  const ending = new Set<Promise<void>>();
  let isClosed = false;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const open = (port: number): Deno.HttpServer<Deno.NetAddr> => {
    const server = Deno.serve({ ...options, port, onListen() {} }, handler);
    server.finished.catch((error) => {
      end(server);
      openLater(error);
    });
    return server;
  };
  const end = (server: Deno.HttpServer): void => {
    // Whatever it fails of is over with it, and its failure has been logged.
    const ended = server.shutdown().catch(() => {}).finally(() => ending.delete(ended));
    ending.add(ended);
  };
  const openLater = (error: unknown): void => {
    if (isClosed) return;
    logger("deno").error("no connections are taken for {ms} ms: {reason}", { ms: PAUSE_MS, reason: String(error) });
    pause = setTimeout(openAgain, PAUSE_MS);
  };
  const openAgain = (): void => {
    try {
      server = open(port);
    } catch (error) {
      openLater(error);
    }
  };

  let server = open(options.port);
  const { port } = server.addr;
  return {
    port,
    async close() {
      isClosed = true;
      clearTimeout(pause);
      end(server);
      await Promise.all(ending);
    },
  };
}
