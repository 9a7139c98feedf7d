/** Event streams on Node: written to the response as they are, past the streams of the web, which would cost each reader more. @module */

import type { ServerResponse } from "node:http";
import process from "node:process";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { BYTES, type SseTransport } from "../src/hub/sse-sink.ts";

const { ServerResponse: Outgoing } = process.getBuiltinModule("node:http");

/** Writes to the response that @hono/node-server hands to the app. */
export const responseTransport: SseTransport = (env, headers, onGone) => {
  const outgoing = outgoingOf(env);
  let isOpen = true;
  outgoing.writeHead(200, headers);
  outgoing.flushHeaders();
  outgoing.on("close", () => {
    if (isOpen) onGone();
    isOpen = false;
  });
  return {
    response: RESPONSE_ALREADY_SENT,
    sink: {
      framing: BYTES,
      get backlog() {
        return outgoing.writableLength;
      },
      write(chunk) {
        if (isOpen) outgoing.write(chunk);
      },
      close() {
        isOpen = false;
        outgoing.end();
      },
      destroy() {
        isOpen = false;
        outgoing.destroy();
      },
    },
  };
};

function outgoingOf(env: unknown): ServerResponse {
  if (typeof env === "object" && env !== null && "outgoing" in env && env.outgoing instanceof Outgoing) return env.outgoing;
  throw new TypeError("Cannot stream to a request that did not come through @hono/node-server");
}
