/** A second reader of event streams, written from the specification alone, so that one parser's mistake hides nothing. @module */

/** An event as a browser would dispatch it. */
export interface TinyEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** What a whole stream has said. Fields of a block that no browser knows are an error: nothing here sends any. */
export function parseTiny(stream: string): TinyEvent[] {
  const events: TinyEvent[] = [];
  for (const block of stream.replace(/^\uFEFF/, "").split(/(?:\r\n|\r|\n){2}/).slice(0, -1)) {
    const fields = new Map<string, string[]>();
    for (const line of block.split(/\r\n|\r|\n/)) {
      const [name = "", ...rest] = line.split(":");
      if (name === "") continue;
      const value = rest.join(":").replace(/^ /, "");
      fields.set(name, [...fields.get(name) ?? [], value]);
    }
    const stray = [...fields].find(([name, values]) => !["id", "event", "data", "retry"].includes(name) || values.length > 1);
    if (stray !== undefined) {
      throw new Error(`The block has a field that nobody wrote: ${stray[0]} in ${JSON.stringify(block)}`);
    }
    const data = fields.get("data")?.[0];
    if (data !== undefined) events.push({ type: fields.get("event")?.[0] ?? "message", id: fields.get("id")?.[0], data });
  }
  return events;
}
