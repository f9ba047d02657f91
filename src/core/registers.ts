/**
 * Small facts that operators state, on whichever node, and that both nodes keep: of each key the last statement counts.
 * A statement is later than every one that its writer knew of (Lamport's counter), and of two that knew nothing of each
 * other the same one wins everywhere. Nothing is ever deleted: a key goes back to its usual value instead, because what
 * a node has forgotten it could not defend against an old statement of a peer that was away.
 */
import { createHash } from 'node:crypto';
import type { PairRegister, PairStamp } from '../wire/pair/registers.js';
import { isRegisterKey, isRegisterValue } from '../wire/pair/registers.js';

export type Register = PairRegister;
export type Stamp = PairStamp;

export interface Registers {
  readonly byKey: ReadonlyMap<string, Register>;
  /** The greatest counter that was ever seen: the next statement has a greater one. */
  readonly counter: number;
}

export const NO_REGISTERS: Registers = { byKey: new Map(), counter: 0 };

/**
 * What is merged: with more keys than this the one that was written longest ago is forgotten, on both nodes alike; first
 * of those that are about servers.
 */
export const MOST_REGISTERS = 2048;

export interface Merged {
  /** The same object where nothing was new. */
  readonly registers: Registers;
  /** What is later than what was known. */
  readonly news: readonly Register[];
  /** What there was no room for any more. */
  readonly forgotten: readonly Register[];
}

/** Both together. In whatever order and however often nodes hear of statements, they come to the same. */
export function merge(known: Registers, heard: readonly Register[]): Merged {
  const byKey = new Map(known.byKey);
  for (const each of heard) {
    const had = byKey.get(each.key);
    if (had === undefined || compare(each, had) > 0) {
      byKey.set(each.key, each);
    }
  }
  const forgotten = forgetOldest(byKey);
  const news = [...byKey.values()].filter((each) => known.byKey.get(each.key) !== each);
  const counter = heard.reduce((most, { stamp }) => Math.max(most, stamp.counter), known.counter);
  const isNew = news.length > 0 || counter > known.counter;
  return { registers: isNew ? { byKey, counter } : known, news, forgotten };
}

/** A statement made here and now, later than everything that is known; key and value fit ({@link fits}). */
export function state(
  known: Registers,
  { node, ...said }: Pick<Register, 'key' | 'value' | 'at'> & Pick<Stamp, 'node'>,
): Merged {
  return merge(known, [{ ...said, stamp: { counter: known.counter + 1, node } }]);
}

/** Whether there can be such a register. */
export function fits({ key, value }: Pick<Register, 'key' | 'value'>): boolean {
  return isRegisterKey(key) && isRegisterValue(value);
}

/**
 * What the other node may say. Whoever claims a counter far beyond ours would leave us none that is greater: it is not
 * believed. A node that knows nothing yet has no measure, and leaves room for as many statements as anybody can make.
 */
export function believable(known: Registers, heard: readonly Register[]): readonly Register[] {
  const reach = known.counter === 0 ? MOST_FIRST : known.counter + MOST_AHEAD;
  return heard.filter(({ stamp }) => stamp.counter <= reach);
}

/** The same on two nodes that have heard of the same statements. */
export function digestOf({ byKey }: Registers): string {
  const all = [...byKey.values()].toSorted((a, b) => order(a.key, b.key));
  const text = JSON.stringify(
    all.map(({ key, value, stamp }) => [key, value, stamp.counter, stamp.node]),
  );
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_DIGITS);
}

/** Total, so that every node picks the same one. The same stamp twice is of a node that had lost its journal. */
function compare(a: Register, b: Register): number {
  const differences = [
    a.stamp.counter - b.stamp.counter,
    order(a.stamp.node, b.stamp.node),
    order(a.value, b.value),
    a.at - b.at,
    order(a.key, b.key),
  ];
  return differences.find((each) => each !== 0) ?? 0;
}

/** What is about servers comes last: there may be many of those, and of the rest there are few. */
export function fewFirst(a: Register, b: Register): number {
  return Number(a.key.startsWith(OF_MANY)) - Number(b.key.startsWith(OF_MANY));
}

function order(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

/** Those first that are forgotten first. */
function byWorth(a: Register, b: Register): number {
  const fewer = fewFirst(b, a);
  return fewer === 0 ? compare(a, b) : fewer;
}

function forgetOldest(byKey: Map<string, Register>): readonly Register[] {
  const excess = byKey.size - MOST_REGISTERS;
  const oldest = excess <= 0 ? [] : [...byKey.values()].toSorted(byWorth).slice(0, excess);
  for (const { key } of oldest) {
    byKey.delete(key);
  }
  return oldest;
}

const OF_MANY = 'server/';
/** An accident does not hit the same. */
const DIGEST_DIGITS = 16;
/** Many times what operators state in a lifetime; two million such jumps still leave counters to count with. */
const MOST_AHEAD = 2 ** 32;
const MOST_FIRST = 2 ** 52;
