import { test } from "uvu";
import * as assert from "uvu/assert";
import { Turns } from "../src/turns.ts";

test("a task runs at once while none waits, and gives what it returns", () => {
  const turns = new Turns();
  assert.equal([turns.take(() => 1), turns.take(() => 2)], [1, 2]);
});

test("tasks that take time run one after the other, in the order in which they came", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const ends: (() => void)[] = [];
  const task = (name: string) => () => {
    seen.push(`${name} begins`);
    return new Promise<string>((resolve) => ends.push(() => (seen.push(`${name} ends`), resolve(name))));
  };
  const results = [turns.take(task("a")), turns.take(task("b")), turns.take(() => "c")];
  for (const _ of [1, 2]) {
    await new Promise((resolve) => setTimeout(resolve));
    ends.shift()?.();
  }
  assert.equal(await Promise.all(results), ["a", "b", "c"]);
  assert.equal(seen, ["a begins", "a ends", "b begins", "b ends"]);
  await turns.end();
  assert.is(turns.take(() => "now"), "now");
});

test("a task that fails, at once or late, holds up nobody", async () => {
  const turns = new Turns();
  assert.throws(() =>
    turns.take(() => {
      throw new Error("at once");
    }), /at once/);
  const late = turns.take(() => Promise.reject(new Error("late")));
  const next = turns.take(() => "next");
  await Promise.resolve(late).then(() => assert.unreachable(), ({ message }: Error) => assert.is(message, "late"));
  assert.is(await next, "next");
  await turns.end();
});

test.run();
