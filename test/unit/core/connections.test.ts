import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { endConnections, keeperOf, withConnections } from '../../../src/core/connections.js';
import type { PeerLife } from '../../../src/core/fault-detector.js';
import type { VrrpEffect, VrrpState } from '../../../src/core/vrrp-state.js';
import { at, backup, HIGHER, LOWER, master, resigning } from './given.js';
import { GROUP, NO_WORD } from './given-group.js';
import type { GroupView } from '../../../src/core/peer-view.js';

const LASTING = millis(10_000);
const KEEPING = { ...GROUP, keepConnections: LASTING };
const RELEASE: readonly VrrpEffect[] = [{ kind: 'release' }];
const HOLD: readonly VrrpEffect[] = [{ kind: 'hold', lease: millis(1), confirm: 'wanted' }];
const VIEW: GroupView = {
  ...{ group: 'web', role: 'master', priority: 250, interval: millis(1000) },
  ...{ address: HIGHER, lan: 'reachable' },
};
const FOLLOWS = { address: HIGHER, priority: 250 };

function kinds(before: VrrpState, after: VrrpState, effects: readonly VrrpEffect[]): unknown[] {
  const state = { vrrp: before, keeper: HIGHER };
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
    expect(withConnections(GROUP, { vrrp, keeper: HIGHER }, backup(), RELEASE)).toBe(RELEASE);
    expect(withConnections(KEEPING, { vrrp, keeper: HIGHER }, backup(), RELEASE)[0]).toEqual({
      kind: 'leave-connections',
      lasting: LASTING,
    });
  });
});

describe('the other node serves on no more', () => {
  const stopping: PeerLife = { name: 'goodbye', why: 'stopping' };
  const handing: PeerLife = { name: 'goodbye', why: 'handing over' };

  it.each<[string, VrrpState, PeerLife, typeof HIGHER | undefined, number]>([
    ['its duty ends', master(), stopping, HIGHER, 1],
    ['its next daemon comes', master(), handing, HIGHER, 0],
    ['it is silent', master(), { name: 'gone' }, HIGHER, 0],
    ['it never did', master(), stopping, undefined, 0],
    ['this node is not the owner', backup(), stopping, HIGHER, 0],
  ])('where %s', (_how, vrrp, life, keeper, ends) => {
    expect(endConnections({ vrrp, keeper }, { life })).toHaveLength(ends);
  });
});

describe('the other node keeps connections', () => {
  const lives: readonly [string, PeerLife, boolean][] = [
    ['fresh', { name: 'fresh', interval: millis(100), lateAt: at(1) }, true],
    ['late', { name: 'late', interval: millis(100), goneAt: at(2) }, true],
    ['gone', { name: 'gone' }, false],
    ['unheard', NO_WORD.life, false],
  ];

  it.each(lives)('by its own word, while it is heard: %s', (_name, life, keeps) => {
    const said = { ...VIEW, keeps: true };
    expect(keeperOf({ ...NO_WORD, life, view: said })).toBe(keeps ? said.address : undefined);
  });

  it('only if it says so', () => {
    const [, life] = lives[0]!;
    expect(keeperOf({ ...NO_WORD, life, view: VIEW })).toBeUndefined();
    expect(keeperOf({ ...NO_WORD, life })).toBeUndefined();
  });
});
