import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Selection } from "../../src/hub/dialect.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { getState } from "../../src/routes/state.ts";
import { snapshot } from "../../src/stream.ts";
import { brokerOf, EPOCH } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";
import { SAFE_HEADERS } from "../../src/http/reply.ts";

const STATE: Selection = { topics: DEFAULT_TOPICS, view: "full" };

function busyBroker() {
  const { broker } = brokerOf();
  broker.ingest([agentEvent("tool.start", { sessionId: "a", title: "T" })]);
  return broker;
}

test("the answer is the snapshot, and its ETag the cursor", () => {
  const broker = busyBroker();
  const { status, headers, body = "" } = getState(broker, STATE, undefined);
  assert.equal([status, headers], [200, {
    ...SAFE_HEADERS,
    etag: `"${EPOCH}.3"`,
    "cache-control": "no-cache",
    "content-type": "application/json; charset=utf-8",
  }]);
  assert.equal(JSON.parse(body), JSON.parse(JSON.stringify(snapshot(broker, STATE))));
});

test("it tells what was asked for, and what may be known", () => {
  const broker = busyBroker();
  const keys = (selection: Selection) => Object.keys(JSON.parse(getState(broker, selection, undefined).body ?? ""));
  assert.equal(keys({ ...STATE, topics: ["pet"] }), ["epoch", "seq", "pet"]);
  const { body = "" } = getState(broker, { ...STATE, view: "bare" }, undefined);
  assert.equal([body.includes('"title"'), body.includes('"because"')], [false, false]);
});

test("who has this state already gets 304, without a body", () => {
  const broker = busyBroker();
  const tag = `"${EPOCH}.3"`;
  for (const sent of [tag, `W/${tag}`, `"x", ${tag}`, `W/"x",W/${tag} ,"y"`, "*", ` ${tag} `]) {
    const reply = getState(broker, STATE, sent);
    assert.equal(
      reply,
      { status: 304, headers: { ...SAFE_HEADERS, etag: tag, "cache-control": "no-cache" }, body: undefined },
      sent,
    );
  }
});

test("any other tag gets the state", () => {
  const broker = busyBroker();
  for (const sent of ["", `${EPOCH}.3`, `"${EPOCH}.2"`, `"${EPOCH}.30"`, `"other.3"`, `w/"${EPOCH}.3"`, `""${EPOCH}.3""`]) {
    assert.is(getState(broker, STATE, sent).status, 200, sent);
  }
});

test("the tag changes with everything that happens", () => {
  const broker = busyBroker();
  const tag = getState(broker, STATE, undefined).headers["etag"];
  broker.switchPet("cat");
  assert.is(getState(broker, STATE, tag).status, 200);
});

test.run();
