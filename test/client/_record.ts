/** Everything that a connection tells, in order. @module */

import type { Connection, ConnectionEvents, Status } from "../../src/client/client.ts";
import { Inbox } from "../support/inbox.ts";

/** One call of a listener. */
export type Told = { [Name in keyof ConnectionEvents]: { readonly name: Name; readonly data: ConnectionEvents[Name] } }[
  keyof ConnectionEvents
];

/** Listens to everything but `change`. */
export function record(connection: Connection): Inbox<Told> {
  const told = new Inbox<Told>("what the connection told");
  connection.on("hello", (data) => told.push({ name: "hello", data }));
  connection.on("reset", (data) => told.push({ name: "reset", data }));
  connection.on("snapshot", (data) => told.push({ name: "snapshot", data }));
  connection.on("live", (data) => told.push({ name: "live", data }));
  connection.on("state", (data) => told.push({ name: "state", data }));
  connection.on("session", (data) => told.push({ name: "session", data }));
  connection.on("session.gone", (data) => told.push({ name: "session.gone", data }));
  connection.on("pet", (data) => told.push({ name: "pet", data }));
  connection.on("event", (data) => told.push({ name: "event", data }));
  connection.on("bye", (data) => told.push({ name: "bye", data }));
  connection.on("status", (data) => told.push({ name: "status", data }));
  return told;
}

/** The names of what was told, statuses with their phase and the code of their cause. */
export function namesOf(told: readonly Told[]): string[] {
  return told.map(({ name, data }) => {
    if (name !== "status") return name;
    return data.cause === undefined ? data.phase : `${data.phase} ${data.cause.code}`;
  });
}

/** Waits for the next status that is sought. */
export async function nextStatus(told: Inbox<Told>, isSought: (status: Status) => boolean): Promise<Status> {
  const found = await told.next("status", ({ name, data }) => name === "status" && isSought(data));
  if (found.name !== "status") throw new Error(`Found ${found.name} for a status`);
  return found.data;
}
