import { describe, expect, it } from 'vitest';
import { later, millis } from '../../../src/base/time.js';
import { readLine } from '../../../src/record/transition-line.js';
import { SimJournal } from '../../sim/journal.js';
import { GivenHistory, move } from './given-history.js';

/** Turns of promises: each line is several. */
async function settled(lines = 10): Promise<void> {
  for (let layer = 0; layer < 20 + 10 * lines; layer += 1) {
    await Promise.resolve();
  }
}

/** A daemon with so many transitions behind it, all of them written. */
async function lived(transitions: number, journal = new SimJournal(), epoch = 1000) {
  const given = new GivenHistory(journal, epoch);
  await given.subject.load();
  for (let order = 1; order <= transitions; order += 1) {
    given.subject.moved(move(order));
    await settled(1);
  }
  return given;
}

describe('the clock of the pair', () => {
  const times = (given: GivenHistory): readonly (number | undefined)[] =>
    given.subject
      .answer({ group: undefined, limit: 1000 })
      .transitions.map(({ pairTime }) => pairTime);

  it('gives each transition a later time, over a restart with a wall clock that is behind', async () => {
    const before = await lived(0);
    before.subject.heardPairTime(before.subject.pairTime() + 60_000);
    before.subject.moved(move(1));
    before.subject.moved(move(2));
    await settled();
    const after = await lived(1, before.journal, 2000);
    const [first = 0, second = 0, third = 0] = times(after);
    expect(second - first).toBeCloseTo(0.1);
    expect(third).toBeGreaterThan(second);
    expect(after.subject.pairTime()).toBeGreaterThanOrEqual(third);
  });

  it('follows the other node as soon as that is heard', async () => {
    const given = await lived(1);
    const [first = 0] = times(given);
    given.subject.heardPairTime(first + 500);
    given.subject.heardPairTime(first + 3);
    expect(given.subject.pairTime()).toBeCloseTo(first + 500);
    given.subject.moved(move(2));
    expect(times(given)[1]).toBeGreaterThan(first + 500);
  });

  it('counts what happens before the disk is read by when it happened', async () => {
    const given = new GivenHistory();
    given.subject.moved(move(1, { decidedAt: given.clock.time }));
    given.clock.time = later(given.clock.time, millis(700));
    await given.subject.load();
    given.subject.moved(move(2, { decidedAt: given.clock.time }));
    const [first = 0, second = 0] = times(given);
    expect(second - first).toBeCloseTo(700);
  });

  it('counts a move from its decision, however long it took to carry out', async () => {
    const given = await lived(0);
    const decidedAt = given.clock.time;
    const read = given.subject.pairTime();
    given.clock.time = later(decidedAt, millis(40));
    given.subject.moved(move(1, { decidedAt }));
    expect(times(given)[0]).toBeCloseTo(read);
  });
});

it('is answered a page at a time, the newest first', async () => {
  const given = await lived(5);
  const page = (limit: number, skip: number): readonly number[] =>
    given.subject.answer({ group: undefined, limit, skip }).transitions.map(({ number }) => number);
  expect([page(2, 0), page(2, 2), page(2, 4), page(2, 6)]).toEqual([[4, 5], [2, 3], [1], []]);
});

describe('over a restart', () => {
  it('the history goes on where it ended, in numbers and in entries', async () => {
    const { journal } = await lived(3);
    const next = await lived(2, journal, 2000);
    expect(next.numbers()).toEqual([1, 2, 3, 4, 5]);
    const { transitions } = next.subject.answer({ group: undefined, limit: 3 });
    expect(transitions.map(({ number, epoch }) => [number, epoch])).toEqual([
      [3, 1000],
      [4, 2000],
      [5, 2000],
    ]);
    expect(next.events).toEqual([]);
    expect(next.kept()).toBe('on disk');
  });

  it('what happens before the old numbers are known is numbered when they are', async () => {
    const { journal } = await lived(3);
    const next = new GivenHistory(journal, 2000);
    next.subject.moved(move(1));
    next.subject.announced(1, { claimMs: 0.5, announceMs: 0.1 });
    expect(next.kept()).toBe('being read');
    expect(next.numbers()).toEqual([]);
    await next.subject.load();
    expect(next.numbers()).toEqual([1, 2, 3, 4]);
    await settled();
    expect(journal.lines).toHaveLength(5);
  });

  it('the phases that came later are with their transition', async () => {
    const given = await lived(2);
    given.subject.announced(2, { claimMs: 0.5, announceMs: 0.1 });
    const firstRequest = { kind: 'served', afterMs: 50.5 } as const;
    given.subject.served(2, firstRequest);
    await settled();
    const phases = { claimMs: 0.5, announceMs: 0.1, firstRequest };
    for (const each of [given, await lived(0, given.journal, 2000)]) {
      const { transitions } = each.subject.answer({ group: undefined, limit: 2 });
      expect(transitions.map((one) => one.phases)).toEqual([{}, phases]);
    }
  });

  it('a line that a crash cut off is skipped, told, and its number not given again', async () => {
    const { journal } = await lived(3);
    journal.lines.push(journal.lines.pop()!.slice(0, 90));
    const next = await lived(1, journal, 2000);
    expect(next.numbers()).toEqual([1, 2, 4]);
    expect(next.events).toEqual([{ event: 'history.skipped', damaged: 1, unknown: 0 }]);
  });

  it('so are damaged lines in the middle', async () => {
    const { journal } = await lived(4);
    journal.lines[1] = 'x';
    journal.lines[2] = `${journal.lines[2]!.slice(0, 60)}?${journal.lines[2]!.slice(61)}`;
    const next = await lived(1, journal, 2000);
    expect(next.numbers()).toEqual([1, 4, 5]);
    expect(next.events).toEqual([{ event: 'history.skipped', damaged: 2, unknown: 0 }]);
  });

  it('a disk that cannot be read is told, and what was read of it counts', async () => {
    const { journal } = await lived(4);
    journal.mood = 'unreadable';
    const next = await lived(1, journal, 2000);
    expect(next.numbers()).toEqual([1, 2, 3]);
    expect(next.events).toEqual([{ event: 'history.unreadable', detail: 'EIO' }]);
  });

  it('a disk that does not answer is not waited for any longer than five seconds', async () => {
    const given = new GivenHistory();
    given.journal.mood = 'stuck';
    const loading = given.subject.load();
    given.subject.moved(move(1));
    given.clock.ringNext();
    await loading;
    expect(given.clock.time).toBe(105_000);
    expect(given.numbers()).toEqual([1]);
    expect(given.events).toEqual([
      { event: 'history.unreadable', detail: 'not read within 5000 ms' },
    ]);
  });
});

