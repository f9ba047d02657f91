import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { instant, later, millis } from '../../../src/base/time.js';
import type { ProxyEvent, ProxyState, ProxyStep } from '../../../src/core/proxy-state.js';
import { stepProxy } from '../../../src/core/proxy-life.js';
import { proxyDeadline } from '../../../src/core/proxy-probe.js';
import { anyInstant, at, NOW } from './given.js';
import {
  ASKED,
  CHECKING,
  deaths,
  died,
  ENDING,
  EVENTS,
  HOLDING,
  KILLED,
  NONE,
  PARAMS,
  SEEKING,
  SEEKING_AGAIN,
  SERVING,
  STARTING,
  STATES,
  told,
  WAITING,
} from './given-proxy.js';

const ALARM: ProxyEvent = { kind: 'alarm' };

describe('a proxy with its deadlines', () => {
  const startedLate = 'not started within 5000 ms';
  const silent = 'no answer within 1000 ms';

  it.each<[string, ProxyState, Instant | undefined]>([
    ['none', NONE, undefined],
    ['seeking: tries', SEEKING, undefined],
    ['seeking: tries again', SEEKING_AGAIN, at(100)],
    ['checking', CHECKING, undefined],
    ['holding: starts all the same', HOLDING, at(2000)],
    ['ending', ENDING, undefined],
    ['starting: gives up', STARTING, at(4000)],
    ['starting: connects', { ...STARTING, connectAt: at(20) }, at(20)],
    ['serving: asks', SERVING, at(250)],
    ['serving: waits for the answer', ASKED, at(1000)],
    ['waiting: tries again', WAITING, at(100)],
  ])('%s at %o', (_why, state, due) => {
    expect(proxyDeadline(state)).toBe(due);
  });

  it.each<[string, ProxyState, number, object, readonly string[]]>([
    ['tries again', WAITING, 100, CHECKING, ['proxy-check', 'waiting → checking: trying again']],
    [
      'is started without a replicator',
      HOLDING,
      2000,
      { ...STARTING, giveUpAt: at(7000) },
      ['proxy-start', 'holding → starting: no replicator within 2000 ms'],
    ],
    ['is sought again', SEEKING_AGAIN, 100, SEEKING, ['proxy-connect']],
    ['connects', { ...STARTING, connectAt: at(20) }, 20, STARTING, ['proxy-connect']],
    [
      'was never started',
      STARTING,
      4000,
      { ...died, deaths: [...deaths, at(4000)], cause: startedLate },
      [...KILLED, `starting → ending: ${startedLate}`],
    ],
    [
      'is asked',
      SERVING,
      250,
      { ...SERVING, probe: { kind: 'asked', answerBy: at(1250), extended: 'no' } },
      ['proxy-probe'],
    ],
    [
      'is silent',
      ASKED,
      1000,
      { ...died, deaths: [...deaths, at(1000)], cause: silent },
      [...KILLED, `serving → ending: ${silent}`],
    ],
    [
      'is silent, and we a little late',
      ASKED,
      1100,
      { ...died, deaths: [...deaths, at(1100)], cause: silent },
      [...KILLED, `serving → ending: ${silent}`],
    ],
    [
      'seems silent because we were late: its answer may lie unread',
      ASKED,
      1101,
      { ...ASKED, probe: { kind: 'asked', answerBy: at(2101), extended: 'yes' } },
      [],
    ],
    [
      'is silent after a second chance, however late we are',
      { ...ASKED, probe: { kind: 'asked', answerBy: at(1000), extended: 'yes' } },
      9000,
      { ...died, deaths: [...deaths, at(9000)], cause: silent },
      [...KILLED, `serving → ending: ${silent}`],
    ],
  ])('%s', (_why, state, now, next, effects) => {
    const step = stepProxy(PARAMS, state, ALARM, at(now));
    expect(step.state).toEqual(next);
    expect(told(step.effects)).toEqual(effects);
  });

  const ended = ['proxy-kill', 'seeking → ending: no answer'];
  const clearing = { name: 'ending', deaths, cause: 'no answer', then: 'check' };

  it.each<[string, ProxyState, 'silent' | 'nothing', number, object, readonly string[]]>([
    ['is silent: it may serve and be busy', SEEKING, 'silent', 0, SEEKING_AGAIN, []],
    ['is silent up to the end', SEEKING, 'silent', 4999, { ...SEEKING, connectAt: at(5099) }, []],
    ['is silent for five seconds: it is ended', SEEKING, 'silent', 5000, clearing, ended],
    ['is gone: what is left of it is ended at once', SEEKING, 'nothing', 0, clearing, ended],
    [
      'is silent before it was looked for: nobody waits',
      { ...SEEKING, giveUpAt: undefined },
      'silent',
      0,
      clearing,
      ended,
    ],
  ])('one that a former life left %s', (_why, state, found, now, next, effects) => {
    const refused = { kind: 'connect-refused', found, detail: 'no answer' } as const;
    const step = stepProxy(PARAMS, state, refused, at(now));
    expect(step.state).toEqual(next);
    expect(told(step.effects)).toEqual(effects);
  });

  it('a start that does not answer in time is a death', () => {
    const refused = { kind: 'connect-refused', found: 'silent', detail: 'no answer' } as const;
    const { state } = stepProxy(PARAMS, STARTING, refused, at(4000));
    expect(state).toMatchObject({
      name: 'ending',
      cause: 'not answering 5000 ms after its start: no answer',
    });
  });
});

