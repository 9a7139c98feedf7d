/** Certificates that exist for one test. @module */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate that is signed by itself, and its key. */
export interface SelfSigned {
  readonly certFile: string;
  readonly keyFile: string;
  /** As PEM: what a client must be told to trust. */
  readonly cert: string;
  /** Removes the files. */
  remove(): void;
}

/** Makes a certificate for `localhost` and 127.0.0.1, with openssl. */
export function selfSigned(): SelfSigned {
  const folder = mkdtempSync(join(tmpdir(), "perch-tls-"));
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...name, "-keyout", keyFile, "-out", certFile], { stdio: "pipe" });
  return {
    certFile,
    keyFile,
    cert: readFileSync(certFile, "utf8"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
