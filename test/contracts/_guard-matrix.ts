/** Who is let in: names of the broker, origins of pages, what a browser says of them, and how a target is written, together. @module */

import type { RawHeaders } from "../support/raw-http.ts";

/** A page's origin that the broker was started with. */
export const NAMED = "http://localhost:5173";

/** What the guard says: `in`, or the status and the code of its refusal; both runtimes alike, or `node | deno`. */
export type Verdict = string;

/** A row: what it is, the headers that make it, and the verdict. */
export interface GuardRow {
  readonly name: string;
  readonly headers: RawHeaders;
  /** What stands before the path in the request line. Default: nothing. */
  readonly before: string;
  readonly verdict: Verdict;
}

const HOST = "421 wrong_host";
const ORIGIN = "403 foreign_origin";
const SITE = "403 cross_site";
/** Deno's platform answers before the broker sees the request. */
const HOST_OR_400 = `${HOST} | 400`;

type Values = Readonly<Partial<Record<"host" | "origin" | "site", string | readonly string[]>>>;

function row(
  name: string,
  verdict: Verdict,
  { host = [], origin = [], site = [] }: Values,
  more: RawHeaders = [],
  before = "",
): GuardRow {
  const named = (header: string, values: string | readonly string[]) =>
    [values].flat().map((value) => [header, value] as const);
  return {
    name,
    verdict,
    before,
    headers: [...named("Host", host), ...named("Origin", origin), ...named("Sec-Fetch-Site", site), ...more],
  };
}

/** Names, without a page. */
const names = (own: string, port: number): GuardRow[] => [
  row("its address", "in", { host: own }),
  row("its name", "in", { host: `localhost:${port}` }),
  row("its address of IPv6", "in", { host: `[::1]:${port}` }),
  row("its address and blanks after it", "in", { host: `${own} \t ` }),
  row("its address and blanks before it", "in", { host: ` \t${own}` }),
  row("no name", HOST, {}),
  row("an empty name", HOST, { host: "" }),
  row("its name twice", HOST_OR_400, { host: [own, own] }),
  row("its name and a foreign one", HOST_OR_400, { host: [own, "evil.com"] }),
  row("a foreign name and its own", HOST_OR_400, { host: ["evil.com", own] }),
  row("names in a list", HOST, { host: `${own}, evil.com` }),
  row("a foreign name", HOST, { host: "evil.com" }),
  row("a foreign name with its port", HOST, { host: `evil.com:${port}` }),
  row("a name below which it is", HOST, { host: `localhost.evil.com:${port}` }),
  row("a name that is below its own", HOST, { host: `evil.localhost:${port}` }),
  row("its name with a dot", HOST, { host: `localhost.:${port}` }),
  row("its name in upper case", HOST, { host: `LOCALHOST:${port}` }),
  row("its name in letters that look like it", HOST, { host: `lοcalhοst:${port}` }),
  row("the same as browsers send it", HOST, { host: `xn--lcalhst-xjfb:${port}` }),
  row("its address cut short", HOST, { host: `127.1:${port}` }),
  row("its address as one number", HOST, { host: `2130706433:${port}` }),
  row("its address in hex", HOST, { host: `0x7f.0.0.1:${port}` }),
  row("its address in octal", HOST, { host: `0177.0.0.1:${port}` }),
  row("every address", HOST, { host: `0.0.0.0:${port}` }),
  row("its address in IPv6", HOST, { host: `[::ffff:127.0.0.1]:${port}` }),
  row("its address with a user", HOST, { host: `evil.com@${own}` }),
  row("a foreign name with its address as the user", HOST, { host: `${own}@evil.com` }),
  row("its name with a path", HOST, { host: `localhost/evil:${port}` }),
  row("no port", HOST, { host: "127.0.0.1" }),
  row("another port", HOST, { host: `127.0.0.1:${port + 1}` }),
  row("its port in hex", HOST, { host: `127.0.0.1:0x${port.toString(16)}` }),
  row("its port with a sign", HOST, { host: `127.0.0.1:+${port}` }),
];

