/**
 * The six guarantees of a watch, as etcd names them (its "API guarantees" and `tests/robustness/validate/watch.go`), for the
 * stream of Perch: pure judges over the log of one client and the log of the broker.
 *
 * @module
 */

import { at, listAt, parseOrUndefined } from "../json.ts";
import { type ClientLog, greetingOf, type Item, type Span, spansOf, type Told } from "./client-log.ts";
import { readSpan } from "./replay.ts";
import type { Truth } from "./truth.ts";
import { unjustReset } from "./resets.ts";

/** The names of the guarantees. */
export const GUARANTEES = ["ordered", "unique", "reliable", "atomic", "resumable", "bookmarkable"] as const;

/** A guarantee. */
export type Guarantee = typeof GUARANTEES[number];

type Judge = (client: ClientLog, truth: Truth) => string[];

const JUDGES: Readonly<Record<Guarantee, Judge>> = { ordered, unique, reliable, atomic, resumable, bookmarkable };

/** What breaks a guarantee, in words, at most `limit` of it for each. Nothing when all are kept. */
export function violationsOf(client: ClientLog, truth: Truth, limit = 3): string[] {
  return GUARANTEES.flatMap((name) =>
    JUDGES[name](client, truth).slice(0, limit).map((problem) => `${name}: ${client.name} ${problem}`)
  );
}

const tells = ({ told: { type }, seq }: Item): string => `${type} ${seq}`;

/** **Ordered**: what a client is told never goes back behind what it was told before, from one reset to the next. */
export function ordered(client: ClientLog): string[] {
  return spansOf(client).flatMap(({ start = 0, items }) => {
    const problems: string[] = [];
    const seen = new Set<number>();
    let highest = start;
    for (const item of items) {
      const isRepeated = !item.isBookmark && (seen.has(item.seq) || item.seq <= start);
      if (item.seq < highest && !isRepeated) problems.push(`was told ${tells(item)} after ${highest}`);
      if (!item.isBookmark) seen.add(item.seq);
      highest = Math.max(highest, item.seq);
    }
    return problems;
  });
}

/** **Unique**: no message is told twice from one reset to the next, over all visits, nor one that the client's cursor covers. */
export function unique(client: ClientLog): string[] {
  return spansOf(client).flatMap(({ start = 0, items }) => {
    const seen = new Set<number>();
    return items.filter(({ isBookmark }) => !isBookmark).flatMap((item) => {
      const isRepeated = seen.has(item.seq) || item.seq <= start;
      seen.add(item.seq);
      return isRepeated ? [`was told ${tells(item)} again`] : [];
    });
  });
}

/**
 * **Reliable**: a client is told every message that it asked for, byte for byte, and nothing else. Of messages that replace
 * each other older ones may be left out, if the newer one says how many it stands for.
 */
export function reliable(client: ClientLog, truth: Truth): string[] {
  const spans = spansOf(client);
  const problems = spans.flatMap((span) => readSpan(span, client, truth).problems);
  const { upTo } = client;
  const last = spans.at(-1);
  if (upTo === undefined) return problems;
  const reached = last === undefined ? 0 : endOf(last);
  const left = truth.selected(client).filter((seq) => seq > reached && seq <= upTo);
  return left.length === 0 ? problems : [...problems, `was never told ${left.length} messages from ${left[0]} up to ${upTo}`];
}

const endOf = ({ start = 0, items }: Span): number => items.reduce((end, { seq }) => Math.max(end, seq), start);

/**
 * **Atomic**: all that one commit has is told before anything later, whole or not at all; no snapshot and no bookmark stands
 * in the middle of one, and a snapshot is what the log has made of it up to that place.
 */
export function atomic(client: ClientLog, truth: Truth): string[] {
  return spansOf(client).flatMap((span) => {
    const places = span.items.filter(({ isBookmark }) => isBookmark).map(({ seq }) => seq);
    if (span.snapshot !== undefined) places.push(span.start ?? 0);
    const split = places.flatMap((seq) => {
      const commit = truth.commitOf(seq);
      return commit === undefined || seq === commit[1] ? [] : [`had place ${seq} inside of the commit ${commit.join(" to ")}`];
    });
    return [...split, ...tornCommits(span, client, truth), ...falseSnapshot(span, client, truth)];
  });
}

function tornCommits(span: Span, client: ClientLog, truth: Truth): string[] {
  const told = new Set(span.items.map(({ seq }) => seq));
  const torn = new Set<string>();
  for (const seq of readSpan(span, client, truth).missing) {
    const commit = truth.commitOf(seq);
    if (commit === undefined) continue;
    for (let other = commit[0]; other <= commit[1]; other += 1) {
      if (told.has(other)) torn.add(`was told ${other} but not ${seq} of the commit ${commit.join(" to ")}`);
    }
  }
  return [...torn];
}

function falseSnapshot({ start = 0, snapshot }: Span, { topics, session }: ClientLog, truth: Truth): string[] {
  if (snapshot === undefined) return [];
  const data = parseOrUndefined(snapshot.json);
  const problems: string[] = [];
  const compare = (what: string, told: unknown, is: unknown): void => {
    if (JSON.stringify(told) !== JSON.stringify(is)) problems.push(`had a snapshot at ${start} whose ${what} was another`);
  };
  const newest = (key: string): unknown => parseOrUndefined(truth.newest(key, start)?.json ?? "");
  const state = newest("state");
  if (topics.includes("state") && state !== undefined) compare("state", at(data, "state"), state);
  if (topics.includes("pet")) compare("pet", at(data, "pet", "slug"), at(newest("pet"), "slug") ?? null);
  if (topics.includes("sessions")) {
    const told = listAt(data, "sessions").map((one) => JSON.stringify(one)).sort();
    compare("sessions", told, truth.sessionsAt(start, session));
  }
  return problems;
}

/**
 * **Resumable**: who comes back with a cursor is told on from there, unless that can't be: then it is told why, the reason is
 * true, and a snapshot follows.
 */
export function resumable(client: ClientLog, truth: Truth): string[] {
  const problems: string[] = [];
  for (const [visit, { since, told }] of client.visits.entries()) {
    const [hello, next] = told;
    if (hello === undefined) continue;
    const { mode, since: answered, epoch } = greetingOf(hello);
    const where = `at visit ${visit}, with ${since},`;
    if (hello.type !== "hello") problems.push(`${where} heard ${hello.type} first`);
    else if (answered !== since) problems.push(`${where} was answered for ${String(answered)}`);
    else if (epoch !== truth.epoch) problems.push(`${where} was told the epoch ${String(epoch)}`);
    else if (next !== undefined && (next.type === "reset") !== (mode === "snapshot")) {
      problems.push(`${where} was promised a ${String(mode)} and heard ${next.type}`);
    }
    problems.push(...told.flatMap((message, index) => afterReset(message, told[index + 1], where)));
  }
  return [...problems, ...unjustReset(client, truth)];
}

const afterReset = (message: Told, next: Told | undefined, where: string): string[] =>
  message.type === "reset" && next !== undefined && next.type !== "snapshot"
    ? [`${where} heard ${next.type} after a reset`]
    : [];

/**
 * **Bookmarkable**: a cursor that comes without a message, as `live` and heartbeats bring it, covers nothing that was not told
 * before it. So a client may come back with any cursor that it has seen.
 */
export function bookmarkable(client: ClientLog, truth: Truth): string[] {
  return spansOf(client).flatMap((span) => readSpan(span, client, truth).early);
}
