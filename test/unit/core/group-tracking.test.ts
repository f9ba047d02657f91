import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupState, GroupStep } from '../../../src/core/group-state.js';
import {
  awaitsProxy,
  inWords,
  lookAtProxy,
  sampled,
  settleTrackers,
  tracksProxy,
} from '../../../src/core/group-tracking.js';
import type { ProxyState } from '../../../src/core/proxy-state.js';
import type { Consequence, Sample, Thing, Verdict } from '../../../src/core/tracking.js';
import { at, master, NOW } from './given.js';
import { GROUP, group } from './given-group.js';
import { NONE, SEEKING, SERVING, WAITING } from './given-proxy.js';

const WELL: Sample = { kind: 'well' };
const BAD: Sample = { kind: 'failing', why: 'exit 1' };
const FAULT: Consequence = { kind: 'fault' };
const LIGHT: Consequence = { kind: 'weight', weight: -20 };
const SCRIPT: Thing = { kind: 'script', rise: 1, fall: 2 };
const LINK: Thing = { kind: 'interface', debounce: millis(500) };
const PROXY: Thing = { kind: 'proxy' };

/** Named after their place. */
function tracking(...things: readonly (readonly [Thing, Consequence])[]): GroupParams {
  return {
    ...GROUP,
    things: things.map(([thing, consequence], index) => ({
      name: `thing ${String(index)}`,
      thing,
      consequence,
    })),
  };
}

/** One look after another at the first thing, at one instant. */
function looks(params: GroupParams, ...seen: readonly Sample[]): GroupStep {
  let step: GroupStep = { state: group({}, params), effects: [] };
  for (const each of seen) {
    step = sampled(params, step.state, { index: 0, seen: each }, NOW);
  }
  return step;
}

const changed = (name: string, to: string) => ({
  kind: 'tell',
  notice: { event: 'track.state', group: 'web', name, to },
});
const weighed = (priority: number, why: string) => ({
  kind: 'tell',
  notice: { event: 'vrrp.priority', group: 'web', priority, why },
});

const WEIGHED = tracking([SCRIPT, LIGHT]);
const FAULTY = tracking([SCRIPT, FAULT]);

describe('looks at a tracked thing', () => {
  it.each<[string, GroupParams, readonly Sample[], number, readonly object[]]>([
    [
      'well at first: told, and the priority stays',
      WEIGHED,
      [WELL],
      200,
      [changed('thing 0', 'well')],
    ],
    ['well again: no news', WEIGHED, [WELL, WELL], 200, []],
    ['bad once: not enough', WEIGHED, [WELL, BAD], 200, []],
    [
      'bad twice: it fails, and its weight counts',
      WEIGHED,
      [WELL, BAD, BAD],
      180,
      [changed('thing 0', 'fails: exit 1'), weighed(180, '200 (base) − 20 (thing 0 fails) = 180')],
    ],
    [
      'well again: the weight does not count any more',
      WEIGHED,
      [BAD, BAD, WELL],
      200,
      [changed('thing 0', 'well'), weighed(200, '200 (base)')],
    ],
    ['a fault has no weight', FAULTY, [BAD, BAD], 200, [changed('thing 0', 'fails: exit 1')]],
  ])('%s', (_why, params, seen, priority, effects) => {
    const step = looks(params, ...seen);
    expect(step.state.priority).toBe(priority);
    expect(step.effects).toEqual(effects);
  });

  it('a look that changes nothing is remembered', () => {
    const { state } = looks(WEIGHED, BAD);
    expect(state).toEqual({
      ...group({}, WEIGHED),
      trackers: [
        {
          verdict: { kind: 'unknown' },
          doubt: { verdict: BAD, looks: 1, since: NOW },
        },
      ],
    });
  });

  it('a look at a thing that is not tracked is our mistake', () => {
    const wrong = { index: 1, seen: WELL };
    expect(() => sampled(WEIGHED, group({}, WEIGHED), wrong, NOW)).toThrow(BrokenAssumption);
  });
});

describe('time passes for things that are tracked', () => {
  const params = tracking([LINK, LIGHT], [SCRIPT, FAULT], [LINK, { kind: 'weight', weight: -30 }]);
  const down: Sample = { kind: 'failing', why: 'down' };

  /** Every thing was well, and both interfaces went down: so many milliseconds after {@link NOW}. */
  function falling(first: number, third: number): GroupState {
    let state = group({}, params);
    for (const index of [0, 1, 2]) {
      state = sampled(params, state, { index, seen: WELL }, at(-9000)).state;
    }
    state = sampled(params, state, { index: 0, seen: down }, at(first)).state;
    return sampled(params, state, { index: 2, seen: down }, at(third)).state;
  }

  it.each<[string, number, number, number, readonly string[]]>([
    ['too little', -499, -499, 200, []],
    ['enough for one', -500, -499, 180, ['thing 0']],
    ['enough for the other', -499, -500, 170, ['thing 2']],
    ['enough for both: one after the other', -500, -500, 150, ['thing 0', 'thing 2']],
  ])('%s', (_why, first, third, priority, names) => {
    const step = settleTrackers(params, falling(first, third), NOW);
    expect(step.state.priority).toBe(priority);
    const told = step.effects.flatMap((effect) =>
      effect.kind === 'tell' && effect.notice.event === 'track.state' ? [effect.notice.name] : [],
    );
    expect(told).toEqual(names);
    expect(step.effects).toHaveLength(2 * names.length);
  });
});

