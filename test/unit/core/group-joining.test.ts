import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { beginProbing } from '../../../src/core/first-claim.js';
import { alarmed } from '../../../src/core/group.js';
import { begin, settle } from '../../../src/core/group-joining.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { Fitness, GroupFound, GroupState } from '../../../src/core/group-state.js';
import { roleOf, speaker, unstarted } from '../../../src/core/group-state.js';
import type { Orders } from '../../../src/core/orders.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import type { LinkState } from '../../../src/core/notice.js';
import type { TrackedThing, TrackerState } from '../../../src/core/tracking.js';
import { newTracker } from '../../../src/core/tracking.js';
import { at, lastWord, master, NOW, OWN, resigning, told } from './given.js';
import { begun, GROUP, group, INITIALIZE, NO_WORD, PAUSED, PROBING } from './given-group.js';

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

describe('a group listens for longer', () => {
  const holding = { ...GROUP, startHold: millis(5000) };

  it.each<[string, Partial<GroupState>, number]>([
    ['the first time that its daemon takes part: 5 s', {}, 5000],
    ['but not after a fault', { joined: 'before', fault: 'link eth0 down' }, 3218.75],
    ['also where it gave up what a former life left', { adoptBy: NOW }, 5000],
  ])('%s', (_why, changes, listens) => {
    const step = settle(holding, begun(changes), FIT, NOW);
    expect(step.state).toMatchObject({
      joined: 'before',
      vrrp: { name: 'backup', masterDownAt: at(listens) },
    });
  });

  it('having adopted a lease it takes part: what comes later is no start', () => {
    const adopted = settle(holding, begun({ adoptBy: at(1) }), FIT, NOW).state;
    expect(adopted.joined).toBe('before');
  });
});

describe('RFC 5227 §2.1.1 a group that asks who has its addresses', () => {
  it.each<[string, Partial<GroupState>, readonly string[]]>([
    ['as it starts', {}, ['starting → backup: listening first', 'probe']],
    ['as it comes back', { fault: 'link eth0 down' }, ['fault → backup: listening first', 'probe']],
    [
      'after it has let go what a former life left',
      { adoptBy: NOW },
      [...DROPPED, 'starting → backup: listening first', 'probe'],
    ],
  ])('does so %s', (_why, changes, effects) => {
    const step = settle(PROBING, begun(changes), FIT, NOW);
    expect(told(step.effects)).toEqual(effects);
    expect(step.state.firstClaim).toEqual(beginProbing(PROBING, NOW));
  });

  it('not where its lease still runs: it has them', () => {
    const step = settle(PROBING, begun({ adoptBy: at(1) }), FIT, NOW);
    expect(told(step.effects)).not.toContain('probe');
    expect(step.state.firstClaim).toBeUndefined();
  });

  it('and stops asking as it leaves', () => {
    const asking = group({ firstClaim: beginProbing(PROBING, NOW) }, PROBING);
    expect(settle(PROBING, asking, UNFIT, NOW).state.firstClaim).toBeUndefined();
  });
});

describe('a group with tracked things', () => {
  const thing = { kind: 'script', rise: 1, fall: 2 } as const;
  const fatal = { name: 'db', thing, consequence: { kind: 'fault' } } as const;
  const heavy = { name: 'disk', thing, consequence: { kind: 'weight', weight: -50 } } as const;
  const params: GroupParams = { ...GROUP, things: [heavy, fatal] };
  const UNKNOWN: TrackerState = newTracker();
  const OK: TrackerState = { verdict: { kind: 'well' }, doubt: undefined };
  const BAD: TrackerState = { verdict: { kind: 'failing', why: 'exit 1' }, doubt: undefined };

  it.each<[string, Partial<GroupState>, string]>([
    ['does not start before it knows that it is fit', { trackers: [OK, UNKNOWN] }, 'starting'],
    ['starts without knowing its weights', { trackers: [UNKNOWN, OK] }, 'backup'],
    ['starts with a weight that counts', { trackers: [BAD, OK] }, 'backup'],
    ['does not start with a fault', { trackers: [OK, BAD] }, 'fault'],
    ['adopts a lease before it knows', { trackers: [OK, UNKNOWN], adoptBy: at(1) }, 'master'],
    ['does not adopt one with a fault', { trackers: [OK, BAD], adoptBy: at(1) }, 'fault'],
    [
      'does not start unknowing because a lease has ended',
      { trackers: [OK, UNKNOWN], adoptBy: NOW },
      'starting',
    ],
    [
      'comes back without knowing anew what it has known before',
      { trackers: [OK, UNKNOWN], joined: 'before', fault: 'link eth0 down' },
      'backup',
    ],
  ])('%s', (_why, changes, role) => {
    const step = settle(params, begun(changes, params), FIT, NOW);
    expect(roleOf(step.state)).toBe(role);
    expect(step.state.adoptBy).toBeUndefined();
  });

  it('names the one that makes it leave', () => {
    const step = settle(params, group({ trackers: [OK, BAD] }, params), FIT, NOW);
    expect(told(step.effects)).toEqual(['backup → fault: db: exit 1']);
  });

  it.each<[string, Partial<GroupState>, Fitness, string]>([
    ['the link', { links: ['missing'] }, UNFIT, 'link eth0 missing'],
    ['then a rest', { rest: { until: at(1), cause: 'tired' } }, UNFIT, 'tired'],
    ['then the node', {}, UNFIT, 'the proxy is not serving'],
    ['then what is tracked', {}, PENDING, 'db: exit 1'],
  ])('of several faults it names %s', (_why, changes, node, fault) => {
    const state = group({ trackers: [OK, BAD], ...changes }, params);
    expect(settle(params, state, node, NOW).state.fault).toBe(fault);
  });
});

