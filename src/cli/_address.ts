/** Where the broker listens, and where it is found: the same variables, so that one setting is enough for both. @module */

import { UsageError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { integerOption, type Option, textOption } from "./_option.ts";

/** What to listen on. */
export const HOST: Option<string> = textOption({
  name: "host",
  hint: "HOST",
  description: "name or address to listen on",
  env: ["PERCH_HOST", "MAVIS_PET_BROKER_HOST"],
  fallback: "127.0.0.1",
});

/** The port to listen on. */
export const PORT: Option<number> = integerOption({
  name: "port",
  hint: "PORT",
  description: "port to listen on; 0 for a free one",
  env: ["PERCH_PORT", "MAVIS_PET_BROKER_PORT"],
  min: 0,
  max: 65_535,
  fallback: 7857,
});

/** Where the broker is; undefined when only the variables of {@linkcode HOST} and {@linkcode PORT} can tell. */
export const URL_OPTION: Option<string | undefined> = {
  ...textOption({
    name: "url",
    hint: "URL",
    description: "address of the broker; without it, PERCH_HOST and PERCH_PORT tell, as for serve",
    env: ["PERCH_URL"],
    fallback: undefined,
    check: parseUrl,
  }),
  fallback: "http://127.0.0.1:7857",
};

/**
 * The address of the broker that a command is to talk to.
 *
 * @throws {UsageError} If it is none.
 */
export function brokerUrl(flags: Flags): string {
  const url = flags.get(URL_OPTION);
  if (url !== undefined) return url;
  const host = flags.get(HOST);
  const port = flags.get(PORT);
  if (port === 0) {
    throw new UsageError("The port is 0, so the broker has chosen one: name the address that it printed with --url");
  }
  const found = urlAt(host, port);
  if (!URL.canParse(found)) {
    throw new UsageError(`The host ${JSON.stringify(host)} is no name or address: name the broker's address with --url`);
  }
  return found;
}

/** The address of the broker that listens on `host` and `port`, as programs of its own machine reach it. */
export function urlAt(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" &&
    url.hash === "";
  if (!isPlain) throw new UsageError("it must be the address that the broker printed at start, e.g. http://127.0.0.1:7857");
  return url.href.replace(/\/+$/, "");
}
