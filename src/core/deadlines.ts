/** All deadlines in one ordered structure, so that one armed timer serves any number of sessions. @module */

/** What {@linkcode Deadlines} keeps in order. Only `deadline` is the owner's to read; `set` and `remove` write all three. */
export interface Timed {
  /** When it is due, on the clock of the caller. */
  deadline: number;
  /** The time it is filed under: at or before `deadline`. */
  filedAt: number;
  /** Its place in the heap, or -1 when it is in none. */
  place: number;
}

/**
 * A binary heap that files lazily: a deadline that moves later, as a session's does with every event, only changes a number,
 * and the item is filed anew when its old time comes.
 */
export class Deadlines<T extends Timed> {
  readonly #heap: T[] = [];

  /** How many items have a deadline. */
  get size(): number {
    return this.#heap.length;
  }

  /** Sets or moves the deadline of `item`. O(1) when it moves later, O(log n) otherwise. */
  set(item: T, deadline: number): void {
    item.deadline = deadline;
    if (item.place < 0) {
      item.filedAt = deadline;
      item.place = this.#heap.push(item) - 1;
      this.#rise(item);
    } else if (deadline < item.filedAt) {
      item.filedAt = deadline;
      this.#rise(item);
    }
  }

  /** Takes `item` out; nothing happens when it is not in. */
  remove(item: T): void {
    const place = item.place;
    if (place < 0) return;
    item.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** The time at which {@linkcode takeDue} is worth a call, or undefined when there is no deadline. Never later than the first deadline. */
  nextAt(): number | undefined {
    return this.#heap[0]?.filedAt;
  }

  /** Takes out and returns the item with the earliest deadline if it is due at `now`, else undefined. */
  takeDue(now: number): T | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.filedAt > now) return undefined;
      if (first.deadline === first.filedAt) {
        this.remove(first);
        return first;
      }
      first.filedAt = first.deadline;
      this.#sink(first);
    }
  }

  #put(item: T, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }

  #rise(item: T): void {
    let place = item.place;
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1];
      if (parent === undefined || parent.filedAt <= item.filedAt) break;
      this.#put(parent, place);
      place = (place - 1) >> 1;
    }
    this.#put(item, place);
  }

  #sink(item: T): void {
    let place = item.place;
    for (;;) {
      let child = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      if (child === undefined) break;
      if (right !== undefined && right.filedAt < child.filedAt) child = right;
      if (child.filedAt >= item.filedAt) break;
      const freed = child.place;
      this.#put(child, place);
      place = freed;
    }
    this.#put(item, place);
  }
}
