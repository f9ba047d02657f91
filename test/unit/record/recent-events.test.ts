import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { RecentEvents } from '../../../src/record/recent-events.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { HandClock, settled } from '../engine/fakes.js';

const PATIENCE = millis(20_000);
const lost = (lines: number): LogEvent => ({ event: 'log.lost', lines });

function given() {
  const clock = new HandClock();
  const told: LogEvent[] = [];
  const subject = new RecentEvents({ node: 'lb1', epoch: 5 }, clock);
  const log = subject.beside({ tell: (event) => told.push(event) });
  const tell = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      log.tell(lost(index));
    }
  };
  const gone = new AbortController();
  const follow = (number: number, limit = 10) =>
    subject.follow(
      { after: { number, epoch: 5 }, limit },
      { patience: PATIENCE, gone: gone.signal },
    );
  return { clock, told, subject, log, tell, follow, gone };
}

const numbersOf = ({ events }: { readonly events: readonly { readonly number: number }[] }) =>
  events.map(({ number }) => number);

describe('recent events', () => {
  it('are what the log was told, with number, time and level', () => {
    const { subject, told, log, clock } = given();
    log.tell(lost(3));
    expect(told).toEqual([lost(3)]);
    expect(subject.answer({ after: undefined, limit: 5 })).toEqual({
      ...{ node: 'lb1', epoch: 5, last: 1, missed: 0 },
      events: [{ number: 1, at: clock.wallTime(), level: 'warn', event: 'log.lost', lines: 3 }],
    });
  });

  it('are the newest, where none is named', () => {
    const { subject, tell } = given();
    expect(subject.answer({ after: undefined, limit: 3 })).toMatchObject({ last: 0, events: [] });
    tell(7);
    const answer = subject.answer({ after: undefined, limit: 3 });
    expect(numbersOf(answer)).toEqual([5, 6, 7]);
    expect(answer).toMatchObject({ last: 7, missed: 0 });
  });

  it('are the next ones, where one is named: as many as asked for', () => {
    const { subject, tell } = given();
    tell(7);
    const answer = subject.answer({ after: { number: 2, epoch: 5 }, limit: 3 });
    expect(numbersOf(answer)).toEqual([3, 4, 5]);
    expect(answer).toMatchObject({ last: 5, missed: 0 });
  });

  it('are a thousand: who comes later is told how many it missed', () => {
    const { subject, tell } = given();
    tell(1203);
    expect(numbersOf(subject.answer({ after: undefined, limit: 5000 }))).toHaveLength(1000);
    const answer = subject.answer({ after: { number: 3, epoch: 5 }, limit: 2 });
    expect(numbersOf(answer)).toEqual([204, 205]);
    expect(answer.missed).toBe(200);
  });

  it.each([
    ['of another daemon', { number: 2, epoch: 4 }, [1, 2, 3]],
    ['that was never told', { number: 99, epoch: 5 }, []],
  ])('after a number %s', (_what, after, numbers) => {
    const { subject, tell } = given();
    tell(3);
    const answer = subject.answer({ after, limit: 10 });
    expect(numbersOf(answer)).toEqual(numbers);
    expect(answer).toMatchObject({ last: 3, missed: 0 });
  });

  it('do not keep whole what is very long', () => {
    const { subject, log } = given();
    log.tell({ event: 'proxy.refused', detail: 'x'.repeat(100_000) });
    const [event] = subject.answer({ after: undefined, limit: 1 }).events;
    expect(JSON.stringify(event).length).toBeLessThan(400);
  });
});

describe('a follower', () => {
  it('is answered at once where there is something new, or it names nothing', async () => {
    const { tell, follow, subject, gone } = given();
    tell(2);
    expect(await follow(1)).toMatchObject({ ok: true, value: { last: 2 } });
    const question = { after: undefined, limit: 1 };
    const answer = await subject.follow(question, { patience: PATIENCE, gone: gone.signal });
    expect(answer).toMatchObject({ ok: true, value: { last: 2 } });
  });

  it('waits for the next events otherwise, and gets all of one turn', async () => {
    const { tell, follow, clock } = given();
    tell(2);
    const answer = follow(2);
    await settled();
    tell(3);
    expect(await answer).toMatchObject({ ok: true, value: { last: 5, missed: 0 } });
    expect(clock.pending()).toEqual([]);
  });

  it('is answered with nothing after a while', async () => {
    const { follow, clock } = given();
    const answer = follow(0);
    clock.ringNext();
    expect(clock.time).toBe(120_000);
    expect(await answer).toMatchObject({ ok: true, value: { last: 0, events: [] } });
  });

  it('that goes away is waited with no longer', async () => {
    const { follow, clock, gone } = given();
    const answer = follow(0);
    gone.abort();
    expect(await answer).toMatchObject({ ok: true });
    expect(clock.pending()).toEqual([]);
  });

  it('is refused where eight wait already', async () => {
    const { tell, follow } = given();
    const waiting = Array.from({ length: 8 }, () => follow(0));
    expect(await follow(0)).toEqual({ ok: false, error: 'too many' });
    tell(1);
    expect(await Promise.all(waiting)).toHaveLength(8);
    expect(await follow(0)).toMatchObject({ ok: true });
  });
});
