/** WebSockets on Node: frames are made once and written to each connection as they are. @module */

import type { Socket as Connection } from "node:net";
import type { NodeWebSocket } from "@hono/node-ws";
import type { Framing } from "../src/hub/sink.ts";
import { type SocketTransport, socketTransport } from "../src/hub/ws-sink.ts";
import { textFrame } from "../src/protocol/ws-frame.ts";

/** Buffers, since Node would wrap any other bytes anew with each write. */
const FRAMES: Framing<Buffer> = {
  name: "frames",
  frame: (text) => {
    const { buffer, byteOffset, byteLength } = textFrame(text);
    return Buffer.from(buffer, byteOffset, byteLength);
  },
  join: (frames) => Buffer.concat(frames),
};

/** A socket of `ws`, as @hono/node-ws hands it out. */
export type NodeSocket = NodeWebSocket["wss"]["clients"] extends Set<infer Client> ? Client : never;

/** The `ws` socket and the connection under it, by what Hono calls `raw`. */
export type Connections = WeakMap<object, { readonly ws: NodeSocket; readonly connection: Connection }>;

/**
 * Writes frames past `ws`, straight to the connection. That is safe because `ws` writes each of its own frames (pong, close) in
 * one go and nothing is compressed, so frames never mix.
 */
export function frameTransport(connections: Connections): SocketTransport {
  return socketTransport(FRAMES, ({ raw }) => {
    const known = typeof raw === "object" && raw !== null ? connections.get(raw) : undefined;
    if (known === undefined) throw new TypeError("Cannot write to a socket whose connection is not known");
    const { ws, connection } = known;
    return {
      framing: FRAMES,
      get backlog() {
        return connection.writableLength;
      },
      write(frame) {
        if (ws.readyState === ws.OPEN) connection.write(frame);
      },
      ping(onPong) {
        ws.once("pong", onPong);
        ws.ping();
      },
      close: (code, reason) => ws.close(code, reason),
      destroy: () => ws.terminate(),
    };
  });
}
