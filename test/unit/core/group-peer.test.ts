import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { heartbeat, settleLife } from '../../../src/core/fault-detector.js';
import { heardPeer } from '../../../src/core/group-peer.js';
import type { PeerWord } from '../../../src/core/group-peer.js';
import { alarmed, heard } from '../../../src/core/group.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { at, backup, HIGHER, master, NOW, OWN, told } from './given.js';
import { arrived, GROUP, group, NO_WORD } from './given-group.js';

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

describe('a backup whose master’s adverts do not arrive', () => {
  const silent = group({ vrrp: backup({ masterDownAt: NOW }), quietSince: QUIET });

  it('waits on while the master says over the channel that it is one, and tells once', () => {
    const first = heardPeer(GROUP, silent, word(VIEW), NOW);
    expect(first.state).toMatchObject({ path: 'broken', vrrp: { name: 'backup' } });
    expect(told(first.effects)).toContain('tell vrrp.path-broken');
    // Its next word is waited for, and no longer.
    expect(first.state.vrrp).toMatchObject({ masterDownAt: at(250) });
    const again = heardPeer(GROUP, first.state, word(VIEW, at(-2600)), at(100));
    expect(told(again.effects)).not.toContain('tell vrrp.path-broken');
  });

  it('never takes over sooner than by VRRP alone', () => {
    const patient = { ...silent, vrrp: backup({ masterDownAt: at(700) }) };
    const next = heardPeer(GROUP, patient, word(VIEW), NOW);
    expect(next.state.vrrp).toMatchObject({ masterDownAt: at(700) });
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

  it('takes over only when its words are gone where the path was known to be broken', () => {
    const broken = heardPeer(GROUP, silent, word(VIEW), NOW).state;
    const late = { ...word(VIEW), life: settleLife(word(VIEW).life, at(250)) };
    const held = alarmed(GROUP, broken, late, at(250));
    expect(held.state.vrrp).toMatchObject({ name: 'backup', masterDownAt: at(500) });
    const gone = { ...late, life: settleLife(late.life, at(500)) };
    expect(alarmed(GROUP, held.state, gone, at(500)).state.vrrp.name).toBe('master');
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

it('a backup whose adverts arrive does not look at the channel', () => {
  const state = group({ quietSince: at(-2500) });
  expect(heardPeer(GROUP, state, word(VIEW), NOW)).toEqual({ state, effects: [] });
  const unheard = group({ quietSince: undefined });
  expect(heardPeer(GROUP, unheard, word(VIEW), NOW)).toEqual({ state: unheard, effects: [] });
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
