/** Options of `perch serve` that say who may come in, and how often. @module */

import { FailedError, UsageError } from "./_exit.ts";
import type { Files } from "../ports/files.ts";
import type { Flags } from "./_flags.ts";
import { choiceOption, integerOption, listOption, type Option, switchOption, textOption } from "./_option.ts";
import { parseOrigin } from "./_origin.ts";
import type { DoorSettings, Io, TlsSettings } from "./io.ts";

const ALLOW_ORIGIN = listOption({
  name: "allow-origin",
  hint: "ORIGIN",
  description: "origin of other pages that may use the broker, e.g. http://localhost:5173; null for pages opened as files",
  env: ["PERCH_ALLOW_ORIGIN"],
  check: parseOrigin,
});
const ALLOW_HOST = listOption({
  name: "allow-host",
  hint: "NAME[:PORT]",
  description: "another name that the broker is reached by, e.g. pet.lan, with the port if that is another one",
  env: ["PERCH_ALLOW_HOST"],
  check: parseHost,
});
const REQUIRE_TOKEN = switchOption({
  name: "require-token",
  description: "nobody may do anything without a token, hooks and pets of this machine included",
  env: ["PERCH_REQUIRE_TOKEN"],
});
const TLS_CERT = textOption({
  name: "tls-cert",
  hint: "FILE",
  description: "certificate for HTTPS, and those it is signed with, as PEM",
  env: ["PERCH_TLS_CERT"],
  fallback: undefined,
});
const TLS_KEY = textOption({
  name: "tls-key",
  hint: "FILE",
  description: "private key of --tls-cert, as PEM",
  env: ["PERCH_TLS_KEY"],
  fallback: undefined,
});
const INSECURE_HTTP = switchOption({
  name: "insecure-http",
  description: "listen beyond this machine without TLS, where tokens and all that is told can be read on the way",
});
const RATE_LIMIT = switchOption({
  name: "rate-limit",
  description: "limit requests to 200 a second and client, as is always done beyond this machine",
  env: ["PERCH_RATE_LIMIT"],
});
const MAX_NEW_STREAMS = integerOption({
  name: "max-new-streams",
  hint: "N",
  description: "streams that a client may open a second; 20 times as many at once",
  env: ["PERCH_MAX_NEW_STREAMS"],
  min: 1,
  max: 1_000_000,
  fallback: 50,
});

const METRICS = choiceOption({
  name: "metrics",
  description: "who may read /metrics: holders of the scope admin, or every program of this machine, too",
  env: ["PERCH_METRICS"],
  words: ["admin", "loopback"],
  fallback: "admin",
});

/** How many seconds' worth of streams may be opened at once: after a restart, all readers come back at once. */
const BURST_S = 20;

/** All options that are read here. */
export const DOOR_OPTIONS: readonly Option<unknown>[] = [
  ALLOW_ORIGIN,
  ALLOW_HOST,
  REQUIRE_TOKEN,
  TLS_CERT,
  TLS_KEY,
  INSECURE_HTTP,
  RATE_LIMIT,
  MAX_NEW_STREAMS,
  METRICS,
];

/**
 * Who may come in to a broker that listens on `host`.
 *
 * @throws {UsageError} If it can be reached from other machines, and nothing was said of how that is to be safe.
 * @throws {FailedError} If a file of TLS can't be read, or holds something else.
 */
export async function readDoors(flags: Flags, host: string, io: Io): Promise<DoorSettings> {
  const tls = await readTls(flags.get(TLS_CERT), flags.get(TLS_KEY), io);
  if (tls === undefined && !flags.get(INSECURE_HTTP) && !isLoopback(host)) {
    const problem = `The host ${JSON.stringify(host)} can be reached from other machines, and there is no TLS`;
    throw new UsageError(`${problem}: add --tls-cert and --tls-key, or --insecure-http if you mean it, or use 127.0.0.1`);
  }
  const metrics = flags.get(METRICS);
  if (metrics === "loopback" && !isLoopback(host)) {
    throw new UsageError(`--metrics loopback would show the metrics to whoever reaches ${JSON.stringify(host)}: leave it out`);
  }
  const perSecond = flags.get(MAX_NEW_STREAMS);
  return {
    origins: flags.get(ALLOW_ORIGIN),
    allowHosts: flags.get(ALLOW_HOST),
    requireToken: flags.get(REQUIRE_TOKEN),
    tls,
    limitRequests: flags.get(RATE_LIMIT),
    metrics,
    rates: { streams: { perSecond, burst: perSecond * BURST_S } },
  };
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(?:\.[0-9]{1,3}){3}$/.test(host);

function parseHost(text: string): string {
  if (/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/.test(text)) return text;
  throw new UsageError("it must be a name or address in lower case, as pet.lan or pet.lan:8443");
}

async function readTls(certFile: string | undefined, keyFile: string | undefined, io: Io): Promise<TlsSettings | undefined> {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) throw new UsageError("TLS needs both --tls-cert and --tls-key");
  const { files } = await io.machine();
  return {
    cert: readPem(certFile, "CERTIFICATE", "certificate", files),
    key: readPem(keyFile, "PRIVATE KEY", "private key", files),
  };
}

function readPem(file: string, label: string, what: string, files: Pick<Files, "read">): string {
  const text = readFile(file, what, files);
  if (text?.includes(`${label}-----`)) return text;
  const problem = text === undefined ? `There is no file ${file}` : `The file ${file} holds no ${what}`;
  throw new FailedError(`${problem}: name one in PEM form, which begins with -----BEGIN ${label}-----`);
}

function readFile(file: string, what: string, files: Pick<Files, "read">): string | undefined {
  try {
    return files.read(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FailedError(`Cannot read the ${what} ${file}: ${reason}`, { cause });
  }
}
