import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { millis } from '../../../src/base/time.js';
import { heartbeat, settleLife } from '../../../src/core/fault-detector.js';
import { heardPeer } from '../../../src/core/group-peer.js';
import type { PeerWord } from '../../../src/core/group-peer.js';
import { alarmed, claimed, groupDeadline, heard, unasked } from '../../../src/core/group.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupState } from '../../../src/core/group-state.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { at, backup, HIGHER, LOWER, master, NOW, OWN, STRANGER, told, VIP } from './given.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import { arrived, GROUP, group, INITIALIZE, NO_WORD, PAUSED } from './given-group.js';

const VIEW: GroupView = {
  group: 'web',
  role: 'master',
  priority: 254,
  interval: millis(1000),
  address: HIGHER,
  lan: 'reachable',
};

function word(view: GroupView | undefined, roleSince = at(-2501)): PeerWord {
  return { life: heartbeat(millis(100), NOW), view, before: VIEW, roleSince };
}

const QUIET = at(-2501);
const CLAIM = { address: VIP, mac: STRANGER };

describe('a backup whose master’s adverts do not arrive', () => {
  const silent = group({ vrrp: backup({ masterDownAt: NOW }), quietSince: QUIET });

  it('waits on while the master says over the channel that it is one, and tells once', () => {
    const first = heardPeer(GROUP, silent, word(VIEW), NOW);
    expect(first.state).toMatchObject({ path: 'broken', vrrp: { name: 'backup' } });
    expect(told(first.effects)).toContain('tell vrrp.path-broken');
    // As after an advert: its lease runs for so long.
    expect(first.state.vrrp).toMatchObject({ masterDownAt: at(3218.75) });
    const again = heardPeer(GROUP, first.state, word(VIEW, at(-2600)), at(100));
    expect(told(again.effects)).not.toContain('tell vrrp.path-broken');
  });

  it('does not take over while its last word is fresh, and says nothing of the path yet', () => {
    const next = alarmed(GROUP, silent, word(VIEW), NOW);
    expect(next.state).toMatchObject({
      path: 'whole',
      vrrp: { name: 'backup', masterDownAt: at(250) },
    });
    expect(next.effects).toEqual([]);
  });

  it('takes over when its next word is late', () => {
    const late = { ...word(VIEW), life: settleLife(word(VIEW).life, at(250)) };
    const held = alarmed(GROUP, silent, word(VIEW), NOW).state;
    expect(alarmed(GROUP, held, late, at(250)).state.vrrp.name).toBe('master');
  });

  it('waits on too while the master is a new one, and no path is said to be broken', () => {
    const next = heardPeer(GROUP, silent, word(VIEW, at(-2500)), NOW);
    expect(next.state).toMatchObject({ path: 'whole', vrrp: { name: 'backup' } });
    expect(told(next.effects)).not.toContain('tell vrrp.path-broken');
  });

  it('takes over when the channel is silent too', () => {
    expect(alarmed(GROUP, silent, NO_WORD, NOW).state.vrrp.name).toBe('master');
  });

  it('hears that they arrive again', () => {
    const held = heardPeer(GROUP, silent, word(VIEW), NOW).state;
    const next = heard(GROUP, held, arrived(254), at(10));
    expect(told(next.effects)[0]).toBe('tell vrrp.path-healed');
    expect(next.state).toMatchObject({ path: 'whole', quietSince: at(10) });
  });

  it('may still take over from a master that it outranks, where it may fail back', () => {
    const params = { ...GROUP, failback: { kind: 'after', stableFor: millis(0) } } as const;
    const lesser = { ...VIEW, priority: 100 };
    const next = alarmed(params, silent, word(lesser), NOW);
    expect(next.state.vrrp).toMatchObject({ outranked: { priority: 100 } });
  });
});

