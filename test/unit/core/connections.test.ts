import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { millis } from '../../../src/base/time.js';
import {
  endConnections,
  fateOfConnections,
  keeperOf,
  withConnections,
} from '../../../src/core/connections.js';
import type { PeerLife } from '../../../src/core/fault-detector.js';
import type { VrrpEffect, VrrpState } from '../../../src/core/vrrp-state.js';
import { alarmed, heard } from '../../../src/core/group.js';
import { heardPeer } from '../../../src/core/group-peer.js';
import type { PeerWord } from '../../../src/core/group-peer.js';
import type { GroupState, GroupStep } from '../../../src/core/group-state.js';
import { at, backup, HIGHER, LOWER, master, NOW, OWN, resigning } from './given.js';
import { arrived, GROUP, group, NO_WORD } from './given-group.js';
import type { GroupView } from '../../../src/core/peer-view.js';

const LASTING = millis(10_000);
const KEEPER = { lasting: millis(4_000), addresses: [HIGHER, 'fe80::11' as Ip] };
const KEEPING = { ...GROUP, keepConnections: { lasting: LASTING, addresses: [OWN] } };
const RELEASE: readonly VrrpEffect[] = [{ kind: 'release' }];
const HOLD: readonly VrrpEffect[] = [{ kind: 'hold', lease: millis(1), confirm: 'wanted' }];
const VIEW: GroupView = {
  ...{ group: 'web', role: 'master', priority: 250, interval: millis(1000) },
  ...{ address: HIGHER, lan: 'reachable' },
};
const FOLLOWS = { address: HIGHER, priority: 250 };

function kinds(before: VrrpState, after: VrrpState, effects: readonly VrrpEffect[]): unknown[] {
  const state = { vrrp: before, keeper: KEEPER };
  return withConnections(KEEPING, state, after, effects).map(({ kind }) => kind);
}

describe('open connections', () => {
  it.each([
    ['resigned to it', resigning()],
    ['yields to it', master()],
  ])('are served on by a master that %s, before it releases anything', (_how, before) => {
    expect(kinds(before, backup(), RELEASE)).toEqual(['leave-connections', 'release']);
  });

  it.each([
    ['resigned', backup({ resigned: 'yes' })],
    ['is outranked', backup({ outranked: FOLLOWS, master: undefined })],
    [
      'was heard on another instance first',
      backup({ resigned: 'yes', master: { ...FOLLOWS, address: 'fe80::11' as Ip } }),
    ],
  ])('of a master that %s are passed on by whoever takes over', (_how, before) => {
    expect(kinds(before, master(), HOLD)).toEqual(['hold', 'take-connections']);
  });

  it.each<[string, VrrpState, VrrpState, readonly VrrpEffect[]]>([
    ['is silent', backup(), master(), HOLD],
    [
      'resigned and was never heard',
      backup({ resigned: 'yes', master: undefined }),
      master(),
      HOLD,
    ],
    [
      'is another router',
      backup({ resigned: 'yes', master: { ...FOLLOWS, address: LOWER } }),
      master(),
      HOLD,
    ],
    [
      'takes over from us and is another router',
      master(),
      backup({ master: { ...FOLLOWS, address: LOWER } }),
      RELEASE,
    ],
    ['nobody knows', master(), backup({ master: undefined }), RELEASE],
    ['never was one', { name: 'initialize' }, master(), HOLD],
    ['goes on', master(), master(), HOLD],
  ])('are no matter where the master %s', (_how, before, after, effects) => {
    expect(kinds(before, after, effects)).toEqual(effects.map(({ kind }) => kind));
  });

  it('are kept only where this node and the other one do so', () => {
    const vrrp = resigning();
    expect(withConnections(KEEPING, { vrrp, keeper: undefined }, backup(), RELEASE)).toBe(RELEASE);
    expect(withConnections(GROUP, { vrrp, keeper: KEEPER }, backup(), RELEASE)).toBe(RELEASE);
    expect(withConnections(KEEPING, { vrrp, keeper: KEEPER }, backup(), RELEASE)[0]).toEqual({
      kind: 'leave-connections',
      // The shorter of the two.
      lasting: KEEPER.lasting,
      others: KEEPER.addresses,
    });
  });
});

describe('the other node serves on no more', () => {
  const fresh: PeerLife = { name: 'fresh', interval: millis(100), lateAt: at(1) };
  const goodbye: PeerLife = { name: 'goodbye', why: 'handing over' };

  it.each<[string, VrrpState, PeerLife, GroupView | undefined, 'keeps' | 'never did', number]>([
    ['its daemon leaves', master(), goodbye, VIEW, 'keeps', 1],
    ['it is in fault', master(), fresh, { ...VIEW, role: 'fault' }, 'keeps', 1],
    ['it has begun anew', master(), fresh, { ...VIEW, role: 'starting' }, 'keeps', 1],
    ['it is silent', master(), { name: 'gone' }, VIEW, 'keeps', 0],
    ['it knows no such group', master(), fresh, undefined, 'keeps', 0],
    ['it goes on', master(), fresh, { ...VIEW, role: 'backup' }, 'keeps', 0],
    ['it never did', master(), goodbye, VIEW, 'never did', 0],
    ['this node is not the owner', backup(), goodbye, VIEW, 'keeps', 0],
  ])('where %s', (_how, vrrp, life, view, keeps, ends) => {
    const keeper = keeps === 'keeps' ? KEEPER : undefined;
    expect(endConnections({ vrrp, keeper }, { life, view })).toHaveLength(ends);
  });
});

