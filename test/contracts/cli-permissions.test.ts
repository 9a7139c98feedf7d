// runtime: node
/** What `perch serve` needs to be allowed on Deno. */

import * as assert from "uvu/assert";
import { startServer } from "../support/broker-process.ts";
import { ask } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { newStateDir } from "../support/state-dir.ts";
import { startCommand } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("perch serve with few permissions", { runtimes: ["deno"] });
const LISTEN = ["node_modules/.bin/deno", "run", "--allow-net=127.0.0.1"];

test("needs no permissions but to listen and for its state folder", async () => {
  const folder = newStateDir();
  const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`, "--allow-sys=uid"];
  const command = [...LISTEN, ...permissions, "mod.ts", "--port", "0", "--state-dir", folder];
  const perch = await startServer(command, /^perch listening on (http:\/\/127\.0\.0\.1:([0-9]+)) /m);
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
  perch.signal("SIGTERM");
  assert.equal(await within(10_000, "end", perch.exited), { code: 0, signal: null });
});

test("says which permission it lacks", async () => {
  const without = await startCommand([...LISTEN, "--no-prompt", "mod.ts", "--port", "0"]).ended;
  assert.is(without.code, 1);
  assert.match(
    without.stderr,
    /^perch: Cannot tell where the state folder is: Requires .* access .* --state-dir or PERCH_STATE_DIR\n$/,
  );
  const named = await startCommand([...LISTEN, "--no-prompt", "mod.ts", "--port", "0", "--state-dir", newStateDir()]).ended;
  assert.is(named.code, 1);
  assert.match(named.stderr, /^perch: Cannot use .* as the state folder: Requires .* access .*\n$/);
});

test.run();