describe('a tracked proxy', () => {
  const fatal = tracking([SCRIPT, FAULT], [PROXY, FAULT]);
  const light = tracking([PROXY, LIGHT]);
  const twice = tracking([PROXY, LIGHT], [SCRIPT, FAULT], [PROXY, FAULT]);
  const after = (params: GroupParams, ...proxies: readonly ProxyState[]): GroupStep => {
    let step: GroupStep = { state: group({}, params), effects: [] };
    for (const proxy of proxies) {
      step = lookAtProxy(params, step.state, proxy, NOW);
    }
    return step;
  };

  it.each<[string, GroupParams, boolean]>([
    ['nothing', GROUP, false],
    ['a script', FAULTY, false],
    ['the proxy', light, true],
    ['both', fatal, true],
  ])('is tracked by a group that tracks %s: %3$s', (_why, params, expected) => {
    expect(tracksProxy(params)).toBe(expected);
  });

  it.each<[string, GroupParams, readonly ProxyState[], readonly Verdict['kind'][], number]>([
    ['is not known while it is looked for', light, [SEEKING], ['unknown'], 0],
    ['is well while it serves', light, [SERVING], ['well'], 1],
    ['that goes on serving is no news', light, [SERVING, SERVING], ['well'], 0],
    ['fails while it does not', light, [SERVING, WAITING], ['failing'], 2],
    ['that goes on failing is no news', light, [WAITING, WAITING], ['failing'], 0],
    ['fails where there is none', light, [NONE], ['failing'], 2],
    ['leaves other things alone', fatal, [SERVING], ['unknown', 'well'], 1],
    ['counts each time it is tracked', twice, [WAITING], ['failing', 'unknown', 'failing'], 3],
    ['is no matter of a group without it', FAULTY, [WAITING], ['unknown'], 0],
  ])('%s', (_why, params, proxies, verdicts, news) => {
    const { state, effects } = after(params, ...proxies);
    expect(state.trackers.map(({ verdict }) => verdict.kind)).toEqual(verdicts);
    expect(effects).toHaveLength(news);
  });

  it.each<[string, GroupParams, ProxyState, boolean]>([
    ['while it is looked for and its failure is a fault', fatal, SEEKING, true],
    ['no more once it was found', fatal, SERVING, false],
    ['nor once it was not', fatal, WAITING, false],
    ['nor where its failure has a weight only', light, SEEKING, false],
    ['but where it has one as well', twice, SEEKING, true],
    ['nor for a script', FAULTY, SEEKING, false],
  ])('is waited for %s: %4$s', (_why, params, proxy, expected) => {
    expect(awaitsProxy(params, after(params, proxy).state)).toBe(expected);
  });
});

it.each<[Verdict, string]>([
  [{ kind: 'unknown' }, 'not known yet'],
  [{ kind: 'well' }, 'well'],
  [{ kind: 'failing', why: 'exit 1' }, 'fails: exit 1'],
  [{ kind: 'value', value: -3 }, 'holds -3'],
])('in words %j is %s', (verdict, words) => {
  expect(inWords(verdict)).toBe(words);
});

it('a verdict nobody thought of is our mistake', () => {
  expect(() => inWords({ kind: 'new' } as unknown as Verdict)).toThrow(BrokenAssumption);
});

describe.each(['backends', 'services'] as const)('%s that both nodes lose', (things) => {
  const TRACKING: GroupParams = {
    ...GROUP,
    things: [
      {
        name: things,
        thing: { kind: things, rise: 5, fall: 5 },
        consequence: { kind: 'fault' },
      },
    ],
  };

  /** After how many looks in a row the verdict is another one. */
  function looksUntil(kind: 'well' | 'failing', state: GroupState): number {
    const seen = kind === 'well' ? ({ kind } as const) : ({ kind, why: 'none is up' } as const);
    let current = state;
    for (let looks = 1; ; looks += 1) {
      current = sampled(TRACKING, current, { index: 0, seen }, at(looks)).state;
      if (current.trackers[0]?.verdict.kind === kind) {
        return looks;
      }
    }
  }

  const WELL = [{ verdict: { kind: 'well' }, doubt: undefined }] as const;
  const FAILING = [{ verdict: { kind: 'failing', why: '' }, doubt: undefined }] as const;

  it('are lost by the backup first, and are back on the master first: neither moves the group', () => {
    const backing = group({}, TRACKING);
    const owning = group({ vrrp: master() }, TRACKING);
    expect(looksUntil('failing', { ...backing, trackers: WELL })).toBe(3);
    expect(looksUntil('failing', { ...owning, trackers: WELL })).toBe(5);
    expect(looksUntil('well', { ...owning, trackers: FAILING })).toBe(3);
    expect(looksUntil('well', { ...backing, trackers: FAILING })).toBe(5);
  });

  it('are not taken for well at the start, when nobody has looked yet', () => {
    expect(looksUntil('well', group({}, TRACKING))).toBe(5);
  });
});