describe('a node whose peer is configured otherwise', () => {
  const silent = group({ vrrp: backup({ masterDownAt: NOW }), quietSince: QUIET });
  const OTHERWISE: GroupView = { ...VIEW, lan: 'unknown', agreement: 'otherwise' };

  it('says so once, and once that it is no longer', () => {
    const first = heardPeer(GROUP, silent, word(OTHERWISE), NOW);
    expect(told(first.effects)).toContain('tell generation.group-differs');
    expect(first.state.agreement).toBe('differs');
    const again = heardPeer(GROUP, first.state, word(OTHERWISE), at(100));
    expect(told(again.effects)).not.toContain('tell generation.group-differs');
    const unsaid = heardPeer(GROUP, again.state, NO_WORD, at(150));
    expect(unsaid.state.agreement).toBe('differs');
    const alike = heardPeer(GROUP, unsaid.state, word({ ...VIEW, agreement: 'alike' }), at(200));
    expect(told(alike.effects)).toContain('tell generation.group-agrees');
    expect(alike.state.agreement).toBe('same');
  });

  it('says nothing of it while both switch, and does where it stays so', () => {
    const settling: GroupState = { ...silent, change: { phase: 'settling', until: at(50) } };
    const first = heardPeer(GROUP, settling, word(OTHERWISE), NOW);
    expect(told(first.effects)).not.toContain('tell generation.group-differs');
    expect(first.state.agreement).toBe('differs');
    const later = heardPeer(GROUP, first.state, word(OTHERWISE), at(50));
    expect(told(later.effects)).toContain('tell generation.group-differs');
    const alike = heardPeer(GROUP, first.state, word({ ...VIEW, agreement: 'alike' }), at(50));
    expect(told(alike.effects)).not.toContain('tell generation.group-agrees');
  });

  it('does not take over from it while it says that it is master, whether or not it can tell of its LAN', () => {
    const known = heardPeer(GROUP, silent, word(OTHERWISE), NOW).state;
    expect(known).toMatchObject({ path: 'whole', vrrp: { name: 'backup' } });
    const timer = { ...known, vrrp: backup({ masterDownAt: NOW }) };
    expect(alarmed(GROUP, timer, word(OTHERWISE), NOW).state.vrrp.name).toBe('backup');
    // A peer that is older says nothing of it, and is believed as before.
    const older = heardPeer(GROUP, silent, word({ ...VIEW, lan: 'unknown' }), NOW).state;
    expect(older.agreement).toBe('same');
    expect(alarmed(GROUP, older, word({ ...VIEW, lan: 'unknown' }), NOW).state.vrrp.name).toBe(
      'master',
    );
  });

  it('gives way to it where both are master and it is the greater', () => {
    const two = group({ vrrp: master() });
    const next = heardPeer(GROUP, two, word(OTHERWISE), NOW);
    expect(next.state.vrrp.name).toBe('backup');
  });

  it('is patient while it hands over to its next daemon', () => {
    const quick: GroupView = { ...OTHERWISE, interval: millis(100) };
    const known = heardPeer(GROUP, silent, word(quick), NOW).state;
    const leaving = { ...word(quick), life: { name: 'goodbye', why: 'handing over' } } as const;
    const next = heardPeer(GROUP, known, leaving, at(10)).state;
    expect(next.vrrp).toMatchObject({ name: 'backup', masterDownAt: at(3228.75) });
  });
});

it('a backup whose adverts arrive does not look at the channel', () => {
  // Beside what it learns of the peer as a successor.
  const successor = 'unready';
  const state = group({ quietSince: at(-2500), successor });
  expect(heardPeer(GROUP, state, word(VIEW), NOW)).toEqual({ state, effects: [] });
  const unheard = group({ quietSince: undefined, successor });
  expect(heardPeer(GROUP, unheard, word(VIEW), NOW)).toEqual({ state: unheard, effects: [] });
});

