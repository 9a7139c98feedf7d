/** The mavis pet broker 0.7.4 itself, to compare Perch with. @module */

import { fileURLToPath } from "node:url";
import { type ServerProcess, startServer } from "./broker-process.ts";

const PEER = fileURLToPath(new URL("../../node_modules/@mavis-pet/broker/bin/mavis-pet-broker.mjs", import.meta.url));

/** The peer also listens to an agent daemon; at the discard port there is none, so it shows only what is posted to it. */
const NO_DAEMON = { MAVIS_DAEMON_URL: "http://127.0.0.1:9" };

/** Starts the peer on a free port. */
export function startPeer(flags: readonly string[] = []): Promise<ServerProcess> {
  const listening = /^mavis-pet-broker listening on (http:\/\/127\.0\.0\.1:([0-9]+)) /m;
  return startServer([process.execPath, PEER, "--port", "0", "--quiet", ...flags], listening, NO_DAEMON);
}