describe('a proxy that dies again and again', () => {
  const EXITED: ProxyEvent = { kind: 'exited', how: 'signal 11' };

  /** The pause after a death, with so many before it in the last minute. */
  function pauseAfter(earlier: readonly Instant[]): ProxyStep {
    const { state } = stepProxy(PARAMS, { ...SERVING, deaths: earlier }, EXITED, NOW);
    return stepProxy(PARAMS, state, { kind: 'killed' }, NOW);
  }

  it.each([
    [0, 100],
    [1, 200],
    [2, 400],
    [3, 800],
    [4, 60_000],
    [5, 60_000],
  ])('after %i deaths in a minute the next start waits %i ms', (count, pause) => {
    const { state, effects } = pauseAfter(Array.from({ length: count }, () => at(-1000)));
    expect(state).toMatchObject({ name: 'waiting', retryAt: at(pause) });
    expect(told(effects).includes('tell proxy.crash-loop')).toBe(count >= 4);
  });

  it.each([
    [59_999, 200],
    [60_000, 100],
  ])('a death %i ms ago makes the pause %i ms: a minute is forgiven', (ago, pause) => {
    expect(pauseAfter([at(-ago)]).state).toMatchObject({ retryAt: at(pause) });
  });

  it('never remembers more than five', () => {
    const { state } = pauseAfter(Array.from({ length: 5 }, (_, index) => at(index - 900)));
    expect(state).toMatchObject({ deaths: [at(-899), at(-898), at(-897), at(-896), NOW] });
  });

  it('a crash loop says how many and how long', () => {
    expect(pauseAfter([at(-4), at(-3), at(-2), at(-1)]).effects[0]).toEqual({
      kind: 'tell',
      notice: { event: 'proxy.crash-loop', deaths: 5, retryIn: 60_000 },
    });
  });
});

describe('whatever happens to a proxy', () => {
  const anyEvent = fc.constantFrom(...EVENTS);
  const anyLife = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 7000 })), {
    maxLength: 60,
  });

  it('a deadline that has come is gone after two alarms: no busy loop', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        let state: ProxyState = SEEKING;
        let now = NOW;
        for (const [event, gap] of life) {
          now = later(now, millis(gap));
          state = stepProxy(PARAMS, state, event, now).state;
          for (const alarm of [ALARM, ALARM]) {
            state = stepProxy(PARAMS, state, alarm, now).state;
          }
          expect(proxyDeadline(state) ?? Infinity).toBeGreaterThan(now);
        }
      }),
    );
  });

  it('an alarm that rings early changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), anyInstant, (state, now) => {
        fc.pre(now < (proxyDeadline(state) ?? Infinity));
        const early = stepProxy(PARAMS, state, { kind: 'alarm' }, instant(now));
        expect(early).toEqual({ state, effects: [] });
      }),
    );
  });
});
