// runtime: node
// limit: 300 s
/** Name, origin, site and target together: what each door says to each of them, and that nothing is kept of who stays outside. @module */

import * as assert from "uvu/assert";
import { type Door, DOORS, knock, takenBy } from "../support/doors.ts";
import { at } from "../support/json.ts";
import type { RawAnswer } from "../support/raw-http.ts";
import { guardMatrix, type GuardRow, NAMED } from "./_guard-matrix.ts";
import { serverContract } from "./server.ts";

const test = serverContract("guard");

const REFUSALS: readonly unknown[] = ["wrong_host", "foreign_origin", "cross_site"];

/** What the guard has said. What a door says to whom it let in is another matter. */
function verdictOf({ status, json }: RawAnswer, { field }: Door): string {
  const code = at(json, field);
  if (REFUSALS.includes(code)) return `${status} ${code}`;
  return status === 0 || status === 400 ? String(status) : "in";
}

function expectedOn(runtime: "node" | "deno", { verdict }: GuardRow): string {
  const [onNode = "", onDeno = onNode] = verdict.split(" | ");
  return runtime === "node" ? onNode : onDeno;
}

test(
  "says the same to the same at every door, as the table tells, and keeps nothing of who stays outside",
  async (start, runtime) => {
    const perch = await start("--allow-origin", NAMED);
    const rows = guardMatrix(perch.port);
    const before = await takenBy(perch);
    const wrong: string[] = [];
    for (const each of rows.filter((row) => expectedOn(runtime, row) !== "in")) await knockEverywhere(each);
    assert.equal(await takenBy(perch), before);
    for (const each of rows.filter((row) => expectedOn(runtime, row) === "in")) await knockEverywhere(each);
    assert.equal(wrong, []);
    assert.not.equal(await takenBy(perch), before, "who is let in can post");

    async function knockEverywhere(row: GuardRow): Promise<void> {
      for (const door of DOORS) {
        const answer = await knock(perch, { ...door, target: row.before + door.target }, row.headers);
        const verdict = verdictOf(answer, door);
        const expected = expectedOn(runtime, row);
        if (verdict !== expected) {
          wrong.push(
            `${row.name} at ${door.name}: ${verdict} (${answer.status}) instead of ${expected}`,
          );
        }
      }
    }
  },
);

test.run();
