import { describe, expect, it } from 'vitest';
import { begin, settle } from '../../../src/core/group-joining.js';
import type { Fitness, GroupFound, GroupState } from '../../../src/core/group-state.js';
import { roleOf, unstarted } from '../../../src/core/group-state.js';
import { at, lastWord, master, NOW, resigning, told } from './given.js';
import { begun, GROUP, group, INITIALIZE } from './given-group.js';

const FIT: Fitness = { kind: 'fit' };
const PENDING: Fitness = { kind: 'pending' };
const UNFIT: Fitness = { kind: 'unfit', cause: 'the proxy is not serving' };

const LEASE_TAKES_OVER = 'hold 2945, confirmation wanted';
const DROPPED = ['release', 'advert 0 every 1000', 'tell address.left-over'];
const LEFT_OVER: GroupFound = { links: ['up'], leaseUntil: undefined, leftOver: 'yes' };

describe('what a former life left behind', () => {
  it.each<[string, Partial<GroupFound>, Partial<GroupState>, readonly string[]]>([
    ['nothing', { leftOver: 'no' }, {}, []],
    [
      'addresses whose lease has ended before: given up at once',
      {},
      { lastWord: lastWord() },
      DROPPED,
    ],
    [
      'addresses whose lease ended while we looked: given up at once',
      { leaseUntil: NOW },
      { lastWord: lastWord() },
      DROPPED,
    ],
    [
      'addresses whose lease still runs: kept, to be adopted',
      { links: ['down'], leaseUntil: at(0.125) },
      { links: ['down'], adoptBy: at(0.125) },
      [],
    ],
  ])('%s', (_why, found, changes, effects) => {
    const step = begin(GROUP, unstarted(GROUP), { ...LEFT_OVER, ...found }, NOW);
    expect(step.state).toEqual(begun(changes));
    expect(told(step.effects)).toEqual(effects);
  });
});

describe('a group joins', () => {
  it('fit and its link up, it listens first', () => {
    const step = settle(GROUP, begun(), FIT, NOW);
    expect(step.state).toMatchObject({ fault: undefined, vrrp: { name: 'backup' } });
    expect(told(step.effects)).toEqual(['starting → backup: listening first']);
  });

  it('and comes back from a fault by name', () => {
    const step = settle(GROUP, begun({ fault: 'link eth0 down' }), FIT, NOW);
    expect(told(step.effects)).toEqual(['fault → backup: listening first']);
  });

  it('adopts a lease that still runs', () => {
    const step = settle(GROUP, begun({ adoptBy: at(1) }), FIT, NOW);
    expect(step.state).toMatchObject({
      fault: undefined,
      adoptBy: undefined,
      vrrp: { name: 'master', leaseUntil: at(2945) },
    });
    expect(told(step.effects)).toEqual([
      'tell address.left-over',
      LEASE_TAKES_OVER,
      'starting → master: adopted a running lease',
    ]);
  });

  it('too late to adopt, it gives up what is left as a master would, and listens', () => {
    const step = settle(GROUP, begun({ adoptBy: NOW }), FIT, NOW);
    expect(step.state).toMatchObject({ adoptBy: undefined, vrrp: { name: 'backup' } });
    expect(told(step.effects)).toEqual([...DROPPED, 'starting → backup: listening first']);
  });

  it('while the proxy is looked for, a lease that runs is left alone', () => {
    const waiting = begun({ adoptBy: at(1) });
    expect(settle(GROUP, waiting, PENDING, NOW)).toEqual({ state: waiting, effects: [] });
  });

  it('a lease that ends while the proxy is looked for is given up', () => {
    const step = settle(GROUP, begun({ adoptBy: NOW }), PENDING, NOW);
    expect(step.state).toEqual(begun({ lastWord: lastWord() }));
    expect(told(step.effects)).toEqual(DROPPED);
  });

  it('while the proxy is looked for, a group with nothing to adopt waits silently', () => {
    expect(settle(GROUP, begun(), PENDING, NOW)).toEqual({ state: begun(), effects: [] });
  });

  it.each<[string, Partial<GroupState>, Fitness]>([
    ['the proxy is missing', { adoptBy: at(500) }, UNFIT],
    ['the link is down', { adoptBy: at(500), links: ['down'] }, FIT],
  ])('not at all while %s: a lease that runs is given up', (_why, changes, node) => {
    const step = settle(GROUP, begun(changes), node, NOW);
    expect(step.state).toMatchObject({ adoptBy: undefined, vrrp: INITIALIZE });
    expect(told(step.effects).slice(0, -1)).toEqual(DROPPED);
    expect(roleOf(step.state)).toBe('fault');
  });
});

describe('a group leaves', () => {
  it.each<[string, Partial<GroupState>, Fitness, string]>([
    ['its link is down', { links: ['down'] }, FIT, 'link eth0 down'],
    ['its interface is missing', { links: ['missing'] }, FIT, 'link eth0 missing'],
    [
      'the kernel refused an address',
      { rest: { until: at(1), cause: 'the kernel refused an address' } },
      FIT,
      'the kernel refused an address',
    ],
    ['the node is unfit', {}, UNFIT, 'the proxy is not serving'],
    ['both link and node are bad: the link is named', { links: ['down'] }, UNFIT, 'link eth0 down'],
  ])('when %s', (_why, changes, node, fault) => {
    const step = settle(GROUP, group({ vrrp: master(), ...changes }), node, NOW);
    expect(step.state).toEqual(
      group({ ...changes, vrrp: INITIALIZE, fault, lastWord: lastWord() }),
    );
    expect(told(step.effects)).toEqual([
      'release',
      'advert 0 every 1000',
      `master → fault: ${fault}`,
    ]);
  });

  it('as backup it only falls silent', () => {
    const step = settle(GROUP, group(), UNFIT, NOW);
    expect(told(step.effects)).toEqual(['backup → fault: the proxy is not serving']);
  });

  it('as a master that resigned it ends the switchover', () => {
    const step = settle(GROUP, group({ vrrp: resigning() }), UNFIT, NOW);
    expect(told(step.effects)).toEqual([
      'release',
      'switchover undone: this node left the group',
      'resigning → fault: the proxy is not serving',
    ]);
  });

  it('only once: the same fault is no news, another one is', () => {
    const out = group({ vrrp: INITIALIZE, fault: 'the proxy is not serving' });
    expect(settle(GROUP, out, UNFIT, NOW)).toEqual({ state: out, effects: [] });
    const worse = settle(GROUP, { ...out, links: ['down'] }, UNFIT, NOW);
    expect(told(worse.effects)).toEqual(['fault → fault: link eth0 down']);
  });

  it('a group that takes part and is fit goes on', () => {
    expect(settle(GROUP, group(), FIT, NOW)).toEqual({ state: group(), effects: [] });
  });
});
