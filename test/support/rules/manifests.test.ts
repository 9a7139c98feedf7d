import { test } from "uvu";
import * as assert from "uvu/assert";
import { type DenoManifest, differences, type NpmManifest } from "./manifests.ts";

const deno: DenoManifest = {
  name: "@perch/broker",
  version: "1.2.3",
  license: "MIT",
  exports: { ".": "./mod.ts", "./client": "./src/client/client.ts", "./deno": "./adapters/deno.ts" },
};
const npm: NpmManifest = {
  name: "@perch/broker",
  version: "1.2.3",
  license: "MIT",
  exports: {
    ".": { types: "./dist/mod.d.ts", default: "./dist/mod.js" },
    "./client": { types: "./dist/src/client/client.d.ts", default: "./dist/src/client/client.js" },
  },
};

test("finds no difference where there is none", () => {
  assert.equal(differences(deno, npm, "1.2.3"), []);
});

test("finds every difference of name, version and license", () => {
  assert.equal(differences(deno, { ...npm, name: "perch" }, "1.2.3"), ["name: @perch/broker in deno.json, else perch"]);
  assert.equal(differences(deno, { ...npm, license: "ISC" }, "1.2.3"), ["license: MIT in deno.json, else ISC"]);
  assert.equal(differences(deno, { ...npm, version: "1.2.4" }, "1.2.3"), ["version: 1.2.3 in deno.json, else 1.2.4"]);
  assert.equal(differences(deno, npm, "1.0.0"), ["version in src/version.ts: 1.2.3 in deno.json, else 1.0.0"]);
});

test("finds entry points that one of them lacks or that name another file", () => {
  const { "./client": client, ...rest } = npm.exports;
  assert.equal(differences(deno, { ...npm, exports: rest }, "1.2.3"), [
    "exports ./client: ./dist/src/client/client.js in deno.json, else undefined",
    "types of ./client: ./dist/src/client/client.d.ts in deno.json, else undefined",
  ]);
  assert.is(differences({ ...deno, exports: { ".": "./mod.ts" } }, npm, "1.2.3").length, 2);
  const moved = { ...npm.exports, ".": { types: "./dist/mod.d.ts", default: "./dist/main.js" } };
  assert.equal(differences(deno, { ...npm, exports: moved }, "1.2.3"), [
    "exports .: ./dist/mod.js in deno.json, else ./dist/main.js",
  ]);
  assert.ok(client);
});

test("finds Deno's adapter where npm would offer it", () => {
  const exports = { ...npm.exports, "./deno": { types: "./dist/adapters/deno.d.ts", default: "./dist/adapters/deno.js" } };
  assert.equal(differences(deno, { ...npm, exports }, "1.2.3"), [
    "exports ./deno: undefined in deno.json, else ./dist/adapters/deno.js",
  ]);
});

test.run();
