import { describe, expect, it } from 'vitest';
import { virtualMac } from '../../../src/core/virtual-mac.js';
import type { Instant } from '../../../src/base/time.js';
import { millis } from '../../../src/base/time.js';
import type { FirstClaim } from '../../../src/core/first-claim.js';
import { beginProbing } from '../../../src/core/first-claim.js';
import { settle } from '../../../src/core/group-joining.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { alarmed, claimed, groupDeadline, heard, stopGroup } from '../../../src/core/group.js';
import { at, backup, lastWord, master, NOW, resigning, STRANGER, told, VIP } from './given.js';
import { arrived, begun, group, INITIALIZE, PROBING, NO_WORD } from './given-group.js';

const CLAIM = { address: VIP, mac: STRANGER };
const BECOMES_MASTER = ['hold 2945, confirmation wanted', 'backup → master: no master heard'];

/** It has asked just now, and waits for answers. */
function asking(
  changes: Partial<FirstClaim> = {},
  vrrp = backup({ master: undefined }),
): GroupState {
  return group({ vrrp, firstClaim: { ...beginProbing(PROBING, NOW), ...changes } });
}

/** Everything it does until it is master, or for so long, with a machine that answers within 1 ms until it is gone. */
function claims(goneAt: Instant): readonly string[] {
  let { state } = settle(PROBING, begun(), { kind: 'fit' }, NOW);
  const done: string[] = [];
  let now: Instant = NOW;
  state = claimed(PROBING, state, CLAIM, NOW).state;
  while (now < at(9000) && state.vrrp.name !== 'master') {
    now = groupDeadline(PROBING, state) ?? at(9000);
    const next = alarmed(PROBING, state, NO_WORD, now);
    const does = told(next.effects);
    done.push(...does.map((each) => `${String(now - NOW)}: ${each}`));
    state =
      does.includes('probe') && now < goneAt
        ? claimed(PROBING, next.state, CLAIM, now).state
        : next.state;
  }
  return done;
}

describe('RFC 5227 §2.1.1 before a first claim the link is asked', () => {
  it('as long as the node listens, then it claims', () => {
    expect(claims(at(-1))).toEqual([
      ...[500, 1000, 1500, 2000, 2500, 3000].map((each) => `${String(each)}: probe`),
      ...BECOMES_MASTER.map((each) => `3218.75: ${each}`),
    ]);
  });

  it('and while a machine answers, the claim is put off; people are told once', () => {
    const done = claims(at(5000)).filter((each) => !each.endsWith(': probe'));
    expect(done).toEqual([
      '3218.75: tell address.duplicate',
      // It answered last at 4500, and not to the two questions after that.
      ...BECOMES_MASTER.map((each) => `5500: ${each}`),
    ]);
  });

  it('a master that has just died answers until its lease ends, which puts off nothing', () => {
    expect(claims(at(2400)).at(-1)).toBe(`3218.75: ${BECOMES_MASTER[1] ?? ''}`);
  });

  it('a claim put off keeps the state of a backup that waits for the next question', () => {
    const conflict = { ...CLAIM, heardAt: at(-1) };
    const due = asking({ conflict }, backup({ masterDownAt: NOW }));
    const { state, effects } = alarmed(PROBING, due, NO_WORD, NOW);
    expect(state).toEqual(asking({ conflict, told: conflict }, backup({ masterDownAt: at(500) })));
    expect(effects).toEqual([
      {
        kind: 'tell',
        notice: { event: 'address.duplicate', group: 'web', ...CLAIM, outcome: 'not claimed' },
      },
    ]);
  });

  it('an early alarm asks nothing', () => {
    expect(alarmed(PROBING, asking(), NO_WORD, at(499))).toEqual({ state: asking(), effects: [] });
  });

  it('one that rings very late proves nothing of the link: it listens anew', () => {
    const conflict = { ...CLAIM, heardAt: at(-1) };
    const late = asking({ conflict }, backup({ masterDownAt: NOW }));
    const { effects } = alarmed(PROBING, late, NO_WORD, at(3218.75));
    expect(told(effects)).toEqual(['probe', 'tell vrrp.stalled']);
  });

  it('RFC 9568 §6.4.2 whoever advertises is a router of this group: nobody is asked any more', () => {
    for (const priority of [0, 1, 254]) {
      expect(heard(PROBING, asking(), arrived(priority), NOW).state.firstClaim).toBeUndefined();
    }
  });

  it.each(['release', 'hand-over'] as const)('nor by a node that stops (%s)', (mode) => {
    expect(stopGroup(PROBING, asking(), mode, NOW).state).toEqual(group({ vrrp: INITIALIZE }));
  });
});

describe('a machine says that it has one of the addresses', () => {
  it('to a node that asks: remembered', () => {
    const next = claimed(PROBING, asking(), CLAIM, at(3));
    expect(next).toEqual({
      state: asking({ conflict: { ...CLAIM, heardAt: at(3) } }),
      effects: [],
    });
  });

  it('to a master: the addresses are held all the same, and clients are told again', () => {
    const state = group({ vrrp: master() });
    expect(claimed(PROBING, state, CLAIM, NOW)).toMatchObject({
      state: {
        vrrp: {
          name: 'master',
          claim: CLAIM,
          announcements: { phase: 'first-burst', nextAt: at(50) },
        },
      },
      effects: [],
    });
  });

  describe('to a master, with the MAC of a virtual router', () => {
    const mac = virtualMac('ipv4', 51);
    const params = {
      ...PROBING,
      instances: PROBING.instances.map((each) => ({ ...each, virtualMac: mac })),
    };
    const state = group({ vrrp: master() });

    it('that it is itself: clients that believe it go nowhere else', () => {
      expect(claimed(params, state, { ...CLAIM, mac }, NOW)).toEqual({ state, effects: [] });
    });

    it('that is another: as with any machine', () => {
      const claim = { ...CLAIM, mac: virtualMac('ipv4', 52) };
      expect(claimed(params, state, claim, NOW).state.vrrp).toMatchObject({ claim });
    });
  });

  it.each([backup(), resigning(), INITIALIZE])(
    'to a $name that does not ask: the master, most likely',
    (vrrp) => {
      const state = group({ vrrp });
      expect(claimed(PROBING, state, CLAIM, NOW)).toEqual({ state, effects: [] });
    },
  );
});

it('a last word is said again while the link is asked', () => {
  const state = { ...asking({ nextProbeAt: at(10) }), lastWord: lastWord({ copiesLeft: 1 }) };
  const { effects } = alarmed({ ...PROBING, interval: millis(1000) }, state, NO_WORD, at(10));
  expect(told(effects)).toEqual(['probe', 'advert 0 every 1000']);
});
