/** The mavis pet broker 0.7.4 itself, to compare Perch with. @module */

import { fileURLToPath } from "node:url";
import { type ServerProcess, startServer } from "./broker-process.ts";

const PEER = fileURLToPath(new URL("../../node_modules/@mavis-pet/broker/bin/mavis-pet-broker.mjs", import.meta.url));

/** The discard port, where no daemon is. */
const NO_DAEMON = "http://127.0.0.1:9";

/**
 * Starts the peer on a free port.
 *
 * @param daemon The agent daemon that it listens to besides. Default: none, so that it shows only what is posted to it.
 */
export function startPeer(daemon: string = NO_DAEMON): Promise<ServerProcess> {
  const listening = /^mavis-pet-broker listening on (http:\/\/127\.0\.0\.1:([0-9]+)) /m;
  return startServer([process.execPath, PEER, "--port", "0", "--quiet"], listening, { MAVIS_DAEMON_URL: daemon });
}
