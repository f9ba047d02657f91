import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { PushEvent, PushState } from '../../../src/core/push-plan.js';
import {
  AT_REST,
  busyWith,
  firstOf,
  whyNotGiven,
  pushDeadline,
  stepPush,
} from '../../../src/core/push-plan.js';
import type { ProxyLook } from '../../../src/core/push-watch.js';

const before: ProxyLook = { serves: 'yes', up: ['web/a'], down: [] };
const fallen: ProxyLook = { serves: 'yes', up: [], down: ['web/a'] };
const silent: ProxyLook = { serves: 'no', why: 'gone' };
const WHY = 'up before and down now: web/a';
const id = 'p';

const receiving: PushState = { name: 'receiving', id, until: instant(60_000) };
const checking: PushState = { name: 'checking', id };
const checked: PushState = { name: 'checked', id, until: instant(60_000) };
const installing: PushState = { name: 'installing', id, before };
const reloading: PushState = { name: 'reloading', id, before };
const watching: PushState = {
  ...{ name: 'watching', id, before },
  ...{ until: instant(10_000), silentSince: undefined },
};
const untouched: PushState = { name: 'rolling back', id, why: 'w', proxy: 'untouched' };
const loaded: PushState = { ...untouched, proxy: 'to be reloaded' };
const over = (outcome: 'kept' | 'rolled back' | 'failed', why: string): PushState => ({
  name: 'idle',
  last: { id, outcome, why },
});
const ENDS = ['forget', 'ended'];

function step(state: PushState, event: PushEvent, at = 0) {
  const next = stepPush(state, event, { now: instant(at), watch: millis(10_000) });
  return { state: next.state, effects: next.effects.map(({ kind }) => kind) };
}

type Row = [string, PushState, PushEvent, number, PushState, readonly string[]];

