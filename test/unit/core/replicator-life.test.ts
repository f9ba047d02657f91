import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import type {
  ReplicatorEffect,
  ReplicatorEvent,
  ReplicatorLife,
} from '../../../src/core/replicator-life.js';
import { OFF, replicatorDeadline, stepReplicator } from '../../../src/core/replicator-life.js';

const RUNNING: ReplicatorLife = {
  name: 'running',
  since: instant(0),
  silentAt: instant(10_000),
  failures: 0,
};
const ENDING: ReplicatorLife = { name: 'ending', failures: 0 };
const WAITING: ReplicatorLife = {
  name: 'waiting',
  retryAt: instant(5000),
  failures: 2,
  how: 'signal SIGKILL',
};
const ENDED: ReplicatorEvent = { kind: 'ended', how: 'exit code 1' };

describe('a replicator', () => {
  it.each<[string, ReplicatorLife, ReplicatorEvent, number, ReplicatorLife, string]>([
    ['is started at first', OFF, { kind: 'begin' }, 0, RUNNING, 'start'],
    ['is started once', RUNNING, { kind: 'begin' }, 1, RUNNING, ''],
    [
      'that reports may be silent again',
      RUNNING,
      { kind: 'reported' },
      900,
      { ...RUNNING, silentAt: instant(10_900) },
      '',
    ],
    ['that waits has nothing to report', WAITING, { kind: 'reported' }, 1, WAITING, ''],
    ['is waited for', RUNNING, { kind: 'alarm' }, 9999, RUNNING, ''],
    [
      'that is silent is killed',
      RUNNING,
      { kind: 'alarm' },
      10_000,
      ENDING,
      'tell-silent after 10000, kill',
    ],
    [
      'is waited for anew by a daemon that stood still itself',
      RUNNING,
      { kind: 'alarm' },
      11_001,
      { ...RUNNING, silentAt: instant(21_001) },
      '',
    ],
    [
      'that ended soon is started again soon',
      RUNNING,
      ENDED,
      5000,
      { name: 'waiting', retryAt: instant(5250), failures: 1, how: 'exit code 1' },
      'tell-ended retryIn 250',
    ],
    [
      'that was killed is started again',
      ENDING,
      ENDED,
      5000,
      { name: 'waiting', retryAt: instant(5250), failures: 1, how: 'exit code 1' },
      'tell-ended retryIn 250',
    ],
    [
      'that ends again and again is waited for longer, but not for ever',
      { ...RUNNING, failures: 40 },
      ENDED,
      5000,
      { name: 'waiting', retryAt: instant(35_000), failures: 41, how: 'exit code 1' },
      'tell-ended retryIn 30000',
    ],
    [
      'that had run for a minute is trusted anew',
      { ...RUNNING, failures: 40 },
      ENDED,
      60_000,
      { name: 'waiting', retryAt: instant(60_250), failures: 1, how: 'exit code 1' },
      'tell-ended retryIn 250',
    ],
    ['that has ended does not end twice', WAITING, ENDED, 1, WAITING, ''],
    ['is not started again too soon', WAITING, { kind: 'alarm' }, 4999, WAITING, ''],
    [
      'is started again',
      WAITING,
      { kind: 'alarm' },
      5000,
      { name: 'running', since: instant(5000), silentAt: instant(15_000), failures: 2 },
      'start',
    ],
    ['ends with the daemon', RUNNING, { kind: 'stop' }, 1, OFF, 'end'],
    ['that waits is not started after the daemon', WAITING, { kind: 'stop' }, 1, OFF, ''],
    ['that is off stays off', OFF, { kind: 'alarm' }, 1, OFF, ''],
    ['that ends after the daemon is forgotten', OFF, ENDED, 1, OFF, ''],
  ])('%s', (_why, from, event, at, to, effects) => {
    const step = stepReplicator(from, event, instant(at));
    expect([step.state, step.effects.map(inWords).join(', ')]).toEqual([to, effects]);
  });

  it('wants an alarm while it is waited for', () => {
    expect([OFF, RUNNING, ENDING, WAITING].map(replicatorDeadline)).toEqual([
      undefined,
      10_000,
      undefined,
      5000,
    ]);
  });
});

it('what is of no kind that we know is our own mistake', () => {
  expect(() => stepReplicator(OFF, { kind: 'dream' } as never, instant(0))).toThrow();
  expect(() => replicatorDeadline({ name: 'immortal' } as never)).toThrow();
});

function inWords(effect: ReplicatorEffect): string {
  if (effect.kind === 'tell-silent') {
    return `tell-silent after ${String(effect.after)}`;
  }
  return effect.kind === 'tell-ended'
    ? `tell-ended retryIn ${String(effect.retryIn)}`
    : effect.kind;
}
