import { test } from "uvu";
import * as assert from "uvu/assert";
import { Tickets } from "../../src/http/tickets.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { EVERYTHING } from "../support/facts.ts";

const PAGE = "http://localhost:7857";

function ticketsOf() {
  const clock = new FakeClock();
  return { clock, tickets: new Tickets(clock) };
}

test("a ticket is good once, and within 30 s", () => {
  const { clock, tickets } = ticketsOf();
  const ticket = tickets.issue(EVERYTHING, PAGE);
  assert.equal([tickets.redeem(ticket, PAGE), tickets.redeem(ticket, PAGE)], [EVERYTHING, undefined]);
  const [early, late] = [tickets.issue(EVERYTHING, PAGE), tickets.issue(EVERYTHING, PAGE)];
  clock.advance(29_999);
  assert.is(tickets.redeem(early, PAGE), EVERYTHING);
  clock.advance(1);
  assert.is(tickets.redeem(late, PAGE), undefined);
});

test("it is good for whoever asked for it: one page, or programs; whoever else shows it uses it up", () => {
  const { tickets } = ticketsOf();
  const cases = [[PAGE, "http://localhost:1"], [PAGE, undefined], [undefined, PAGE], [PAGE, "null"], [PAGE, `${PAGE}/`]];
  for (const [asked, shown] of cases) {
    const ticket = tickets.issue(EVERYTHING, asked);
    assert.equal([tickets.redeem(ticket, shown), tickets.redeem(ticket, asked)], [undefined, undefined]);
  }
});

test("there are 1,000 at most; for one more the oldest makes room", () => {
  const { tickets } = ticketsOf();
  const all = Array.from({ length: 1_001 }, () => tickets.issue(EVERYTHING, undefined));
  assert.equal(all.slice(0, 2).map((ticket) => tickets.redeem(ticket, undefined)), [undefined, EVERYTHING]);
});

test.run();
