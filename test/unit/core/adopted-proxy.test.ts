import { describe, expect, it } from 'vitest';
import type { ProxyEvent, ProxyParams, ProxyState } from '../../../src/core/proxy-state.js';
import { SEEKING as UNBEGUN, stepProxy } from '../../../src/core/proxy-life.js';
import { at, NOW } from './given.js';
import {
  ASKED,
  deaths,
  EVENTS,
  PARAMS,
  SEEKING,
  SEEKING_AGAIN,
  SERVING,
  STATES,
  told,
  WAITING,
} from './given-proxy.js';

const ADOPTED: ProxyParams = { ...PARAMS, run: 'systemd' };
type Row = readonly [string, ProxyState, ProxyEvent, object, readonly string[]];

const served = { name: 'serving', deaths, pid: 8, since: NOW, probe: { kind: 'due', at: at(250) } };
const connected: ProxyEvent = { kind: 'connected', pid: 8 };
const nobody: ProxyEvent = { kind: 'connect-refused', found: 'nothing', detail: 'nobody there' };
const silent: ProxyEvent = { kind: 'connect-refused', found: 'silent', detail: 'no answer' };
const lost = { ...WAITING, deaths: [...deaths, NOW], cause: 'the process is gone' };

/** Every pair of state and event that brings something about at {@link NOW}, and what. */
const ROWS: readonly Row[] = [
  ['is looked for', UNBEGUN, { kind: 'begin' }, { ...SEEKING, deaths: [] }, ['proxy-connect']],
  ['is found', SEEKING, connected, served, ['seeking → serving: found running']],
  [
    'is not there yet: that is no reason to start one',
    SEEKING,
    nobody,
    { ...WAITING, cause: 'nobody there' },
    ['seeking → waiting: nobody there'],
  ],
  ['may be busy', SEEKING, silent, SEEKING_AGAIN, []],
  [
    'was busy for too long',
    { ...SEEKING, giveUpAt: NOW },
    silent,
    { ...WAITING, cause: 'no answer' },
    ['seeking → waiting: no answer'],
  ],
  ['was started by systemd', WAITING, connected, served, ['waiting → serving: found running']],
  ['is still not there', WAITING, nobody, { ...WAITING, cause: 'nobody there' }, []],
  ['answers', ASKED, { kind: 'answered' }, { ...SERVING, probe: { kind: 'due', at: at(250) } }, []],
  [
    'was reloaded',
    ASKED,
    { kind: 'answered', by: 'successor' },
    { ...SERVING, probe: { kind: 'due', at: at(250) } },
    ['tell proxy.reloaded'],
  ],
  [
    'dies, and is not ended by us',
    SERVING,
    { kind: 'connection-ended' },
    lost,
    ['proxy-disconnect', 'serving → waiting: the process is gone'],
  ],
];

const isOf = ([, from, event]: Row, state: ProxyState, kind: ProxyEvent['kind']): boolean =>
  from.name === state.name && event.kind === kind;

describe('the life of a proxy that systemd runs', () => {
  it.each(ROWS)('%s', (_why, state, event, next, effects) => {
    const step = stepProxy(ADOPTED, state, event, NOW);
    expect(step.state).toEqual(next);
    expect(told(step.effects)).toEqual(effects);
  });

  it('is never checked, started nor ended, whatever happens in whatever state', () => {
    const ours = ['proxy-check', 'proxy-start', 'proxy-kill'];
    for (const state of STATES) {
      for (const event of EVENTS) {
        const { effects } = stepProxy(ADOPTED, state, event, at(60_000));
        expect(told(effects).filter((each) => ours.includes(each))).toEqual([]);
      }
    }
  });

  it.each(
    STATES.flatMap((state) => EVENTS.map((event) => ({ state, event }))).filter(
      ({ state, event }) => !ROWS.some((row) => isOf(row, state, event.kind)),
    ),
  )('is as it was: $state.name, $event.kind', ({ state, event }) => {
    const effects = event.kind === 'connected' ? ['proxy-disconnect'] : [];
    const step = stepProxy(ADOPTED, state, event, NOW);
    expect(step.state).toEqual(state);
    expect(told(step.effects)).toEqual(effects);
  });

  it.each<[string, ProxyState, number, object, readonly string[]]>([
    ['is asked again in a moment', SEEKING_AGAIN, 100, SEEKING, ['proxy-connect']],
    [
      'is looked for again, and once more should no word come of that',
      WAITING,
      100,
      { ...WAITING, retryAt: at(5100) },
      ['proxy-connect'],
    ],
    [
      'is asked whether it answers',
      SERVING,
      250,
      { ...SERVING, probe: { kind: 'asked', answerBy: at(1250), extended: 'no' } },
      ['proxy-probe'],
    ],
    [
      'hangs: nobody is sent there, and it is left alone',
      ASKED,
      1000,
      {
        ...WAITING,
        deaths: [...deaths, at(1000)],
        cause: 'no answer within 1000 ms',
        retryAt: at(1100),
      },
      ['proxy-disconnect', 'serving → waiting: no answer within 1000 ms'],
    ],
  ])('%s', (_why, state, after, next, effects) => {
    const step = stepProxy(ADOPTED, state, { kind: 'alarm' }, at(after));
    expect(step.state).toEqual(next);
    expect(told(step.effects)).toEqual(effects);
  });

  it('has no alarm that is ours where another life left it', () => {
    const starting = { ...SEEKING, name: 'starting', giveUpAt: at(1) } as ProxyState;
    expect(stepProxy(ADOPTED, starting, { kind: 'alarm' }, at(2))).toEqual({
      state: starting,
      effects: [],
    });
  });
});
