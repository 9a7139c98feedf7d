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

/** Where the broker is, when nothing tells. */
export const DEFAULT_URL = "http://127.0.0.1:7857";

/** Where the broker is; undefined when only the variables of {@linkcode HOST} and {@linkcode PORT} or the state folder can tell. */
export const URL_OPTION: Option<string | undefined> = {
  ...textOption({
    name: "url",
    hint: "URL",
    description: "address of the broker; without it, PERCH_HOST and PERCH_PORT tell, as for serve, else the state folder",
    env: ["PERCH_URL"],
    fallback: undefined,
    check: parseUrl,
  }),
  fallback: DEFAULT_URL,
};

/**
 * The address that flags or variables name; undefined when none does. The port 0 names none.
 *
 * @throws {UsageError} If it is no address.
 */
export function givenUrl(flags: Flags): string | undefined {
  const url = flags.get(URL_OPTION);
  if (url !== undefined) return url;
  const host = flags.find(HOST);
  const port = flags.find(PORT);
  if (port === 0 || (host === undefined && port === undefined)) return undefined;
  const found = urlAt(host ?? flags.get(HOST), port ?? flags.get(PORT));
  if (!URL.canParse(found)) {
    throw new UsageError(`The host ${JSON.stringify(host)} is no name or address: name the broker's address with --url`);
  }
  return found;
}

/** The address of the broker that listens on `host` and `port`, as programs of its own machine reach it. */
export function urlAt(host: string, port: number): string {
  return localUrl(`http://${host.includes(":") ? `[${host}]` : host}:${port}`);
}

/** The address at which programs of the same machine reach a broker that says it listens at `url`. */
export function localUrl(url: string): string {
  return url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, "//127.0.0.1");
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" &&
    url.hash === "";
  if (!isPlain) throw new UsageError("it must be the address that the broker printed at start, e.g. http://127.0.0.1:7857");
  return url.href.replace(/\/+$/, "");
}
