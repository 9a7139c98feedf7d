#!/usr/bin/env node
/** The `perch` of the npm package. Old versions of Node must be able to read this file, so that they can say they are too old. @module */

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`perch: Node ${process.versions.node} is too old: install Node 22.18 or newer from https://nodejs.org`);
  process.exitCode = 1;
} else {
  void import("./cli.ts").then(({ main }) => main());
}
