/** Digests by `node:crypto`, on both runtimes. @module */

import type { Digests } from "../src/ports/digests.ts";

/** Loads `node:crypto` with the first digest: it takes 10 to 40 ms, and many brokers never see a token. */
export function nodeDigests(): Digests {
  let loaded: typeof import("node:crypto") | undefined;
  const load = () => loaded ??= globalThis.process.getBuiltinModule("node:crypto");
  return {
    sha256: (text) => load().createHash("sha256").update(text, "utf8").digest("hex"),
    areEqual(a, b) {
      const encoder = new TextEncoder();
      const [left, right] = [encoder.encode(a), encoder.encode(b)];
      return left.length === right.length && load().timingSafeEqual(left, right);
    },
  };
}
