import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { MacAddress } from '../../../src/base/mac.js';
import { between, later, millis } from '../../../src/base/time.js';
import type { Conflict, FirstClaim } from '../../../src/core/first-claim.js';
import {
  answered,
  beginProbing,
  conflictNotice,
  probed,
  putOff,
} from '../../../src/core/first-claim.js';
import type { VrrpParams } from '../../../src/core/vrrp-state.js';
import { masterDownInterval } from '../../../src/core/vrrp-timing.js';
import { anyParams, at, NOW, PARAMS, STRANGER, VIP } from './given.js';

const OTHER_VIP = '192.0.2.101' as Ip;
const OTHER = '02:00:00:00:00:98' as MacAddress;
const CLAIM = { address: VIP, mac: STRANGER };
const heardAt = (offset: number): Conflict => ({ ...CLAIM, heardAt: at(offset) });

function claim(changes: Partial<FirstClaim> = {}): FirstClaim {
  return {
    probedAt: at(-500),
    nextProbeAt: NOW,
    conflict: undefined,
    told: undefined,
    ...changes,
  };
}

describe('RFC 5227 §2.1.1 the questions', () => {
  it.each<[string, Partial<VrrpParams>, number]>([
    ['the longest pause, for adverts every second', {}, 500],
    ['a sixth of the time it listens', { interval: millis(100) }, 321.875 / 6],
    ['never in a flood', { interval: millis(10) }, 10],
    ['the longest pause, for slow ones', { interval: millis(40_950) }, 500],
  ])('are asked from now on, %s', (_why, changes, pause) => {
    const first = beginProbing({ ...PARAMS, ...changes }, NOW);
    expect(first).toEqual(claim({ probedAt: NOW, nextProbeAt: later(NOW, millis(pause)) }));
  });

  it('RFC 5227 §1.1 three or more fit into the time in which a backup listens', () => {
    fc.assert(
      fc.property(anyParams, (params) => {
        fc.pre(params.interval >= 10);
        let asked = beginProbing(params, NOW);
        const claims = later(NOW, masterDownInterval(params, params.interval));
        for (let questions = 1; questions < 3; questions += 1) {
          expect(asked.nextProbeAt).toBeLessThan(claims);
          expect(between(asked.probedAt, asked.nextProbeAt)).toBeGreaterThanOrEqual(10);
          asked = probed(params, asked, asked.nextProbeAt);
        }
      }),
    );
  });
});

describe('RFC 5227 §2.1.1 an answer', () => {
  it('is a conflict', () => {
    const more = { ...CLAIM, kind: 'reply' };
    expect(answered(claim(), more, NOW)).toEqual(claim({ conflict: heardAt(0) }));
  });

  it('takes the place of the one before', () => {
    const next = answered(claim({ conflict: heardAt(-9) }), { ...CLAIM, mac: OTHER }, NOW);
    expect(next.conflict).toEqual({ ...CLAIM, mac: OTHER, heardAt: NOW });
  });

  it.each<[string, Conflict | undefined, 'counts' | 'is forgotten']>([
    ['to the question before', heardAt(-400), 'counts'],
    ['that came with that question', heardAt(-500), 'counts'],
    ['to the last but one: the machine has fallen silent', heardAt(-500.125), 'is forgotten'],
    ['that nobody gave', undefined, 'is forgotten'],
  ])('%s %3$s as the next question is asked', (_why, conflict, outcome) => {
    expect(probed(PARAMS, claim({ conflict, told: CLAIM }), NOW)).toEqual({
      probedAt: NOW,
      nextProbeAt: at(500),
      conflict: outcome === 'counts' ? conflict : undefined,
      told: CLAIM,
    });
  });
});

describe('people are told of a conflict', () => {
  const notice = { event: 'address.duplicate', group: 'web', ...CLAIM, outcome: 'not claimed' };

  it.each<[string, Partial<FirstClaim>, object | undefined]>([
    ['not where there is none', {}, undefined],
    ['at first', { conflict: heardAt(0) }, notice],
    ['once for each machine', { conflict: heardAt(0), told: CLAIM }, undefined],
    ['of another machine', { conflict: heardAt(0), told: { ...CLAIM, mac: OTHER } }, notice],
    [
      'of another address',
      { conflict: heardAt(0), told: { ...CLAIM, address: OTHER_VIP } },
      notice,
    ],
  ])('%s', (_why, changes, expected) => {
    expect(conflictNotice('web', claim(changes))).toEqual(expected);
  });

  it.each<[string, Partial<FirstClaim>, FirstClaim['told']]>([
    ['whom it was put off for is remembered', { conflict: heardAt(0) }, heardAt(0)],
    ['also when it has fallen silent', { told: CLAIM }, CLAIM],
  ])('%s', (_why, changes, told) => {
    expect(putOff(claim(changes))).toEqual(claim({ ...changes, told }));
  });
});
