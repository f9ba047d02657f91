import { describe, expect, it } from 'vitest';
import type { Register } from '../../../src/core/registers.js';
import { MOST_REGISTERS } from '../../../src/core/registers.js';
import { Replica } from '../../../src/pair/replica.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { MOST_IN_MESSAGE } from '../../../src/wire/pair/registers.js';
import { HandClock } from '../engine/fakes.js';

function register(key: string, value: string, counter: number, node = 'lb2'): Register {
  return { key, value, stamp: { counter, node }, at: 0 };
}
const many = (count: number): readonly Register[] =>
  Array.from({ length: count }, (_, index) => register(`k${String(index)}`, 'x', index + 1));

function given() {
  const clock = new HandClock();
  const said: (readonly Register[])[] = [];
  const news: Register[] = [];
  const events: LogEvent[] = [];
  const replica = new Replica('lb1', {
    clock,
    log: { tell: (event) => events.push(event) },
    say: (registers) => said.push(registers),
    changed: (registers) => news.push(...registers),
  });
  return { clock, said, news, events, replica };
}

describe('a replica', () => {
  it('tells the other daemon each change as it is made, and only what it made itself', () => {
    const { replica, said, news, clock } = given();
    replica.restore([register('a', 'kept', 3, 'lb1')]);
    replica.heard([register('b', 'heard', 5)]);
    expect(said).toEqual([]);
    replica.state('c', 'said');
    const mine = {
      ...{ key: 'c', value: 'said', at: clock.wallTime() },
      stamp: { counter: 6, node: 'lb1' },
    };
    expect(said).toEqual([[mine]]);
    expect(news.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(replica.registers.byKey.get('c')).toEqual(mine);
  });

  it('hears nothing new in what it knows', () => {
    const { replica, news } = given();
    replica.heard([register('a', 'x', 5)]);
    replica.heard([register('a', 'x', 5), register('a', 'old', 4)]);
    expect(news).toHaveLength(1);
  });

  it('tells everything when the two meet, in pieces that the other end has time to read', () => {
    const { replica, said, clock } = given();
    replica.restore(many(2 * MOST_IN_MESSAGE + 1));
    replica.met();
    expect(said.map(({ length }) => length)).toEqual([MOST_IN_MESSAGE]);
    clock.ringNext();
    clock.ringNext();
    clock.ringNext();
    expect(said.map(({ length }) => length)).toEqual([MOST_IN_MESSAGE, MOST_IN_MESSAGE, 1]);
    expect(new Set(said.flat().map(({ key }) => key)).size).toBe(2 * MOST_IN_MESSAGE + 1);
    expect(clock.pending()).toEqual([]);
  });

  it('begins anew with whoever it meets next, and stops', () => {
    const { replica, said, clock } = given();
    replica.restore(many(MOST_IN_MESSAGE + 1));
    replica.met();
    replica.met();
    expect(clock.pending()).toHaveLength(1);
    replica.stop();
    expect(clock.pending()).toEqual([]);
    expect(said).toHaveLength(2);
  });

  it('tells what its disk brings after the two have met: the other daemon was quicker', () => {
    const { replica, said } = given();
    replica.met();
    replica.restore([register('a', 'kept', 3, 'lb1')]);
    expect(said).toEqual([[register('a', 'kept', 3, 'lb1')]]);
  });

  it('has nothing to tell where nothing was ever stated', () => {
    const { replica, said, clock } = given();
    replica.met();
    expect([said, clock.pending()]).toEqual([[], []]);
  });

  it('does not believe a counter far beyond its own, and says so once a connection', () => {
    const { replica, events, news } = given();
    replica.state('a', 'mine');
    const lie = register('a', 'theirs', 2 ** 40);
    replica.heard([lie, register('b', 'true', 2)]);
    replica.heard([lie]);
    expect(news.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(events).toEqual([{ event: 'intent.refused', key: 'a', counter: 2 ** 40, ours: 1 }]);
    replica.met();
    replica.heard([lie]);
    expect(events).toHaveLength(2);
  });

  it('says what it has no room for', () => {
    const { replica, events } = given();
    replica.restore(many(MOST_REGISTERS));
    replica.state('new', 'x');
    expect(events).toEqual([{ event: 'intent.forgotten', key: 'k0', value: 'x' }]);
  });
});

describe('two replicas', () => {
  it('come to the same, whatever each was told while they could not talk', () => {
    const [one, other] = [given(), given()];
    one.replica.state('a', 'one');
    one.replica.state('b', 'one');
    other.replica.heard([register('c', 'older', 1, 'lb3')]);
    other.replica.state('a', 'other');
    one.replica.met();
    other.replica.met();
    for (const piece of [...one.said]) {
      other.replica.heard(piece);
    }
    for (const piece of [...other.said]) {
      one.replica.heard(piece);
    }
    const told = ({ replica }: typeof one) =>
      [...replica.registers.byKey.values()].map(({ key, value }) => `${key} ${value}`).toSorted();
    expect(told(one)).toEqual(told(other));
    expect(told(one)).toContain('a other');
  });
});
