/** `perch serve` with a broker that exists only in a test. @module */

import type { BrokerSettings } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/main.ts";
import { FakeIo, type FakeWorld } from "./_fake-io.ts";

/** What `serve` asks for when nothing is said. */
export const DEFAULTS: Omit<BrokerSettings, "tokens"> = {
  host: "127.0.0.1",
  port: 7857,
  pet: undefined,
  maxSessions: 10_000,
  maxReaders: 1_000,
  origins: [],
  database: "/home/me/.local/share/perch/perch.db",
  metrics: "admin",
  allowHosts: [],
  requireToken: false,
  tls: undefined,
  limitRequests: false,
  rates: { streams: { perSecond: 50, burst: 1_000 } },
};

/** Runs `serve` until it listens, lets `meanwhile` happen, and stops it. */
export async function serveWith(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  meanwhile: (io: FakeIo) => Promise<void> = async () => {},
  world: Pick<FakeWorld, "machine" | "openLogFile"> = {},
): Promise<
  FakeIo & { readonly code: number; readonly settings: Omit<BrokerSettings, "tokens"> | undefined; readonly closed: number }
> {
  let settings: Omit<BrokerSettings, "tokens"> | undefined;
  let closed = 0;
  const io: FakeIo = new FakeIo({
    env,
    ...world,
    serve({ tokens: _tokens, ...asked }) {
      settings = asked;
      const close = () => Promise.resolve(void (closed += 1));
      return Promise.resolve({ url: `http://${asked.host}:4711`, close });
    },
  });
  let isOver = false;
  const ended = runCli(args, io).finally(() => isOver = true);
  await until(() => isOver || io.err.includes("perch listening"));
  await meanwhile(io);
  io.stop();
  return Object.assign(io, { code: await ended, settings, closed });
}

/** Resolves once `isTrue`, however long the machine takes to load what that needs. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve));
}