describe('what a planned move would make of open connections', () => {
  it.each([
    ['nobody wants them kept', GROUP, KEEPER, undefined, undefined],
    ['both keep them: the shorter time', KEEPING, KEEPER, undefined, 'kept 4000'],
    [
      ...(['the other one does not', KEEPING, undefined, undefined] as const),
      'cut the other node does not say that it keeps them too',
    ],
    [
      ...(['this kernel cannot', GROUP, KEEPER, 'no-nftables: no dup'] as const),
      'cut this node cannot keep them: no-nftables: no dup',
    ],
  ])('%s', (_why, params, keeper, refused, expected) => {
    const fate = fateOfConnections(params, { keeper }, refused);
    const told = fate?.kind === 'kept' ? `kept ${String(fate.lasting)}` : `cut ${fate?.why ?? ''}`;
    expect(fate === undefined ? undefined : told).toBe(expected);
  });
});

describe('the other node keeps connections', () => {
  const fresh: PeerLife = { name: 'fresh', interval: millis(100), lateAt: at(1) };
  const view: GroupView = { ...VIEW, keeps: KEEPER };

  it.each<[string, PeerLife, boolean]>([
    ['fresh', fresh, true],
    ['late', { name: 'late', interval: millis(100), goneAt: at(2) }, true],
    ['gone', { name: 'gone' }, false],
    ['unheard', NO_WORD.life, false],
  ])('by its own word, while it is heard: %s', (_name, life, keeps) => {
    expect(keeperOf(undefined, { life, view })).toBe(keeps ? KEEPER : undefined);
  });

  it.each<[GroupView['role'], boolean]>([
    ['backup', true],
    ['master', true],
    ['resigning', true],
    ['fault', false],
    ['starting', false],
    ['stopped', false],
  ])('while it takes part: %s', (role, keeps) => {
    const said = keeperOf(KEEPER, { life: fresh, view: { ...view, role } });
    expect(said).toBe(keeps ? KEEPER : undefined);
  });

  it('only if it says so', () => {
    expect(keeperOf(undefined, { life: fresh, view: VIEW })).toBeUndefined();
    expect(keeperOf(KEEPER, { life: fresh, view: undefined })).toBeUndefined();
  });

  it('and what is known is known until it says something else', () => {
    const same = { ...view, keeps: { ...KEEPER, addresses: [...KEEPER.addresses] } };
    expect(keeperOf(KEEPER, { life: fresh, view: same })).toBe(KEEPER);
    for (const keeps of [
      { ...KEEPER, lasting: millis(1) },
      { ...KEEPER, addresses: [HIGHER] },
    ]) {
      expect(keeperOf(KEEPER, { life: fresh, view: { ...view, keeps } })).toBe(keeps);
    }
  });
});

describe('a group whose peer keeps connections', () => {
  const word = (role: GroupView['role']): PeerWord => ({
    ...NO_WORD,
    life: { name: 'fresh', interval: millis(100), lateAt: at(300) },
    view: { ...VIEW, role, keeps: KEEPER },
  });
  const knowing = (state: GroupState): GroupState =>
    heardPeer(KEEPING, state, word('master'), NOW).state;
  const does = ({ effects }: GroupStep): string[] => effects.map(({ kind }) => kind);

  it('passes on what it takes from a peer that resigned, and no more once that is in fault', () => {
    const resigned = heard(KEEPING, knowing(group()), arrived(0), NOW);
    const taken = alarmed(KEEPING, resigned.state, word('backup'), at(219));
    expect(does(taken)).toContain('take-connections');
    expect(does(heardPeer(KEEPING, taken.state, word('fault'), at(220)))).toContain(
      'end-connections',
    );
    expect(does(heardPeer(KEEPING, taken.state, word('backup'), at(220)))).not.toContain(
      'end-connections',
    );
  });

  it('passes on nothing where the peer fails', () => {
    const failing = heardPeer(KEEPING, knowing(group()), word('fault'), NOW).state;
    const resigned = heard(KEEPING, failing, arrived(0), NOW);
    const taken = alarmed(KEEPING, resigned.state, word('fault'), at(219));
    expect(taken.state.vrrp.name).toBe('master');
    expect(does(taken)).not.toContain('take-connections');
  });

  it('serves on what it had when the peer took over', () => {
    const left = heard(KEEPING, knowing(group({ vrrp: resigning() })), arrived(250), NOW);
    expect(does(left).slice(0, 2)).toEqual(['leave-connections', 'release']);
  });
});
