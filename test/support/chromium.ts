/** A real browser. @module */

import { type Browser, chromium } from "playwright-core";
import { findChromium } from "./runner/needs.ts";

/** No updates, no telemetry, no network beyond this machine. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the Chromium that the runner has found, with a new profile. */
export function startChromium(...more: readonly string[]): Promise<Browser> {
  const executablePath = findChromium(process.env);
  if (executablePath === undefined) throw new Error("Chromium is not installed (apt-get install chromium)");
  return chromium.launch({ executablePath, args: [...ARGS, ...more] });
}
