import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { run } from '../../../src/core/group-router.js';
import type { GroupState, GroupStep } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import { begin } from '../../../src/core/group-joining.js';
import type { VrrpEvent, VrrpState } from '../../../src/core/vrrp-state.js';
import { at, backup, heard, lastWord, master, NOW, resigning } from './given.js';
import { GROUP, group, INITIALIZE } from './given-group.js';

const PATIENT = { kind: 'send-advert', priority: 200, interval: millis(1000) } as const;

const does = (vrrp: GroupState['vrrp'], event: VrrpEvent) =>
  run(GROUP, group({ vrrp }), event, NOW);

describe('a last word is remembered, to be said twice more', () => {
  it.each<[string, GroupStep, GroupState['lastWord']]>([
    ['priority 0 of a shutdown', does(master(), { kind: 'shutdown' }), lastWord()],
    [
      'priority 0 of a resignation',
      does(master(), { kind: 'resign', purpose: 'switchover' }),
      lastWord(),
    ],
    ['a hand-over', does(master(), { kind: 'hand-over' }), lastWord({ advert: PATIENT })],
    [
      'priority 0 for what a former life left',
      begin(
        GROUP,
        unstarted(GROUP),
        { links: ['up'], leaseUntil: undefined, leftOver: 'yes' },
        NOW,
      ),
      lastWord(),
    ],
    ['an advert of one that stays master', does(master(), heard(0)), undefined],
    [
      'the last advert of one that yields: a backup is silent',
      does(master(), heard(254)),
      undefined,
    ],
    ['the silence of a backup', does(backup(), { kind: 'shutdown' }), undefined],
    [
      'the silence of one that lost its lease',
      does(master({ leaseUntil: NOW }), { kind: 'alarm' }),
      undefined,
    ],
  ])('%s', (_why, { state }, expected) => {
    expect(state.lastWord).toEqual(expected);
  });

  it('a later last word takes the place of an earlier one', () => {
    const state = group({ vrrp: master(), lastWord: lastWord({ copiesLeft: 1, nextAt: at(3) }) });
    const stays = run(GROUP, { ...state, vrrp: backup() }, { kind: 'held' }, NOW);
    expect(stays.state.lastWord).toEqual(state.lastWord);
    const next = run(GROUP, state, { kind: 'hand-over' }, NOW);
    expect(next.state.lastWord).toEqual(lastWord({ advert: PATIENT }));
  });

  it.each<[string, GroupState['vrrp'], VrrpEvent]>([
    ['of a silence', backup({ masterDownAt: NOW }), { kind: 'alarm' }],
    ['of a lease that it adopts', INITIALIZE, { kind: 'adopt' }],
    ['of a switchover to nobody', resigning({ until: NOW }), { kind: 'alarm' }],
  ])(
    'a group that becomes master because %s has nothing more to take back',
    (_why, vrrp, event) => {
      const next = run(GROUP, group({ vrrp, lastWord: lastWord() }), event, NOW);
      expect(next.state).toMatchObject({ vrrp: { name: 'master' }, lastWord: undefined });
    },
  );
});

it('what happens to the virtual router leaves the rest of the group alone', () => {
  const state = group({
    removals: [NOW],
    rest: { until: at(9), cause: 'the kernel refused an address' },
  });
  const step = run(GROUP, state, { kind: 'shutdown' }, NOW);
  expect(step.state).toEqual({ ...state, vrrp: INITIALIZE });
});

it('an unfit master that has lost its lease listens no longer than a fit one', () => {
  const lost = master({ leaseUntil: at(-1), nextAdvertAt: at(-1) });
  const after = (kept: string | undefined): VrrpState =>
    run(GROUP, group({ vrrp: lost, kept }), { kind: 'alarm' }, NOW).state.vrrp;
  expect(after(undefined).name).toBe('backup');
  expect(after('the proxy is not serving')).toEqual(after(undefined));
});
