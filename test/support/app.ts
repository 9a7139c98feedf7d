/** An app and its broker, asked without a server. @module */

import type { Hono } from "hono";
import { type AppOptions, createApp } from "../../src/app.ts";
import { type Broker, type BrokerOptions, createBroker } from "../../src/broker.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { FakeClock } from "./fake-clock.ts";
import type { Answer } from "./http.ts";
import { parseOrUndefined } from "./json.ts";
import { FakeTokens } from "./tokens.ts";

/** The epoch of every broker made here. */
export const EPOCH = "epoch12345";

/** A broker on a fake clock, whose log is always called {@linkcode EPOCH}. */
export function brokerOf(options: BrokerOptions = {}): { readonly broker: Broker; readonly clock: FakeClock } {
  const clock = new FakeClock();
  return { broker: createBroker({ clock, store: memoryStore({ epoch: EPOCH }), ...options }), clock };
}

/** What a request has beside its line. Default: a local program's, without a body. */
export interface Rest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** What Deno hands to an app with a request of its own machine. */
const LOCAL = { remoteAddr: { hostname: "127.0.0.1" } };

/** Hands a request to an app, e.g. `GET /v1/state`; Host is `localhost` unless it is given. */
export function request(app: Hono, line: string, { headers = {}, body }: Rest = {}): Promise<Response> {
  const [method = "", target = ""] = line.split(" ");
  const init: RequestInit = { method, headers: { host: "localhost", ...headers } };
  return Promise.resolve(app.request(target, body === undefined ? init : { ...init, body }, LOCAL));
}

/** Hands a request to an app and reads the answer whole. */
export async function askApp(app: Hono, line: string, rest: Rest = {}): Promise<Answer> {
  const response = await request(app, line, rest);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseOrUndefined(text) };
}

/** An app whose one token, `root`, may do everything, its broker, and how to ask it. */
export function appOf(options: Partial<AppOptions> = {}, brokerOptions: BrokerOptions = {}) {
  const { broker, clock } = brokerOf(brokerOptions);
  const app = createApp({ broker, tokens: new FakeTokens("root"), ...options });
  return { broker, clock, app, ask: (line: string, rest?: Rest) => askApp(app, line, rest) };
}

/** JSON for `POST /v1/events`. */
export function jsonOf(data: unknown): Rest {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(data) };
}
