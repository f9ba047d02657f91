import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Register, Registers } from '../../../src/core/registers.js';
import {
  believable,
  fewFirst,
  digestOf,
  fits,
  merge,
  MOST_REGISTERS,
  NO_REGISTERS,
  state,
} from '../../../src/core/registers.js';

function register(key: string, value: string, counter: number, node = 'lb1'): Register {
  return { key, value, stamp: { counter, node }, at: counter };
}

/** Few keys, nodes and counters, so that the same ones meet. */
const few = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom('x', 'y'),
    stamp: fc.record({ counter: fc.integer({ min: 1, max: 4 }), node: fc.constantFrom('l', 'r') }),
    at: fc.integer({ min: 0, max: 1 }),
  }),
  { maxLength: 12 },
);

const known = (...heard: readonly Register[]): Registers => merge(NO_REGISTERS, heard).registers;
const told = ({ byKey, counter }: Registers) => ({
  counter,
  all: [...byKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
});

/** Those of all keys, and more. */
function full(): Registers {
  return known(
    ...Array.from({ length: MOST_REGISTERS }, (_, index) =>
      register(`k${String(index)}`, 'x', index + 1),
    ),
  );
}

describe('registers', () => {
  it('have another digest as soon as one of them is another', () => {
    const some = known(register('a', 'x', 1), register('b', 'x', 2));
    const others = known(register('a', 'x', 1), register('b', 'x', 3));
    expect(digestOf(some)).not.toBe(digestOf(others));
  });

  it('come to the same in whatever order, grouping and number they are heard of', () => {
    fc.assert(
      fc.property(few, few, few, (a, b, c) => {
        const [ab, bc] = [known(...a, ...b), known(...b, ...c)];
        const left = merge(ab, c).registers;
        const right = merge(known(...a), [...bc.byKey.values()]).registers;
        expect(told(left)).toEqual(told(right));
        expect(digestOf(left)).toBe(digestOf(right));
        expect(told(known(...c, ...b, ...a))).toEqual(told(left));
        expect(merge(left, [...a, ...b, ...c])).toEqual({
          registers: left,
          news: [],
          forgotten: [],
        });
      }),
    );
  });

  it('come to the same where there is no room for all of them, too', () => {
    const before = full();
    const later = [register('new', 'x', 9000), register('k1', 'y', 9001), register('k0', 'z', 1)];
    const one = later.reduce((all, each) => merge(all, [each]).registers, before);
    const other = merge(known(...later), [...before.byKey.values()]).registers;
    expect(told(one)).toEqual(told(other));
    expect(one.byKey.size).toBe(MOST_REGISTERS);
  });

  it('of a key keep the last statement, by counter, then by name of the node', () => {
    const first = known(register('a', 'x', 3));
    expect(merge(first, [register('a', 'y', 2, 'lb2')]).registers).toBe(first);
    expect(merge(first, [register('a', 'y', 3, 'lb2')]).registers.byKey.get('a')?.value).toBe('y');
    expect(merge(first, [register('a', 'y', 4, 'lb0')]).news).toEqual([
      register('a', 'y', 4, 'lb0'),
    ]);
  });

  it('of one stamp twice, as a node makes them that lost its journal, keep the same one everywhere', () => {
    const [x, y] = [register('a', 'x', 3), register('a', 'y', 3)];
    const older = { ...y, at: 1 };
    expect(known(x, y)).toEqual(known(y, x));
    expect(known(older, y)).toEqual(known(y, older));
  });

  it('that are stated are later than everything that is known', () => {
    const before = known(register('a', 'x', 7, 'lb2'), register('b', 'x', 9, 'lb2'));
    const after = state(before, { key: 'a', value: 'y', at: 5, node: 'lb1' });
    expect(after.news).toEqual([
      { key: 'a', value: 'y', at: 5, stamp: { counter: 10, node: 'lb1' } },
    ]);
    expect(after.registers.counter).toBe(10);
  });

  it('forget the one that was stated longest ago when there are too many, and say which', () => {
    const { registers, forgotten } = state(full(), { key: 'new', value: 'x', at: 0, node: 'lb1' });
    expect(forgotten).toEqual([register('k0', 'x', 1)]);
    expect(registers.byKey.size).toBe(MOST_REGISTERS);
    expect(registers.byKey.has('new')).toBe(true);
  });

  it('keep what is about the pair itself as long as there is room for it, and tell it first', () => {
    const servers = Array.from({ length: MOST_REGISTERS }, (_, index) =>
      register(`server/web/s${String(index)}/admin`, 'drain', index + 2),
    );
    const pause = register('pause', 'on', 1);
    const { registers, forgotten } = merge(known(pause), servers);
    expect(forgotten).toEqual([servers[0]]);
    expect([...registers.byKey.values()].toSorted(fewFirst)[0]).toEqual(pause);
  });

  it('count on from what was forgotten', () => {
    const { registers, news } = merge(full(), [register('old', 'x', 0)]);
    expect(news).toEqual([]);
    expect(registers.counter).toBe(MOST_REGISTERS);
  });

  it.each([
    ['near', 2 ** 32 + 7, 1],
    ['far', 2 ** 32 + 8, 0],
    ['as far as it goes', Number.MAX_SAFE_INTEGER, 0],
  ])('with a counter %s beyond ours are believed or not', (_how, counter, many) => {
    const ours = known(register('a', 'x', 7));
    expect(believable(ours, [register('b', 'x', counter)])).toHaveLength(many);
  });

  it('leave counters to count with, whatever a node hears first', () => {
    const most = believable(NO_REGISTERS, [
      register('a', 'x', 2 ** 52),
      register('b', 'x', 2 ** 52 + 1),
    ]);
    expect(most).toEqual([register('a', 'x', 2 ** 52)]);
    const { registers } = merge(NO_REGISTERS, most);
    const next = state(registers, { key: 'a', value: 'y', at: 0, node: 'lb1' });
    expect(next.registers.byKey.get('a')?.value).toBe('y');
    expect(believable(registers, [register('a', 'z', Number.MAX_SAFE_INTEGER)])).toEqual([]);
  });

  it.each([
    ['server/web/web1/admin', 'drain', true],
    ['k'.repeat(200), 'v'.repeat(200), true],
    ['k'.repeat(201), '', false],
    ['k', 'v'.repeat(201), false],
    ['', 'x', false],
    ['two words', 'x', false],
    ['k', 'ä', false],
  ])('%.30s with %.30s: %s', (key, value, isOne) => {
    expect(fits({ key, value })).toBe(isOne);
  });
});