describe('a backup whose master’s heartbeats are late', () => {
  const following = group({ vrrp: backup({ master: { address: HIGHER, priority: 254 } }) });
  const gone = { ...word(VIEW), life: settleLife(heartbeat(millis(100), NOW), at(250)) };

  /** The alarms that follow, until it is master or waits for VRRP's timer alone. */
  function asks(from: GroupState): { readonly does: readonly string[]; readonly now: Instant } {
    const does: string[] = [];
    let state = from;
    let now: Instant = NOW;
    while (state.inquiry !== undefined) {
      now = groupDeadline(GROUP, state) ?? at(9000);
      const next = alarmed(GROUP, state, gone, now);
      does.push(...told(next.effects));
      state = next.state;
    }
    return { does, now };
  }

  it('takes over at once where nobody on the link answers for the addresses', () => {
    const first = heardPeer(GROUP, following, gone, NOW);
    expect(told(first.effects)).toEqual(['probe']);
    expect(asks(first.state)).toEqual({
      does: [
        ...['probe', 'probe', 'probe', 'probe', 'hold 2945, confirmation wanted'],
        `backup → master: master ${HIGHER} is silent, and so is its kernel`,
      ],
      now: at(50),
    });
  });

  it.each<[string, (state: GroupState) => GroupState]>([
    ['somebody answers', (state) => claimed(GROUP, state, CLAIM, at(1)).state],
    ['an advert comes', (state) => heard(GROUP, state, arrived(254), at(1)).state],
    ['the daemon is heard again', (state) => heardPeer(GROUP, state, word(VIEW), at(1)).state],
    ['the link cannot be asked', (state) => unasked(state).state],
  ])('leaves it to VRRP where %s', (_what, happens) => {
    const next = happens(heardPeer(GROUP, following, gone, NOW).state);
    expect(next).toMatchObject({ inquiry: undefined, vrrp: { name: 'backup' } });
  });

  it.each<[string, GroupState, PeerWord]>([
    ['is not the master', group({ vrrp: backup({ master: undefined }) }), gone],
    ['was backup by its last word', following, { ...gone, view: { ...VIEW, role: 'backup' } }],
    ['is not followed, because this node is master', group({ vrrp: master() }), gone],
  ])('asks nobody where the peer %s', (_what, state, said) => {
    const { successor } = heardPeer(GROUP, state, said, NOW).state;
    expect(heardPeer(GROUP, state, said, NOW)).toEqual({
      state: { ...state, successor },
      effects: [],
    });
  });

  it('asks once more when they are gone', () => {
    const dead = { ...gone, life: { name: 'gone' } } as const;
    const asking = heardPeer(GROUP, following, gone, NOW).state;
    expect(heardPeer(GROUP, asking, dead, NOW)).toEqual({
      state: { ...asking, successor: 'unknown' },
      effects: [],
    });
    expect(told(heardPeer(GROUP, following, dead, NOW).effects)).toEqual(['probe']);
  });

  it('asks nobody where the master is reached over routers', () => {
    const far = { ...GROUP, inquiry: 'impossible' } as const;
    expect(heardPeer(far, following, gone, NOW).effects).toEqual([]);
  });

  it('has nothing to give up where nothing was asked', () => {
    expect(unasked(following)).toEqual({ state: following, effects: [] });
  });
});

describe('two masters that only the channel tells of each other', () => {
  const ours = group({ vrrp: master(), quietSince: QUIET });

  it('the lesser one gives way', () => {
    const next = heardPeer(GROUP, ours, word(VIEW), NOW);
    expect(next.state.vrrp.name).toBe('backup');
    expect(told(next.effects)).toContain('release');
  });

  it('the greater one stays, and announces again', () => {
    const next = heardPeer(GROUP, ours, word({ ...VIEW, priority: 1 }), NOW);
    expect(next.state.vrrp.name).toBe('master');
  });

  it('equal ones are told apart by their addresses', () => {
    const equal = { ...VIEW, priority: ours.priority };
    expect(heardPeer(GROUP, ours, word(equal), NOW).state.vrrp.name).toBe('backup');
    const lower = { ...equal, address: OWN };
    expect(heardPeer(GROUP, ours, word(lower), NOW).state.vrrp.name).toBe('master');
  });
});

it('a backup is told that its master’s LAN has gone: it waits no longer than its skew', () => {
  const state = group({ vrrp: backup({ master: { address: HIGHER, priority: 254 } }) });
  const next = heardPeer(GROUP, state, word({ ...VIEW, lan: 'unreachable' }), NOW);
  expect(next.state.vrrp).toMatchObject({ resigned: 'yes', masterDownAt: at(218.75) });
});

