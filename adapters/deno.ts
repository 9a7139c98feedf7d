/** Perch on Deno. @module */

import { dismissReaders } from "../src/dismiss.ts";
import { createFastPath, type FastRoute } from "../src/fast-path.ts";
import { cutShort } from "../src/http/body.ts";
import { factsOf, postHeadOf, type RequestFacts } from "../src/http/facts.ts";
import { refusalReply } from "../src/http/refusal.ts";
import { errorReply, NO_CONTENT, noteFailure, type Reply, toResponse } from "../src/http/reply.ts";
import { FOREIGN_TARGET, isPlainTarget, ODD_TARGET } from "../src/http/target.ts";
import { logger } from "../src/ports/log.ts";
import { createSurface } from "../src/surface.ts";
import { listen } from "./deno-listen.ts";
import type { DenoApp } from "./deno-app.ts";
import { lazy } from "./lazy.ts";
import { type RunningServer, schemeOf, type ServeOptions, SHUTDOWN_MS, surfaceOptionsOf, urlOf } from "./server.ts";

export type { RunningServer, ServeOptions, TlsOptions } from "./server.ts";

/**
 * When the app is loaded, and with a first line the log, if nothing has needed them by then, in milliseconds. Later there may be
 * no file descriptor left for that, and Deno ends a process that can't read what it loads.
 */
const LOAD_MS = 100;

/**
 * Serves a broker on Deno.
 *
 * @throws {Error} With the system's `code`, e.g. `EADDRINUSE`, if it can't listen.
 */
export function serve(options: ServeOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 7857, broker, tls } = options;
  let handle: DenoApp = () => new Response(null, { status: 503 });
  const onError = (error: unknown): Response => toResponse(errorReply(error));
  const listener = listen({ hostname: host, port, onError, ...tls }, (request, info) => handle(request, info));
  const bound = listener.port;
  const surface = createSurface({
    ...surfaceOptionsOf(options, host, bound),
    residentBytes: () => Deno.memoryUsage().rss,
  });
  const scheme = `${schemeOf(options)}://`;
  const app = lazy(async () => (await import("./deno-app.ts")).createDenoApp(surface));
  const loadSoon = setTimeout(() => {
    app.load().catch(noteFailure);
    logger("deno").debug("listens on {url}", { url: urlOf(options, host, bound) });
  }, LOAD_MS);
  const fastPath = createFastPath(surface);
  handle = (request, info) => {
    // In HTTP/2, which comes over TLS only, the authority of the address stands in for Host.
    const facts = factsOf(request.headers, info, tls === undefined ? undefined : new URL(request.url).host);
    const path = pathOf(request.url, scheme, facts.host);
    if (path === undefined) return toResponse(refusalReply(anyPathOf(request.url), FOREIGN_TARGET));
    const route = fastPath.get(`${request.method} ${path}`);
    const answer = route === undefined ? undefined : answerFast(route, facts, request);
    if (answer !== undefined) return answer;
    const refusal = surface.guard(facts) ?? (isPlainTarget(path) ? undefined : ODD_TARGET);
    if (refusal !== undefined) return toResponse(refusalReply(path, refusal));
    return app.value?.(request, info) ?? app.load().then((answerIn) => answerIn(request, info));
  };
  return Promise.resolve({
    host,
    port: bound,
    url: urlOf(options, host, bound),
    async close() {
      clearTimeout(loadSoon);
      let forced: ReturnType<typeof setTimeout> | undefined;
      // Deno has no way to end what is left at once: the end of the process does.
      const deadline = new Promise<void>((resolve) => forced = setTimeout(resolve, SHUTDOWN_MS));
      // First the readers: the listener would end their sockets itself, without a word.
      const ended = dismissReaders(broker).then(() => listener.close());
      await Promise.race([ended, deadline]);
      clearTimeout(forced);
      await broker.close();
    },
  });
}

/** The path and query of a target; undefined for one that names another host than Host does (RFC 9112 §3.2.2). */
function pathOf(url: string, scheme: string, host: string | undefined): string | undefined {
  if (host === undefined) return anyPathOf(url);
  const origin = `${scheme}${host}`;
  return url.startsWith(`${origin}/`) ? url.slice(origin.length) : undefined;
}

/** The path whatever the host: it says in which form a refusal is to be. */
const anyPathOf = (url: string): string => /^[a-z]+:\/\/[^/]*(\/.*)/i.exec(url)?.[1] ?? "/";

/** Undefined when the app must answer. The announced length is within the limit, and Deno takes no more than was announced. */
function answerFast(route: FastRoute, facts: RequestFacts, request: Request): Response | Promise<Response> | undefined {
  const { headers } = request;
  if (route.takes !== "nothing" && Number(headers.get("content-length") ?? Infinity) > route.maxBytes) return undefined;
  const grant = route.admit(facts);
  if (grant === undefined) return undefined;
  if (route.takes === "nothing") return toResponse(route.answer());
  if (route.takes === "text") return request.text().then((body) => respond(route.answer(body)), refuseCutShort);
  const head = postHeadOf(headers);
  return request.arrayBuffer().then((body) => respond(route.answer(new Uint8Array(body), head, grant)), refuseCutShort);
}

const refuseCutShort = (cause: unknown): Response => toResponse(errorReply(cutShort(cause)));

const respond = (reply: Reply | Promise<Reply>): Response | Promise<Response> =>
  reply instanceof Promise ? reply.then(fastResponse) : fastResponse(reply);

/** What most hooks are answered. It has no body that could be used up, so that one does for all. */
const noContent = toResponse(NO_CONTENT);

const fastResponse = (reply: Reply): Response => reply === NO_CONTENT ? noContent : toResponse(reply);
