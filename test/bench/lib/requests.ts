/** Requests as bytes, made once and sent again and again. @module */

import type { FloaterKind } from "../../../src/compat/_events.ts";

/** A POST to the server at `port`. */
export function post(port: number, path: string, body: string, type = "application/json"): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "User-Agent: bench",
    "Accept: */*",
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}
