/** How a connection is ended so that its client can't take it for the end of an answer, on Node. @module */

import type { Socket } from "node:net";

/** Ends a connection at once: with a reset, or over TLS, whose connections can't be reset, without the close that TLS has. */
export function breakOff(connection: Socket): void {
  if ("encrypted" in connection) connection.destroy();
  else connection.resetAndDestroy();
}
