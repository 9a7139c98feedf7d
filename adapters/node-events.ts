/** Event streams on Node: written to the connection as they are, past the streams of the web, which would cost each reader more. @module */

import type { ServerResponse } from "node:http";
import process from "node:process";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { BYTES, type SseTransport } from "../src/hub/sse-sink.ts";
import { breakOff } from "./node-break-off.ts";

const { ServerResponse: Outgoing } = process.getBuiltinModule("node:http");

/**
 * Writes to the connection of the response that @hono/node-server hands to the app. The body is not sent in chunks, each of which
 * would be four pieces to write: it ends with its connection (RFC 9112 §6.3).
 */
export const responseTransport: SseTransport = (env, headers, onGone) => {
  const { outgoing, connection } = outgoingOf(env);
  let isOpen = true;
  outgoing.removeHeader("transfer-encoding");
  outgoing.writeHead(200, { ...headers, connection: "close" });
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
        return connection.writableLength;
      },
      write(chunk) {
        if (isOpen) connection.write(bufferOf(chunk));
      },
      close() {
        isOpen = false;
        outgoing.end();
      },
      destroy() {
        isOpen = false;
        breakOff(connection);
      },
    },
  };
};

let last: { readonly chunk: Uint8Array; readonly buffer: Buffer } | undefined;

/** Node would wrap any other bytes anew with each write; most readers are sent the same. */
function bufferOf(chunk: Uint8Array): Buffer {
  if (last?.chunk !== chunk) last = { chunk, buffer: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) };
  return last.buffer;
}

function outgoingOf(env: unknown) {
  if (typeof env === "object" && env !== null && "outgoing" in env && env.outgoing instanceof Outgoing) {
    const outgoing: ServerResponse = env.outgoing;
    if (outgoing.socket !== null) return { outgoing, connection: outgoing.socket };
  }
  throw new TypeError("Cannot stream to a request that did not come through @hono/node-server");
}
