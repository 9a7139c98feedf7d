/** Who is at the other end of a connection. @module */

/** The address of the other end, from what a runtime hands to an app with each request; undefined where it does not tell. */
export function peerOf(env: unknown): string | undefined {
  // Deno's is the address itself, that of @hono/node-server has Node's request.
  return textIn(propertyOf(env, "remoteAddr"), "hostname") ??
    textIn(propertyOf(propertyOf(env, "incoming"), "socket"), "remoteAddress");
}

/** True for an address that only this machine can have. */
export function isLoopback(address: string | undefined): boolean {
  return address === "127.0.0.1" || address === "::1" || (address !== undefined && /^(?:::ffff:)?127\.[0-9.]+$/.test(address));
}

/**
 * As whom the clients of an address are counted: IPv6 hands out networks of 64 bits, within which anybody may have any address.
 * Those whose address is not known are one.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:([0-9.]+)$/.exec(address)?.[1];
  return mapped ?? `${groupsOf(address).slice(0, 4).join(":")}::/64`;
}

/** All eight groups of an IPv6 address, also those that `::` stands for. */
function groupsOf(address: string): readonly string[] {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::", 2).map((part) =>
    part.split(":").filter((group) => group !== "")
  );
  if (tail === undefined) return [...head];
  return [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0"), ...tail];
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textIn(value: unknown, name: string): string | undefined {
  const text = propertyOf(value, name);
  return typeof text === "string" ? text : undefined;
}
