import { describe, expect, it } from 'vitest';
import type { ApiFailure } from '../../../src/api/client.js';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { later, millis } from '../../../src/base/time.js';
import type { DrainWaited } from '../../../src/cli/drain-wait.js';
import {
  drainOn,
  drainText,
  fateText,
  secondsToWait,
  waitedText,
  waitForDrain,
} from '../../../src/cli/drain-wait.js';
import type { DrainStatus, PairReport } from '../../../src/telemetry/status.js';
import { GROUP } from '../doctor/given-observations.js';
import { HandClock, settled } from '../engine/fakes.js';

const SERVING: DrainStatus = {
  ...{ state: 'serving on', open: 3, first: 7, reset: 0, sinceMs: 2_000, leftMs: 7_900 },
  problem: undefined,
};
const DRAINED: DrainStatus = { ...SERVING, state: 'drained', open: undefined, leftMs: undefined };
const RESET: DrainStatus = { ...DRAINED, state: 'reset', reset: 3 };

/** As lb1 reports it. */
function report(here?: DrainStatus, there?: DrainStatus): PairReport {
  const connections = { keptMs: 10_000, cutBecause: undefined, drain: here };
  const partial: unknown = {
    node: 'lb1',
    groups: [{ ...GROUP, connections }],
    peer: { node: 'lb2', groups: [{ name: 'web', drain: there }] },
  };
  return partial as PairReport;
}

/** One round a second; the last of them goes on for ever. */
async function waited(
  rounds: readonly (PairReport | 'silent')[],
  { from = 'lb1', seconds = 20, interruptAfter = Infinity } = {},
): Promise<DrainWaited & { readonly said: readonly string[] }> {
  const clock = new HandClock();
  const said: string[] = [];
  const interruption = new AbortController();
  let asked = 0;
  let outcome: DrainWaited | undefined;
  void waitForDrain(
    { socket: '/run/x', group: 'web', from, seconds },
    {
      ...{ clock, signal: interruption.signal },
      say: (text) => said.push(text),
      ask: (): Promise<Result<PairReport, ApiFailure>> => {
        const round = rounds[Math.min(asked, rounds.length - 1)];
        asked += 1;
        if (asked > interruptAfter) {
          interruption.abort();
        }
        return Promise.resolve(
          round === undefined || round === 'silent'
            ? fail({ code: 'no-daemon', detail: 'nobody' })
            : ok(round),
        );
      },
    },
  ).then((done) => {
    outcome = done;
  });
  for (let turn = 0; turn < 40; turn += 1) {
    await settled();
    if (outcome !== undefined) {
      return { ...outcome, said };
    }
    clock.time = later(clock.time, millis(0));
    clock.ringNext();
  }
  throw new Error('it waits still');
}

describe('how long is waited for what the former owner serves on', () => {
  const KEPT = { keptMs: 30_000, cutBecause: undefined, drain: undefined };
  const CUT = { ...KEPT, keptMs: undefined, cutBecause: 'no conntrack' };

  it.each([
    ['none', KEPT, undefined],
    ['none', 'not known', undefined],
    ['whole', KEPT, 35],
    [7, KEPT, 7],
    ['whole', CUT, undefined],
    ['whole', 'none to keep', undefined],
    ['whole', 'not known', 60],
    [7, 'not known', 7],
  ] as const)('%s, of %o: %s', (patience, fate, seconds) => {
    expect(secondsToWait(patience, fate)).toBe(seconds);
  });
});

describe('waiting for what the former owner serves on', () => {
  it('says how far it is, and ends when nothing is open', async () => {
    expect(await waited([report(SERVING), 'silent', report(DRAINED)])).toEqual({
      ...{ outcome: 'drained', node: 'lb1', seconds: 2, drain: DRAINED },
      said: [
        'lb1 serves on what it had: 3 of 7 still open; the rest is reset in 8 s',
        'lb1 does not say what it serves on',
      ],
    });
  });

  it('asks for the other node’s, where that was the owner', async () => {
    const rounds = [report(DRAINED, SERVING), report(DRAINED, RESET)];
    expect(await waited(rounds, { from: 'lb2' })).toMatchObject({ outcome: 'reset', seconds: 1 });
  });

  it('gives up where nothing is known, after five tries', async () => {
    expect(await waited(['silent'])).toMatchObject({ outcome: 'not known', drain: undefined });
    expect(await waited([report()])).toMatchObject({ outcome: 'not known' });
  });

  it('ends at its time, and when somebody has enough', async () => {
    expect(await waited([report(SERVING)], { seconds: 3 })).toMatchObject({
      ...{ outcome: 'not done', seconds: 3, drain: SERVING },
    });
    expect(await waited([report(SERVING)], { interruptAfter: 1 })).toMatchObject({
      outcome: 'interrupted',
    });
  });

  it('is asked of the node that gave the group away', () => {
    expect(drainOn(report(SERVING, RESET), 'lb1', 'web')).toBe(SERVING);
    expect(drainOn(report(SERVING, RESET), 'lb2', 'web')).toBe(RESET);
    expect(drainOn(report(SERVING, RESET), 'lb2', 'db')).toBeUndefined();
  });
});

it.each<[DrainStatus, string]>([
  [
    { ...SERVING, open: undefined, first: undefined },
    'lb1 serves on what it had: being counted; the rest is reset in 8 s',
  ],
  [
    { ...SERVING, open: undefined, problem: 'refused: EPERM', leftMs: undefined },
    'lb1 serves on what it had: how many are open is not known: refused: EPERM',
  ],
  [DRAINED, 'lb1 has nothing open any more of what it had (7 connections), 2.0 s after the move'],
  [
    { ...DRAINED, first: undefined },
    'lb1 has nothing open any more of what it had, 2.0 s after the move',
  ],
  [RESET, 'lb1 has reset 3 of 7 connections, 2.0 s after the move, as their time was over'],
  [{ ...RESET, state: 'taken back' }, 'lb1 has the group again, and what it had'],
  [
    { ...RESET, state: 'not known' },
    'lb1 serves nothing any more; how many were open is not known: its kernel did not say',
  ],
])('a drain in words: %#', (drain, text) => {
  expect(drainText(drain, 'lb1')).toBe(text);
});

it.each([
  ['not done', SERVING, 'not over after 4 s: lb1 serves on what it had'],
  ['interrupted', SERVING, 'not waited for any longer: lb1 serves on what it had'],
  ['drained', DRAINED, 'lb1 has nothing open any more'],
  ['not known', undefined, 'lb1 does not say what it serves on'],
] as const)('what waiting came to: %s', (outcome, drain, text) => {
  expect(waitedText({ outcome, node: 'lb1', seconds: 4, drain })).toContain(text);
});

it('says what a planned move makes of open connections', () => {
  const kept = { keptMs: 30_000, cutBecause: undefined, drain: undefined };
  expect(fateText(kept)).toBe('open connections are served on by the former owner for 30 s');
  expect(fateText({ ...kept, keptMs: undefined, cutBecause: 'no dup' })).toBe(
    'connections through the proxy are broken, although they are to be kept: no dup',
  );
});
