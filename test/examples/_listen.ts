/** Servers that a test makes itself. @module */

import type { Server } from "node:net";

/** Listens on 127.0.0.1, on a free port unless one is given, and returns the URL. */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error(`The server listens at ${address}`);
  return `http://127.0.0.1:${address.port}`;
}
