/** The small tables of the SQLite store: facts by name, and sessions by id. @module */

import * as v from "valibot";
import type { Session } from "../core/session.ts";
import type { Database, Statement } from "./_database.ts";
import { reviveSession, storedSessionSchema } from "./_stored-session.ts";
import { BrokenLogError, type Checksum, checkSum, sumOf } from "./_sums.ts";

const metaSchema = v.object({ body: v.string(), sum: v.number() });
const sessionSchema = v.object({ id: v.string(), body: v.string(), sum: v.number() });

/** Single facts. */
export class MetaTable {
  readonly #checksum: Checksum;
  readonly #put: Statement;
  readonly #get: Statement;

  constructor(database: Database, checksum: Checksum) {
    this.#checksum = checksum;
    this.#put = database.prepare("INSERT OR REPLACE INTO meta (name, body, sum) VALUES (?, ?, ?)");
    this.#get = database.prepare("SELECT body, sum FROM meta WHERE name = ?");
  }

  put(name: string, body: string): void {
    this.#put.run(name, body, sumOf(this.#checksum, name, body));
  }

  /** @throws {BrokenLogError} If it is not what was put. */
  get(name: string): string | undefined {
    const found = this.#get.get(name);
    if (found === undefined) return undefined;
    const { body, sum } = v.parse(metaSchema, found);
    checkSum(this.#checksum, sum, `fact "${name}"`, name, body);
    return body;
  }
}

/** Sessions as of the last checkpoint, or newer. */
export class SessionTable {
  readonly #checksum: Checksum;
  readonly #put: Statement;
  readonly #drop: Statement;
  readonly #all: Statement;

  constructor(database: Database, checksum: Checksum) {
    this.#checksum = checksum;
    this.#put = database.prepare("INSERT OR REPLACE INTO sessions (id, body, sum) VALUES (?, ?, ?)");
    this.#drop = database.prepare("DELETE FROM sessions WHERE id = ?");
    this.#all = database.prepare("SELECT id, body, sum FROM sessions");
  }

  /** Writes what is known of a session; undefined when it is gone. */
  put(id: string, session: Session | undefined): void {
    // An id of the v0 surface may hold NUL, at which some SQLite cuts a text; JSON writes it in another way.
    const key = JSON.stringify(id);
    if (session === undefined) return void this.#drop.run(key);
    const body = JSON.stringify(session);
    this.#put.run(key, body, sumOf(this.#checksum, key, body));
  }

  /** @throws {BrokenLogError} If one is not what was put. */
  all(): Session[] {
    return this.#all.all().map((row) => {
      const { id, body, sum } = v.parse(sessionSchema, row);
      checkSum(this.#checksum, sum, `session ${id}`, id, body);
      const stored: unknown = JSON.parse(body);
      if (!v.is(storedSessionSchema, stored)) throw new BrokenLogError(`The session ${id} can't be read`);
      return reviveSession(stored);
    });
  }
}