it.each<[readonly LinkState[], string | undefined]>([
  [['up', 'up'], undefined],
  [['up', 'down'], 'link eth1 down'],
  [['missing', 'down'], 'link eth0 missing'],
])('every instance needs its link, the first that is cut is named: %j', (links, fault) => {
  const instances = ['eth0', 'eth1'].map((name) => ({ interface: name, ownAddress: OWN }));
  const params: GroupParams = { ...GROUP, instances };
  expect(settle(params, group({ links }, params), FIT, NOW).state.fault).toBe(fault);
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

  it('it stays master where the other node is no fitter, and lets go as soon as it is', () => {
    const worse = group({ vrrp: master(), peer: 'unfit' });
    const kept = settle(GROUP, worse, UNFIT, NOW);
    expect(kept.state).toMatchObject({
      vrrp: { name: 'master' },
      kept: 'the proxy is not serving',
    });
    expect(told(kept.effects)).toEqual(['tell vrrp.kept']);
    expect(settle(GROUP, kept.state, UNFIT, NOW)).toEqual({ state: kept.state, effects: [] });
    const well = settle(GROUP, kept.state, FIT, NOW);
    expect(well).toEqual({ state: { ...kept.state, kept: undefined }, effects: [] });
    const fitter = settle(GROUP, { ...kept.state, peer: 'fit or unknown' }, UNFIT, NOW);
    expect(fitter.state).toMatchObject({ vrrp: INITIALIZE, kept: undefined });
    expect(told(fitter.effects)).toContain('master → fault: the proxy is not serving');
  });

  it('it joins unfit as it is where nobody is fitter and it goes first', () => {
    const out = group({ vrrp: INITIALIZE, fault: 'the proxy is not serving' });
    expect(settle(GROUP, { ...out, peer: 'unfit' }, UNFIT, NOW).effects).toEqual([]);
    const first: GroupState = { ...out, peer: 'unfit and behind' };
    const joined = settle(GROUP, first, UNFIT, NOW);
    expect(joined.state).toMatchObject({
      vrrp: { name: 'backup' },
      fault: undefined,
      kept: 'the proxy is not serving',
    });
    const left = settle(GROUP, { ...joined.state, peer: 'fit or unknown' }, UNFIT, NOW);
    expect(left.state).toMatchObject({ vrrp: INITIALIZE, fault: 'the proxy is not serving' });
    // Should the nodes not agree on who goes first, they do not go round in circles at the speed of the channel.
    const again = { ...left.state, peer: 'unfit and behind' } as const;
    expect(settle(GROUP, again, UNFIT, at(3000)).effects).toEqual([]);
    expect(settle(GROUP, again, UNFIT, at(4000)).state.vrrp.name).toBe('backup');
    const starting = { ...first, fault: 'starting', joined: 'never' } as const;
    expect(settle(GROUP, starting, { kind: 'pending' }, NOW).state.vrrp).toEqual(INITIALIZE);
  });

  it('it says so with the least priority, and a look that says the same in other words changes nothing', () => {
    const kept = group({ vrrp: master(), peer: 'unfit', kept: 'db: 3 rows late' });
    const unfit = (cause: string): Fitness => ({ kind: 'unfit', cause });
    const next = settle(GROUP, kept, unfit('db: 4 rows late'), NOW);
    expect(next).toEqual({ state: { ...kept, kept: 'db: 4 rows late' }, effects: [] });
    expect(told(settle(GROUP, next.state, unfit('the proxy is not serving'), NOW).effects)).toEqual(
      ['tell vrrp.kept'],
    );
    const out = group({ vrrp: INITIALIZE, fault: 'db: 3 rows late' });
    expect(settle(GROUP, out, unfit('db: 4 rows late'), NOW)).toEqual({
      state: { ...out, fault: 'db: 4 rows late' },
      effects: [],
    });
    const due = { ...kept, vrrp: master({ nextAdvertAt: NOW }) };
    const { effects } = alarmed(GROUP, due, NO_WORD, NOW);
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'send-advert', priority: 1 }));
  });

  it('it gives the group away as any other where it stays on', () => {
    const resigned = group({ vrrp: resigning(), peer: 'unfit', kept: 'the proxy is not serving' });
    expect(settle(GROUP, resigned, UNFIT, NOW).state.vrrp.name).toBe('resigning');
  });

  it('it keeps the addresses while automatic moves are paused, and lets go when they go on', () => {
    const paused = group({ vrrp: master(), orders: PAUSED });
    const kept = settle(GROUP, paused, UNFIT, NOW);
    expect(kept.state).toMatchObject({
      vrrp: { name: 'master' },
      kept: 'the proxy is not serving',
    });
    expect(kept.effects).toEqual([
      { kind: 'tell', notice: expect.objectContaining({ because: 'paused' }) as object },
    ]);
    const resumed = settle(GROUP, { ...kept.state, orders: NO_ORDERS }, UNFIT, NOW);
    expect(told(resumed.effects)).toContain('master → fault: the proxy is not serving');
    const resigned = group({ vrrp: resigning(), orders: PAUSED });
    expect(settle(GROUP, resigned, UNFIT, NOW).state.vrrp.name).toBe('resigning');
  });

  it('a pause keeps no addresses where nobody reaches them, nor gives them to anybody', () => {
    const cut = group({ vrrp: master(), orders: PAUSED, links: ['down'] });
    expect(settle(GROUP, cut, FIT, NOW).state.vrrp.name).toBe('initialize');
    const things: readonly TrackedThing[] = [
      {
        name: 'gateway',
        thing: { kind: 'neighbours', rise: 1, fall: 1 },
        consequence: { kind: 'fault' },
      },
    ];
    const params = { ...GROUP, things };
    const failing: TrackerState = { ...newTracker(), verdict: { kind: 'failing', why: 'silence' } };
    const alone = group({ vrrp: master(), orders: PAUSED, trackers: [failing] }, params);
    expect(settle(params, alone, FIT, NOW).state.vrrp.name).toBe('initialize');
    const unfit = settle(GROUP, group({ orders: PAUSED }), UNFIT, NOW);
    expect(unfit.state.fault).toBe('the proxy is not serving');
  });

  it('it lets go all the same without a link', () => {
    const cut = group({ vrrp: master(), peer: 'unfit', links: ['down'] });
    expect(settle(GROUP, cut, FIT, NOW).state.vrrp.name).toBe('initialize');
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

describe('a node in maintenance', () => {
  const orders: Orders = { ...NO_ORDERS, own: PAUSED.pause };
  const spared = (changes: Partial<GroupState> = {}): GroupState => group({ orders, ...changes });

  it('gives the group away as a switchover does, once the other node is ready', () => {
    const step = settle(GROUP, spared({ vrrp: master(), successor: 'ready' }), FIT, NOW);
    expect(step.state).toMatchObject({
      vrrp: { name: 'resigning', purpose: 'maintenance' },
      kept: 'in maintenance',
    });
    expect(told(step.effects)).toEqual([
      'hold 1100, confirmation needless',
      'advert 0 every 1000',
      'master → resigning: maintenance',
    ]);
  });

  it.each(['unready', 'unknown'] as const)(
    'keeps it while that is %s, says so once, and gives it away when it is ready',
    (successor) => {
      const kept = settle(GROUP, spared({ vrrp: master(), successor }), FIT, NOW);
      expect(kept.state).toMatchObject({ vrrp: { name: 'master' }, kept: 'in maintenance' });
      expect(told(kept.effects)).toEqual(['tell vrrp.kept']);
      expect(settle(GROUP, kept.state, FIT, NOW)).toEqual({ state: kept.state, effects: [] });
      const ready = settle(GROUP, { ...kept.state, successor: 'ready' }, FIT, NOW);
      expect(ready.state.vrrp.name).toBe('resigning');
    },
  );

  it('does not try again at once what came to nothing', () => {
    const first = settle(GROUP, spared({ vrrp: master(), successor: 'ready' }), FIT, NOW);
    const undone: GroupState = { ...first.state, vrrp: master({ leaseUntil: at(11_000) }) };
    expect(settle(GROUP, undone, FIT, at(9999)).effects).toEqual([]);
    expect(settle(GROUP, undone, FIT, at(10_000)).state.vrrp.name).toBe('resigning');
    const ended = settle(GROUP, { ...undone, orders: NO_ORDERS }, FIT, NOW);
    expect(ended.state).toMatchObject({ kept: undefined, relievedFrom: undefined });
  });

  it('takes part as the last resort, wherever it comes from, and takes over from nobody', () => {
    const joined = settle(GROUP, spared({ vrrp: INITIALIZE, fault: 'starting' }), FIT, NOW);
    expect(joined.state).toMatchObject({ vrrp: { name: 'backup' }, kept: 'in maintenance' });
    expect(told(joined.effects)).toEqual(['starting → backup: listening first']);
    expect(speaker(joined.state).priority).toBe(1);
  });

  it('that is unfit as well does as any unfit node does, whatever is paused', () => {
    const paused = { ...orders, pause: PAUSED.pause };
    const step = settle(GROUP, spared({ vrrp: master(), orders: paused }), UNFIT, NOW);
    expect(step.state).toMatchObject({ vrrp: INITIALIZE, fault: 'the proxy is not serving' });
  });
});
