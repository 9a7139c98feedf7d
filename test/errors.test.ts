import { test } from "uvu";
import * as assert from "uvu/assert";
import { FramingError, InvalidInputError, PerchError, UnavailableError } from "../src/errors.ts";

test("every error tells its class, its code, its status and its message", () => {
  const errors = [
    new PerchError(403, "missing_scope", "No"),
    new InvalidInputError(400, "invalid_kind", "No"),
    new UnavailableError("shutting_down", "No", 1),
    new FramingError("No"),
  ];
  assert.equal(errors.map(({ name, status, code, message }) => [name, status, code, message]), [
    ["PerchError", 403, "missing_scope", "No"],
    ["InvalidInputError", 400, "invalid_kind", "No"],
    ["UnavailableError", 503, "shutting_down", "No"],
    ["FramingError", 500, "unframeable", "No"],
  ]);
  assert.ok(errors.every((error) => error instanceof PerchError));
  assert.ok(errors.every((error) => error instanceof Error));
});

test("an error keeps what caused it", () => {
  const cause = new Error("below");
  assert.is(new InvalidInputError(400, "invalid_json", "No", { cause }).cause, cause);
  assert.is(new UnavailableError("shutting_down", "No", 1, { cause }).cause, cause);
});

test("what is unavailable says after how many seconds to try again", () => {
  assert.is(new UnavailableError("too_many_sessions", "No", 30).retryAfter, 30);
});

test.run();
