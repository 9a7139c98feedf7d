/** Requests as bytes, made once and sent again and again. @module */

/** The v0 kinds that the load is made of. */
type Kind = "PreToolUse" | "PostToolUse" | "MessageComplete" | "PermissionRequested" | "PermissionResolved";

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

/** One v0 event. */
export function eventRequest(port: number, kind: Kind, sessionId: string): Buffer {
  const details = kind === "PreToolUse" ? { tool: "bash" } : kind === "PostToolUse" ? { tool: "bash", exitCode: 0 } : {};
  return post(port, "/event", JSON.stringify({ kind, sessionId, ...details }));
}

/** Chooses a pet, which every reader is told: where its name shows up, all that was sent before has arrived. */
export function switchRequest(port: number, slug: string): Buffer {
  return post(port, "/switch", JSON.stringify({ slug }));
}

/** The id of the session at `index`. */
export function sessionId(index: number): string {
  return `ses_${String(index).padStart(6, "0")}`;
}

/** The events that start `count` sessions. */
export function startRequests(port: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => eventRequest(port, "PreToolUse", sessionId(index)));
}

/** Events of `count` sessions that are at work, and stay it: the aggregate never changes. */
export function workRequests(port: number, count: number): Buffer[] {
  return Array.from(
    { length: Math.max(count, 2) },
    (_, index) => eventRequest(port, index % 2 === 0 ? "PreToolUse" : "PostToolUse", sessionId(index % count)),
  );
}

/** Two events of one session that change the aggregate in turns: to `wave`, and back to `run`. */
export function changeRequests(port: number): readonly [wave: Buffer, run: Buffer] {
  return [shortRequest(port, "MessageComplete"), shortRequest(port, "PreToolUse")];
}

/** Two events of one session that change the aggregate in turns, whatever other sessions do: to `review`, and back. */
export function askRequests(port: number): readonly [ask: Buffer, answer: Buffer] {
  return [shortRequest(port, "PermissionRequested"), shortRequest(port, "PermissionResolved")];
}

/**
 * An event of few bytes, so that several may be in flight: Deno 2.9.5 ends a connection at a request that it has not wholly
 * read ahead, and it reads 1,024 bytes (https://github.com/denoland/deno/issues/36657).
 */
function shortRequest(port: number, kind: Kind): Buffer {
  const body = JSON.stringify({ kind, sessionId: "solo" });
  return Buffer.from(`POST /event HTTP/1.1\r\nHost:127.0.0.1:${port}\r\nContent-Length:${body.length}\r\n\r\n${body}`);
}
