/** The table of receipts. @module */

import * as v from "valibot";
import type { Receipt } from "../ports/store.ts";
import { logger } from "../ports/log.ts";
import type { Database, Statement } from "./_database.ts";
import type { ReceiptLimits } from "./_receipts.ts";
import { type Checksum, sumOf } from "./_sums.ts";

const rowSchema = v.object({ body: v.string(), sum: v.number() });
const bodySchema = v.tuple([v.string(), v.array(v.number())]);
const boundsSchema = v.object({ oldest: v.nullable(v.number()), newest: v.nullable(v.number()) });
const ageSchema = v.object({ now: v.number() });

/** Receipts that are forgotten with one commit at most, so that none takes long. */
const SLICE = 16;

/** See the module. */
export class ReceiptTable {
  readonly #checksum: Checksum;
  readonly #limits: ReceiptLimits;
  readonly #insert: Statement;
  readonly #find: Statement;
  readonly #age: Statement;
  readonly #delete: Statement;
  #oldest: number;
  #newest: number;

  constructor(database: Database, checksum: Checksum, limits: ReceiptLimits) {
    this.#checksum = checksum;
    this.#limits = limits;
    this.#insert = database.prepare("INSERT OR REPLACE INTO receipts (place, name, body, now, sum) VALUES (?, ?, ?, ?, ?)");
    this.#find = database.prepare("SELECT body, sum FROM receipts WHERE name = ?");
    this.#age = database.prepare("SELECT now FROM receipts WHERE place >= ? ORDER BY place LIMIT 1");
    this.#delete = database.prepare("DELETE FROM receipts WHERE place < ?");
    const bounds = database.prepare("SELECT min(place) AS oldest, max(place) AS newest FROM receipts").get();
    const { oldest, newest } = v.parse(boundsSchema, bounds);
    this.#oldest = oldest ?? 1;
    this.#newest = newest ?? 0;
  }

  /** The receipt of a key; one that is broken is as good as none. */
  find(key: string): Receipt | undefined {
    const found = this.#find.get(key);
    if (found === undefined) return undefined;
    const { body, sum } = v.parse(rowSchema, found);
    if (sumOf(this.#checksum, key, body) !== sum) {
      logger("store").error("the receipt of {key} is broken, so that what was posted with it may be taken twice", { key });
      return undefined;
    }
    const [fingerprint, seqs] = v.parse(bodySchema, JSON.parse(body));
    return { key, fingerprint, seqs };
  }

  /** Adds receipts and forgets some that are too old; returns what to do once that is kept. */
  add(receipts: readonly Receipt[], now: number): () => void {
    let place = this.#newest;
    for (const { key, fingerprint, seqs } of receipts) {
      const body = JSON.stringify([fingerprint, seqs]);
      this.#insert.run(place += 1, key, body, now, sumOf(this.#checksum, key, body));
    }
    const oldest = this.#prune(place, now);
    return () => {
      this.#newest = place;
      this.#oldest = oldest;
    };
  }

  #prune(newest: number, now: number): number {
    const { ageMs, least, most } = this.#limits;
    const count = newest - this.#oldest + 1;
    if (count <= least) return this.#oldest;
    const upTo = this.#oldest + Math.min(SLICE, count - least);
    const last = this.#age.get(upTo - 1);
    const isOld = last !== undefined && now - v.parse(ageSchema, last).now >= ageMs;
    if (!isOld && count <= most) return this.#oldest;
    this.#delete.run(upTo);
    return upTo;
  }
}