it('a node knows whether the other one is fit, for as long as that speaks', () => {
  const unfit = word({ ...VIEW, role: 'fault' });
  const late = { ...unfit, life: settleLife(unfit.life, at(250)) };
  const heardIt = heardPeer(GROUP, group({ vrrp: master() }), unfit, NOW).state;
  expect(heardIt.peer).toBe('unfit');
  expect(heardPeer(GROUP, heardIt, late, at(250)).state.peer).toBe('unfit');
  const restarting = word({ ...VIEW, role: 'starting' });
  expect(heardPeer(GROUP, heardIt, restarting, at(250)).state.peer).toBe('unfit');
  const leaving = { ...unfit, life: { name: 'goodbye', why: 'stopping' } } as const;
  expect(heardPeer(GROUP, heardIt, leaving, at(250)).state.peer).toBe('unfit');
  const fit = word({ ...VIEW, role: 'backup' });
  expect(heardPeer(GROUP, heardIt, fit, at(250)).state.peer).toBe('fit or unknown');
  const gone = { ...unfit, life: { name: 'gone' } } as const;
  expect(heardPeer(GROUP, heardIt, gone, at(500)).state.peer).toBe('unfit and behind');
  const cut = { ...heardIt, links: ['down'] } as const;
  expect(heardPeer(GROUP, cut, gone, at(500)).state.peer).toBe('unfit');
  const knownFit = { ...heardIt, peer: 'fit or unknown' } as const;
  expect(heardPeer(GROUP, knownFit, gone, at(500)).state.peer).toBe('fit or unknown');
  const unheard = { ...unfit, life: { name: 'unheard' } } as const;
  expect(heardPeer(GROUP, heardIt, unheard, at(500)).state.peer).toBe('fit or unknown');
});

it.each<[string, Partial<GroupParams>, Partial<GroupView>, string]>([
  [
    'would be master if both were well',
    { priority: 254, peerPriority: 200 },
    {},
    'unfit and behind',
  ],
  ['would not be', { priority: 200, peerPriority: 254 }, {}, 'unfit'],
  ['has the greater address', { peerPriority: 200 }, { address: LOWER }, 'unfit and behind'],
  [
    'reaches the LAN',
    { priority: 200, peerPriority: 254 },
    { lan: 'unreachable' },
    'unfit and behind',
  ],
  [
    'is able to have them',
    { priority: 200, peerPriority: 254 },
    { able: false },
    'unfit and behind',
  ],
  [
    'the peer calls the lesser',
    { priority: 200, peerPriority: 254 },
    { full: 199 },
    'unfit and behind',
  ],
  ['has no address to compare', { peerPriority: 200, instances: [] }, {}, 'unfit'],
])('with both nodes unfit, the one that %s', (_which, params, view, expected) => {
  const unfit = word({ ...VIEW, role: 'fault', ...view });
  const state = group({ vrrp: INITIALIZE, fault: 'the proxy is not serving' });
  expect(heardPeer({ ...GROUP, ...params }, state, unfit, NOW).state.peer).toBe(expected);
});

it('a peer in maintenance is to be spared, as far as it knows of that itself', () => {
  const there = { ...NO_ORDERS, peer: PAUSED.pause };
  const spared = word({ ...VIEW, role: 'backup', health: 0 });
  const of = (state: GroupState, said: PeerWord) => heardPeer(GROUP, state, said, NOW).state;
  const here = group({ vrrp: master(), orders: there });
  expect(of(here, spared)).toMatchObject({ peer: 'unfit', successor: 'unready' });
  const ignorant = word({ ...VIEW, role: 'backup', health: 100 });
  expect(of(here, ignorant)).toMatchObject({ peer: 'fit or unknown', successor: 'ready' });
  // It takes over on that word, whatever it is in.
  const cut = group({ vrrp: master(), orders: there, links: ['down'] });
  expect(of(cut, word({ ...VIEW, role: 'backup', health: 0, lan: 'reachable' })).peer).toBe(
    'fit or unknown',
  );
  const both = group({ vrrp: master(), orders: { ...there, own: PAUSED.pause } });
  expect(of(both, spared).peer).toBe('fit or unknown');
  expect(of(of(here, ignorant), { ...spared, life: { name: 'gone' } }).successor).toBe('unknown');
});
