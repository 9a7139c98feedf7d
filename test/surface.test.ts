import { test } from "uvu";
import * as assert from "uvu/assert";
import { bodyTransport } from "../src/hub/sse-sink.ts";
import { textTransport } from "../src/hub/ws-sink.ts";
import { createSurface } from "../src/surface.ts";
import { brokerOf } from "./support/app.ts";
import { ANONYMOUS, factsWith } from "./support/facts.ts";

const facts = (host: string, origin?: string) => factsWith({ host, origin });

test("all but the broker has the documented default", () => {
  const { broker } = brokerOf();
  const { limits, maxReaders, maxFrameBytes, frameRate, access, openEvents, guard } = createSurface({ broker });
  assert.equal(limits, { bodyBytes: 262_144, eventBytes: 65_536, batch: 100 });
  assert.equal([maxReaders, maxFrameBytes], [1_000, 16_384]);
  assert.equal(frameRate, { perSecond: 20, burst: 40 });
  assert.equal(access(factsWith()), ANONYMOUS);
  assert.is(openEvents, bodyTransport);
  assert.is(guard(facts("localhost:1")), undefined);
  assert.is(guard(facts("192.168.0.7:1"))?.code, "wrong_host");
  assert.is(guard.allowsOrigin("http://pet.lan"), false);
});

test("a limit that is set leaves the others as they are", () => {
  const { broker } = brokerOf();
  assert.equal(createSurface({ broker, limits: { batch: 7 } }).limits, { bodyBytes: 262_144, eventBytes: 65_536, batch: 7 });
});

test("names and origins that are set are those of the guard", () => {
  const { guard } = createSurface({ ...brokerOf(), hosts: ["pet:1"], addressPort: 1, origins: ["http://pet.lan"] });
  assert.equal(["pet:1", "10.0.0.1:1"].map((host) => guard(facts(host))), [undefined, undefined]);
  assert.is(guard(facts("localhost:1"))?.code, "wrong_host");
  assert.is(guard(facts("pet:1", "http://pet.lan")), undefined);
  assert.is(guard.allowsOrigin("http://pet.lan"), true);
});

test("the ways to write of a runtime are used, made once for the hub of the broker", () => {
  const { broker } = brokerOf();
  const hubs: unknown[] = [];
  const subscribers: unknown[] = [];
  const surface = createSurface({
    broker,
    eventStreams: (...given) => bodyTransport(...given),
    sockets: (hub) => {
      hubs.push(hub);
      const subscribe = textTransport(hub);
      subscribers.push(subscribe);
      return subscribe;
    },
  });
  assert.is(hubs.length, 1);
  assert.is(hubs[0], broker.hub);
  assert.is(surface.sockets, subscribers[0]);
  assert.is.not(surface.openEvents, bodyTransport);
});

test.run();