/** Pages: an origin, and what the browser says of the site. */
const pages = (own: string, port: number): GuardRow[] => [
  row("an own page", "in", { host: own, origin: `http://${own}` }),
  row("an own page, and the browser says so", "in", { host: own, origin: `http://${own}`, site: "same-origin" }),
  row("an own page under another own name", "in", { host: own, origin: `http://localhost:${port}` }),
  row("an own page behind a proxy with TLS", "in", { host: own, origin: `https://${own}` }),
  row("an own page with blanks", "in", { host: own, origin: ` http://${own}\t` }),
  row("a named page", "in", { host: own, origin: NAMED, site: "cross-site" }),
  row("a person's own doing", "in", { host: own, site: "none" }),
  row("an own page that sends no origin", "in", { host: own, site: "same-origin" }),
  row("an own page by another name, and the browser says so", SITE, {
    host: own,
    origin: `http://localhost:${port}`,
    site: "cross-site",
  }),
  row("a page of the same site", SITE, { host: own, site: "same-site" }),
  row("a page of another site", SITE, { host: own, site: "cross-site" }),
  row("a site in upper case", SITE, { host: own, site: "SAME-ORIGIN" }),
  row("two sites", SITE, { host: own, site: ["same-origin", "cross-site"] }),
  row("two sites, the better last", SITE, { host: own, site: ["cross-site", "same-origin"] }),
  row("a navigation from another site", SITE, { host: own, site: "cross-site" }, [["Sec-Fetch-Mode", "navigate"]]),
  row("a foreign page", ORIGIN, { host: own, origin: "http://evil.com" }),
  row("a foreign page that says it is not", ORIGIN, { host: own, origin: "http://evil.com", site: "same-origin" }),
  row("a foreign page, and an own one", ORIGIN, { host: own, origin: ["http://evil.com", `http://${own}`] }),
  row("an own page, and a foreign one", ORIGIN, { host: own, origin: [`http://${own}`, "http://evil.com"] }),
  row("a page of no origin", ORIGIN, { host: own, origin: "null" }),
  row("a page of no origin in the same origin", ORIGIN, { host: own, origin: "null", site: "same-origin" }),
  row("an empty origin", ORIGIN, { host: own, origin: "" }),
  row("an own page on another port", ORIGIN, { host: own, origin: `http://127.0.0.1:${port + 1}` }),
  row("an own page without a port", ORIGIN, { host: own, origin: "http://127.0.0.1" }),
  row("an origin that begins like its own", ORIGIN, { host: own, origin: `http://${own}.evil.com` }),
  row("an origin that ends like its own", ORIGIN, { host: own, origin: `http://evil.com/http://${own}` }),
  row("an origin with its own as the user", ORIGIN, { host: own, origin: `http://${own}@evil.com` }),
  row("an origin of another scheme", ORIGIN, { host: own, origin: `ws://${own}` }),
  row("a named page in another case", ORIGIN, { host: own, origin: NAMED.toUpperCase() }),
  row("a named page with TLS", ORIGIN, { host: own, origin: NAMED.replace("http", "https") }),
  row("a page that begins like the named one", ORIGIN, { host: own, origin: `${NAMED}.evil.com` }),
  row("a named page and a foreign one", ORIGIN, { host: own, origin: `${NAMED}, http://evil.com` }),
];

/** Names that were made to point here, proxies, and targets that name a host. */
const detours = (own: string, port: number): GuardRow[] => {
  const evil = `evil.com:${port}`;
  return [
    row("a page of a name that points here", HOST, { host: evil, origin: `http://${evil}`, site: "same-origin" }),
    row("the same with an own origin", HOST, { host: evil, origin: `http://${own}`, site: "same-origin" }),
    row("a named page under a foreign name", HOST, { host: evil, origin: NAMED }),
    row("a foreign name behind a proxy that says it is its own", HOST, { host: evil }, [["X-Forwarded-Host", own], [
      "Forwarded",
      `host=${own}`,
    ]]),
    row("its own name behind a proxy that says it is not", "in", { host: own }, [["X-Forwarded-Host", "evil.com"]]),
    row("a foreign page that is linked from", "in", { host: own }, [["Referer", "http://evil.com/"]]),
    row("its own name in the target", "in", { host: own }, [], `http://${own}`),
    row("a foreign name in the target", HOST, { host: own }, [], "http://evil.com"),
    row("its own name in the target, a foreign one in Host", HOST, { host: "evil.com" }, [], `http://${own}`),
    row("a foreign name in the target and in Host", HOST, { host: "evil.com" }, [], "http://evil.com"),
    row("a user in the target", HOST, { host: own }, [], `http://evil@${own}`),
    row("TLS in the target", HOST, { host: own }, [], `https://${own}`),
  ];
};

/** The whole matrix for a broker on `port` that was started with {@linkcode NAMED}. */
export function guardMatrix(port: number): GuardRow[] {
  const own = `127.0.0.1:${port}`;
  return [...names(own, port), ...pages(own, port), ...detours(own, port)];
}