describe('a push on the node that takes it', () => {
  it.each<Row>([
    ['begins', AT_REST, { kind: 'begun', id }, 0, receiving, ['forget']],
    [
      'what is put back was checked once',
      ...([AT_REST, { kind: 'install-asked', id, before }, 0] as const),
      ...([installing, ['install']] as const),
    ],
    ['another takes its place', checked, { kind: 'begun', id }, 0, receiving, ['forget']],
    [
      'has patience from the last word on',
      ...([receiving, { kind: 'heard' }, 5] as const),
      ...([{ ...receiving, until: instant(60_005) }, []] as const),
    ],
    ['is forgotten after that', receiving, { kind: 'alarm' }, 60_000, AT_REST, ['forget']],
    ['and not before', receiving, { kind: 'alarm' }, 59_999, receiving, []],
    ['is dropped', checked, { kind: 'dropped' }, 0, AT_REST, ['forget']],
    ['is checked', receiving, { kind: 'check-asked' }, 0, checking, ['check']],
    ['is found right', checking, { kind: 'check-passed' }, 0, checked, []],
    ['is found wrong', checking, { kind: 'check-refused' }, 0, AT_REST, ['forget']],
    [
      'is installed',
      ...([checked, { kind: 'install-asked', id, before }, 0] as const),
      ...([installing, ['install']] as const),
    ],
    ['the proxy reads it', installing, { kind: 'installed' }, 0, reloading, ['reload']],
    [
      'the disk is full',
      ...([installing, { kind: 'install-refused', why: 'ENOSPC' }, 0] as const),
      ...([over('rolled back', 'ENOSPC'), ENDS] as const),
    ],
    ['is watched', reloading, { kind: 'reloaded' }, 0, watching, ['look']],
    [
      'the proxy refuses it',
      ...([reloading, { kind: 'reload-refused', why: 'w', proxy: 'untouched' }, 0] as const),
      ...([untouched, ['restore']] as const),
    ],
    ['is watched on', watching, { kind: 'looked', look: before }, 9_999, watching, ['look']],
    ['is kept', watching, { kind: 'looked', look: before }, 10_000, watching, ['keep']],
    ['was kept', watching, { kind: 'kept' }, 0, over('kept', ''), ENDS],
    [
      'cannot be kept',
      ...([watching, { kind: 'keep-refused', why: 'w' }, 0] as const),
      ...([loaded, ['restore']] as const),
    ],
    [
      'a server falls',
      ...([watching, { kind: 'looked', look: fallen }, 10_000] as const),
      ...([{ ...loaded, why: WHY }, ['restore']] as const),
    ],
    [
      'the proxy is silent for a moment, at the end of it too',
      ...([watching, { kind: 'looked', look: silent }, 10_000] as const),
      ...([{ ...watching, silentSince: instant(10_000) }, ['look']] as const),
    ],
    [
      'the proxy is silent for too long',
      { ...watching, silentSince: instant(0) },
      ...([{ kind: 'looked', look: silent }, 2000] as const),
      ...([{ ...loaded, why: 'HAProxy does not serve: gone' }, ['restore']] as const),
    ],
    [
      'the proxy answers again',
      { ...watching, silentSince: instant(0) },
      ...([{ kind: 'looked', look: before }, 2000, watching, ['look']] as const),
    ],
    ['is back', untouched, { kind: 'restored' }, 0, over('rolled back', 'w'), ENDS],
    ['the proxy reads what is back', loaded, { kind: 'restored' }, 0, loaded, ['reload']],
    ['and has read it', loaded, { kind: 'reloaded' }, 0, over('rolled back', 'w'), ENDS],
    [
      'or not',
      ...([loaded, { kind: 'reload-refused', why: 'x', proxy: 'untouched' }, 0] as const),
      over('failed', 'w; HAProxy was not reloaded with the former files: x'),
      ENDS,
    ],
    [
      'is not back',
      ...([untouched, { kind: 'restore-failed', why: 'x' }, 0] as const),
      over('failed', 'w; the former files could not be put back: x'),
      ENDS,
    ],
  ])('%s', (_what, state, event, at, next, effects) => {
    expect(step(state, event, at)).toEqual({ state: next, effects });
  });

  it.each([AT_REST, receiving, checking, checked, installing, reloading, watching, untouched])(
    'what does not fit $name changes nothing',
    (state) => {
      const event: PushEvent =
        state.name === 'idle'
          ? { kind: 'alarm' }
          : { kind: state.name === 'checking' ? 'kept' : 'check-passed' };
      expect(step(state, event)).toEqual({ state, effects: [] });
    },
  );

  it('a state that there is not is a mistake of ours', () => {
    const odd = { name: 'odd' } as unknown as PushState;
    expect(() => step(odd, { kind: 'alarm' })).toThrow(BrokenAssumption);
  });

  it('gives way to another until it is being checked', () => {
    expect([AT_REST, receiving, checked].map(busyWith)).toEqual([undefined, undefined, undefined]);
    expect([checking, installing, watching].map(busyWith)).toEqual([
      'a push is checking there already',
      'a push is installing there already',
      'a push is watching there already',
    ]);
  });

  it('waits for others only while nothing is touched', () => {
    expect([AT_REST, receiving, checked, watching].map(pushDeadline)).toEqual([
      undefined,
      instant(60_000),
      instant(60_000),
      undefined,
    ]);
  });
});

describe('which node goes first', () => {
  it.each([
    ['the standby', ['web'], [], 'standby', 'there'],
    ['nobody is master', [], [], 'standby', 'there'],
    ['not the owner', [], ['web'], 'standby', 'refused'],
    ['this one, where the other is the owner and it is asked for', [], ['web'], 'active', 'here'],
    ['the other one, where both are owners', ['db'], ['web'], 'active', 'there'],
  ] as const)('%s', (_what, here, there, to, first) => {
    expect(firstOf({ here, there, to })).toBe(first);
  });
});

describe('whether groups can be given to the other node in the middle of a push', () => {
  it.each([
    [['web'], [], undefined],
    [[], [], 'this node is master of nothing that it could give'],
    [['db'], ['web'], 'the other node is master of web, so it serves with the new files at once'],
  ])('%j here and %j there', (here, there, why) => {
    expect(whyNotGiven({ here, there })).toBe(why);
  });
});
