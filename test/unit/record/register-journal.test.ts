import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { Register } from '../../../src/core/registers.js';
import { merge, MOST_REGISTERS, NO_REGISTERS } from '../../../src/core/registers.js';
import { RegisterJournal, surveyRegisters } from '../../../src/record/register-journal.js';
import { formatLine } from '../../../src/record/transition-line.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { SimJournal } from '../../sim/journal.js';
import { HandClock, settled } from '../engine/fakes.js';
import { TRANSITION } from './given-history.js';

function register(key: string, value: string, counter: number): Register {
  return { key, value, stamp: { counter, node: 'lb1' }, at: 0 };
}
const A = register('a', 'x', 1);
const B = register('b', 'x', 2);

function given(disk = new SimJournal(100_000)) {
  const clock = new HandClock();
  const events: LogEvent[] = [];
  let registers = NO_REGISTERS;
  const journal = new RegisterJournal({
    clock,
    journal: disk,
    log: { tell: (event) => events.push(event) },
    all: () => registers.byKey.values(),
  });
  /** Stated, and kept. */
  const keep = (...news: readonly Register[]): void => {
    registers = merge(registers, news).registers;
    journal.keep(news);
  };
  return { clock, disk, events, journal, keep };
}

/** What another daemon would read. */
async function readBack(disk: SimJournal): Promise<readonly Register[]> {
  return given(disk).journal.load();
}

async function longer(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    await settled();
  }
}

describe('the registers on the disk', () => {
  it('are read back, the last of each key', async () => {
    const { journal, keep, disk, events } = given();
    expect(await journal.load()).toEqual([]);
    keep(A, B);
    await longer();
    keep(register('a', 'y', 3));
    await longer();
    expect(disk.lines).toHaveLength(3);
    expect(await readBack(disk)).toEqual([register('a', 'y', 3), B]);
    expect([journal.where, events]).toEqual(['on disk', []]);
  });

  it('are written when what was kept before has been read, not sooner', async () => {
    const { journal, keep, disk } = given();
    disk.mood = 'stuck';
    const loaded = journal.load();
    keep(A);
    await longer();
    expect([journal.where, disk.lines]).toEqual(['being read', []]);
    disk.wake();
    await loaded;
    await longer();
    expect(await readBack(disk)).toEqual([A]);
  });

  it('are surveyed without being loaded or changed', async () => {
    const disk = new SimJournal(100_000);
    const former = given(disk);
    await former.journal.load();
    former.keep(A);
    await former.journal.settled(millis(1));
    await disk.append('half a li');
    await disk.append(formatLine({ kind: 'transition', transition: TRANSITION }));
    expect(await surveyRegisters(disk)).toMatchObject({ damaged: 1, unknown: 1 });
    expect((await surveyRegisters(new SimJournal(100_000))).failure).toBeUndefined();
  });

  it('survive a line that was cut off and one that somebody damaged: nothing is invented', async () => {
    const { journal, keep, disk } = given();
    await journal.load();
    keep(A, B, register('c', 'drain', 3));
    await longer();
    disk.lines.push(disk.lines.pop()!.slice(0, 40));
    disk.lines[0] = disk.lines[0]!.replace('"x"', '"y"');
    const next = given(disk);
    expect(await next.journal.load()).toEqual([B]);
    expect(next.events).toEqual([{ event: 'intent.skipped', damaged: 2, unknown: 0 }]);
  });

  it('pass over what another version wrote', async () => {
    const disk = new SimJournal();
    disk.lines.push(formatLine({ kind: 'transition', transition: TRANSITION }));
    const { journal, events } = given(disk);
    expect(await journal.load()).toEqual([]);
    expect(events).toEqual([{ event: 'intent.skipped', damaged: 0, unknown: 1 }]);
  });

  it('that cannot be read are said to be so; what came before is kept', async () => {
    const { journal, keep, disk } = given();
    await journal.load();
    keep(A, B);
    await longer();
    disk.mood = 'unreadable';
    const next = given(disk);
    expect(await next.journal.load()).toEqual([A]);
    expect(next.events).toEqual([{ event: 'intent.unreadable', detail: 'EIO' }]);
  });

  it('of a disk that does not answer are not waited for for ever', async () => {
    const { journal, disk, clock, events } = given();
    disk.mood = 'stuck';
    const loaded = journal.load();
    clock.ringNext();
    expect(await loaded).toEqual([]);
    expect(events).toEqual([{ event: 'intent.unreadable', detail: 'not read within 5000 ms' }]);
  });

  it('of a full disk stay in memory, which is said once; they are written as soon as that goes', async () => {
    const { journal, keep, disk, clock, events } = given();
    await journal.load();
    disk.mood = 'full';
    keep(A);
    await longer();
    keep(B);
    await longer();
    keep(register('a', 'y', 3));
    await longer();
    clock.ringNext();
    await longer();
    expect(journal.where).toBe('memory only');
    expect(events).toEqual([{ event: 'intent.not-kept', detail: 'ENOSPC' }]);
    disk.mood = 'willing';
    clock.ringNext();
    await longer();
    expect(journal.where).toBe('on disk');
    expect(events.at(-1)).toEqual({ event: 'intent.kept' });
    expect(clock.pending()).toEqual([]);
    const read = await readBack(disk);
    expect(read.toSorted((a, b) => a.stamp.counter - b.stamp.counter)).toEqual([
      ...[B, register('a', 'y', 3)],
    ]);
  });

  it('that were overtaken while they could not be written are not put back', async () => {
    const { journal, keep, disk } = given();
    await journal.load();
    disk.mood = 'stuck';
    keep(A);
    await settled();
    keep(register('a', 'y', 3));
    disk.mood = 'full';
    disk.wake();
    await longer();
    expect(await readBack(disk)).toEqual([register('a', 'y', 3)]);
  });

  it('are complained about again after a while, not with every attempt', async () => {
    const { journal, keep, disk, clock, events } = given();
    await journal.load();
    disk.mood = 'full';
    keep(A);
    for (let attempt = 0; attempt < 61; attempt += 1) {
      await longer();
      clock.ringNext();
    }
    await longer();
    expect(events).toHaveLength(2);
    journal.stop();
    expect(clock.pending()).toEqual([]);
  });

  it('are written anew where many wait, and where much has been overtaken', async () => {
    const { journal, keep, disk } = given();
    await journal.load();
    keep(...Array.from({ length: 100 }, (_, index) => register(`k${String(index)}`, 'x', 1)));
    await longer();
    expect(disk.lines).toHaveLength(100);
    for (let counter = 2; counter < 2 * MOST_REGISTERS; counter += 1) {
      keep(register('k0', 'x', counter));
      await settled();
    }
    expect(disk.lines.length).toBeLessThan(200);
    expect(await readBack(disk)).toContainEqual(register('k0', 'x', 2 * MOST_REGISTERS - 1));
    expect(await readBack(disk)).toHaveLength(100);
  }, 30_000);

  it('are all written before the end, or as much as there is time for', async () => {
    const { journal, keep, disk, clock } = given();
    await journal.load();
    disk.mood = 'stuck';
    keep(A);
    const ended = journal.settled(millis(500));
    await settled();
    clock.ringNext();
    await ended;
    expect(disk.lines).toEqual([]);
    disk.wake();
    await journal.settled(millis(500));
    expect(disk.lines).toHaveLength(1);
  });
});