describe('a disk that takes nothing', () => {
  it('is told once, and the history goes on in memory', async () => {
    const given = await lived(1);
    given.journal.mood = 'full';
    for (const order of [2, 3, 4]) {
      given.subject.moved(move(order));
      await settled();
    }
    expect(given.events).toEqual([{ event: 'history.not-kept', detail: 'ENOSPC' }]);
    expect(given.numbers()).toEqual([1, 2, 3, 4]);
    expect(given.kept()).toBe('memory only');
    expect(given.journal.lines).toHaveLength(1);
  });

  it('is told again after ten minutes', async () => {
    const given = await lived(0);
    given.journal.mood = 'full';
    given.subject.moved(move(1));
    await settled();
    given.clock.time = later(given.clock.time, millis(600_000));
    given.subject.moved(move(2));
    await settled();
    expect(given.events.map(({ event }) => event)).toEqual([
      'history.not-kept',
      'history.not-kept',
    ]);
  });

  it('gets all that waits, in order, once it takes something again', async () => {
    const given = await lived(1);
    given.journal.mood = 'full';
    given.subject.moved(move(2));
    given.subject.moved(move(3));
    await settled();
    given.journal.mood = 'willing';
    given.subject.moved(move(4));
    await settled();
    expect(given.events.at(-1)).toEqual({ event: 'history.kept', dropped: 0 });
    expect(given.kept()).toBe('on disk');
    const next = await lived(0, given.journal, 2000);
    expect(next.numbers()).toEqual([1, 2, 3, 4]);
  });

  it('gets the newest 256, where more were waiting', async () => {
    const given = await lived(0);
    given.journal.mood = 'full';
    for (let order = 1; order <= 300; order += 1) {
      given.subject.moved(move(order));
    }
    await settled();
    given.journal.mood = 'willing';
    given.subject.moved(move(301));
    await settled(300);
    expect(given.events.at(-1)).toEqual({ event: 'history.kept', dropped: 45 });
    const numbers = given.journal.lines.flatMap((line) => {
      const read = readLine(line);
      return read.ok && read.value.kind === 'transition' ? [read.value.transition.number] : [];
    });
    expect(numbers).toEqual(Array.from({ length: 256 }, (_, index) => index + 46));
  });

  it('is asked one thing at a time', async () => {
    const given = await lived(0);
    given.journal.mood = 'stuck';
    for (let order = 1; order <= 300; order += 1) {
      given.subject.moved(move(order));
    }
    await settled();
    expect(given.journal.lines).toEqual([]);
    given.journal.wake();
    await settled(300);
    // The one that was under way, and the newest that waited.
    expect(given.journal.lines).toHaveLength(257);
    expect(given.numbers()).toHaveLength(300);
  });
});

describe('bounds', () => {
  it('the newest five hundred are in memory', async () => {
    const given = await lived(510);
    expect(given.numbers()).toEqual(Array.from({ length: 500 }, (_, index) => index + 11));
    expect((await lived(0, given.journal, 2000)).numbers()).toEqual(given.numbers());
  });

  it('before the disk was read so many wait, and no more', async () => {
    const given = new GivenHistory();
    for (let order = 1; order <= 300; order += 1) {
      given.subject.moved(move(order));
    }
    await given.subject.load();
    expect(given.numbers()).toHaveLength(256);
  });
});

it('answers of one group, and the newest', async () => {
  const given = await lived(0);
  given.subject.moved(move(1));
  given.subject.moved(move(2, { group: 'mail' }));
  given.subject.moved(move(3));
  expect(given.numbers(1000, 'web')).toEqual([1, 3]);
  expect(given.numbers(1, 'web')).toEqual([3]);
  expect(given.numbers(2)).toEqual([2, 3]);
});

describe('at the end', () => {
  it('waits for what is being written', async () => {
    const given = new GivenHistory();
    given.subject.moved(move(1));
    void given.subject.load();
    await given.subject.settled(millis(200));
    expect(given.journal.lines).toHaveLength(1);
    expect(given.clock.pending()).toEqual([]);
  });

  it('but not for long', async () => {
    const given = await lived(0);
    given.journal.mood = 'stuck';
    given.subject.moved(move(1));
    const ended = given.subject.settled(millis(200));
    await settled();
    given.clock.ringNext();
    await ended;
    expect(given.clock.time).toBe(100_200);
  });
});
