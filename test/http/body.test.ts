import { test } from "uvu";
import * as assert from "uvu/assert";
import { InvalidInputError } from "../../src/errors.ts";
import { decodeUtf8, parseJson, readBody } from "../../src/http/body.ts";

const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(120);

/** A request whose body comes in chunks of these sizes, the last of them asked for again and again where `isEndless`. */
function requestOf(sizes: readonly number[], headers: Record<string, string> = {}, isEndless = false) {
  const seen = { pulled: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = sizes[seen.pulled] ?? (isEndless ? sizes.at(-1) : undefined);
      if (size === undefined) return controller.close();
      seen.pulled += 1;
      controller.enqueue(bytes(size));
    },
    cancel: () => void (seen.isCancelled = true),
  }, { highWaterMark: 0 });
  const init = { method: "POST", headers, body, duplex: "half" };
  return { request: new Request("http://localhost/", init), seen };
}

const outcome = (work: Promise<Uint8Array>): Promise<number | string> =>
  work.then(({ byteLength }) => byteLength, (error: unknown) => codeOf(error));

function codeOf(error: unknown): string {
  if (!(error instanceof InvalidInputError)) throw error;
  return `${error.status} ${error.code}`;
}

test("a body up to its limit is read whole, one byte more is refused, whatever its chunks", async () => {
  for (const sizes of [[10], [4, 4, 2], [0, 10, 0]]) {
    assert.is(await outcome(readBody(requestOf(sizes).request, 10)), 10);
    assert.is(await outcome(readBody(requestOf([...sizes, 1]).request, 10)), "413 body_too_large");
  }
});

test("the bytes come out in the order in which they came in", async () => {
  const request = new Request("http://localhost/", { method: "POST", body: "ä\n{}" });
  assert.equal([...await readBody(request, 10)], [0xc3, 0xa4, 0x0a, 0x7b, 0x7d]);
});

test("a request without a body has an empty one", async () => {
  assert.is(await outcome(readBody(new Request("http://localhost/", { method: "POST" }), 0)), 0);
});

test("a body without end is let go as soon as it is over the limit", async () => {
  const { request, seen } = requestOf([4], {}, true);
  assert.is(await outcome(readBody(request, 10)), "413 body_too_large");
  assert.equal(seen, { pulled: 3, isCancelled: true });
});

test("a length over the limit is believed before any of the body has come", async () => {
  for (const length of ["11", "99999999999999999999", "Infinity"]) {
    const { request, seen } = requestOf([1], { "content-length": length });
    assert.is(await outcome(readBody(request, 10)), "413 body_too_large");
    assert.is(seen.pulled, 0, length);
  }
});

test("a length within the limit is not believed", async () => {
  for (const length of ["1", "10", "0", "-1", "many", ""]) {
    const headers = { "content-length": length };
    assert.is(await outcome(readBody(requestOf([10], headers).request, 10)), 10, length);
    assert.is(await outcome(readBody(requestOf([11], headers).request, 10)), "413 body_too_large", length);
  }
});

test("the error says how many bytes are allowed", async () => {
  const error: unknown = await readBody(requestOf([11]).request, 10).catch((error: unknown) => error);
  assert.ok(error instanceof InvalidInputError && error.message.includes("larger than 10 bytes"));
});

test("UTF-8 is decoded, and a byte order mark is skipped", () => {
  assert.is(decodeUtf8(new TextEncoder().encode("aä\u20ac\u{1F43E}")), "aä\u20ac\u{1F43E}");
  assert.is(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "a");
  assert.is(decodeUtf8(new Uint8Array()), "");
});

test("what is not UTF-8 is refused, not repaired", () => {
  const broken = [[0xff], [0xc3], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0x61, 0x80]];
  for (const sequence of broken) {
    assert.throws(() => decodeUtf8(new Uint8Array(sequence)), (error: unknown) => codeOf(error) === "400 invalid_utf8");
  }
  assert.is(decodeUtf8(new Uint8Array([0x61])), "a", "one that was refused leaves nothing behind");
});

test("JSON is parsed", () => {
  assert.equal(parseJson(' {"a":[1,null]}\n', "body"), { a: [1, null] });
});

test("what is no JSON is refused with its place, and what is empty is called so", () => {
  const refused = (text: string) => {
    try {
      return parseJson(text, "line 3");
    } catch (error) {
      return [codeOf(error), error instanceof Error && error.message];
    }
  };
  for (const text of ["", " \n"]) assert.equal(refused(text), ["400 invalid_json", "The line 3 is empty"]);
  for (const text of ["{", "{a:1}", "[1,]", "nope", "{}{}", "\u0000"]) {
    assert.equal(refused(text), ["400 invalid_json", "The line 3 is not valid JSON"]);
  }
});

test("JSON that nests without end is a value or refused, never another failure", () => {
  for (const text of ["[".repeat(200_000), `${"[".repeat(100_000)}${"]".repeat(100_000)}`, '{"a":'.repeat(50_000)]) {
    try {
      assert.type(parseJson(text, "body"), "object");
    } catch (error) {
      assert.is(codeOf(error), "400 invalid_json");
    }
  }
});

test.run();
