import { test } from "uvu";
import * as assert from "uvu/assert";
import { MessageQueue } from "../../src/client/_message-queue.ts";
import { ConnectionError } from "../../src/client/status.ts";
import { pet } from "./_wire.ts";

/** A queue, and how often it was told to be over. */
function queueOf(limit: number) {
  const ends: MessageQueue[] = [];
  return { queue: new MessageQueue(limit, (queue) => ends.push(queue)), ends };
}

const outcome = (read: Promise<IteratorResult<unknown, undefined>>) =>
  read.then(({ done, value }) => done ? "done" : value, (error: unknown) => error instanceof ConnectionError && error.code);

test("messages wait until they are asked for, in their order", async () => {
  const { queue, ends } = queueOf(10);
  for (const seq of [1, 2]) queue.push(pet(seq));
  assert.equal([await outcome(queue.next()), await outcome(queue.next())], [pet(1), pet(2)]);
  const next = outcome(queue.next());
  queue.push(pet(3));
  assert.equal([await next, ends.length], [pet(3), 0]);
});

test("as many as the limit can wait; with one more the loop fails and wants no more", async () => {
  const { queue, ends } = queueOf(3);
  for (const seq of [1, 2, 3]) queue.push(pet(seq));
  assert.is(ends.length, 0);
  queue.push(pet(4));
  assert.is(ends[0], queue);
  assert.is(await outcome(queue.next()), "buffer_overflow");
});

test("what has been read makes room", async () => {
  const { queue, ends } = queueOf(1);
  for (const seq of [1, 2, 3]) {
    queue.push(pet(seq));
    assert.equal(await outcome(queue.next()), pet(seq));
  }
  assert.is(ends.length, 0);
});

test("at the end what waits can still be read, and then it is over, in peace or with an error", async () => {
  for (
    const [error, end] of [[undefined, "done"], [new ConnectionError({ code: "refused", detail: "No" }), "refused"]] as const
  ) {
    const { queue } = queueOf(10);
    queue.push(pet(1));
    queue.end(error);
    assert.equal([await outcome(queue.next()), await outcome(queue.next())], [pet(1), end]);
  }
});

test("who leaves the loop wants no more", async () => {
  const { queue, ends } = queueOf(10);
  queue.push(pet(1));
  queue.push(pet(2));
  for await (const message of queue) {
    assert.equal(message, pet(1));
    break;
  }
  assert.equal([ends.length, await outcome(queue.next())], [1, "done"]);
});

test.run();
