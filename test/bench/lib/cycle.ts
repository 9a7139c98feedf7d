/** Each of `items` in turn, for ever. */
export function cycle<Item>(items: readonly Item[]): () => Item {
  let next = 0;
  return () => {
    const item = items[next];
    if (item === undefined) throw new RangeError("Cannot take turns of nothing");
    next = next + 1 === items.length ? 0 : next + 1;
    return item;
  };
}
