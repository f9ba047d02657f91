import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { later, millis } from '../../../src/base/time.js';
import type { NextRequest } from '../../../src/ports/served-requests.js';
import { FirstRequest } from '../../../src/proxy/first-request.js';
import { HandClock, settled } from '../engine/fakes.js';

const HEAD = '# mode,stot,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other';

/** HAProxy's answer: one frontend has answered so many requests, and so many more with an error. */
const counted = (answered: number, errors = 0): Result<string, unknown> =>
  ok(`${HEAD}\nhttp,9,0,${String(answered)},0,0,${String(errors)},0\n`);

/** What a watch that begins now comes to, if the proxy answers so at each look and nothing more happens after the last. */
async function watched(
  answers: readonly (Result<string, unknown> | undefined)[],
  leaveAfter = Infinity,
): Promise<{ readonly next: NextRequest | undefined; readonly looks: number }> {
  const clock = new HandClock();
  const gone = new AbortController();
  const subject = new FirstRequest(clock);
  let looks = 0;
  subject.askBy(() => {
    const answer = looks < answers.length ? answers[looks] : answers.at(-1);
    looks += 1;
    return answer === undefined ? undefined : Promise.resolve(answer);
  });
  const all: { next: NextRequest | undefined | 'open' } = { next: 'open' };
  void subject.next(gone.signal).then((next) => {
    all.next = next;
  });
  await settled();
  while (all.next === 'open') {
    if (looks > leaveAfter) {
      gone.abort();
    }
    clock.ringNext();
    await settled();
  }
  return { next: all.next, looks };
}

const BEGIN = new HandClock().time;

describe('the first request', () => {
  it('is seen by the counters of the frontends, within 50 ms', async () => {
    const { next } = await watched([counted(7), counted(7), counted(8)]);
    expect(next).toEqual({ kind: 'served', at: later(BEGIN, millis(100)) });
  });

  it('is none that was answered with an error of the server', async () => {
    const { next } = await watched([counted(7, 0), counted(7, 3)]);
    expect(next).toEqual({ kind: 'none', within: 10_000 });
  });

  it('is waited for ten seconds at the most', async () => {
    const { next, looks } = await watched([counted(7)]);
    expect(next).toEqual({ kind: 'none', within: 10_000 });
    expect(looks).toBe(201);
  });

  it.each([
    ['there is no proxy that can be asked', [undefined]],
    ['it does not answer', [fail('silence')]],
    ['it says something else', [ok('Unknown command.')]],
    ['it falls silent', [counted(7), fail('silence')]],
    ['another process takes its place', [counted(7), counted(0)]],
  ])('is not known where %s', async (_why, answers) => {
    expect((await watched(answers)).next).toBeUndefined();
  });

  it('is of no interest to whoever has gone', async () => {
    const { next, looks } = await watched([counted(7)], 3);
    expect(next).toBeUndefined();
    expect(looks).toBeLessThan(7);
    expect((await watched([counted(7), counted(8)], 0)).next).toBeUndefined();
  });

  it('is not known before there is somebody to ask', async () => {
    const subject = new FirstRequest(new HandClock());
    expect(await subject.next(new AbortController().signal)).toBeUndefined();
  });
});
