import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { probeDue, proxyDeadline, withDeath } from '../../../src/core/proxy-probe.js';
import type { ProxyState } from '../../../src/core/proxy-state.js';
import { at, NOW } from './given.js';
import { ASKED, PARAMS, SERVING } from './given-proxy.js';

describe('whether a proxy answers', () => {
  it('is asked for, and the answer has its time', () => {
    expect(probeDue(PARAMS, SERVING, at(250))).toEqual({
      state: { ...SERVING, probe: { kind: 'asked', answerBy: at(1250), extended: 'no' } },
      effects: [{ kind: 'proxy-probe' }],
    });
  });

  it('is asked once more where we were late ourselves', () => {
    expect(probeDue(PARAMS, ASKED, at(1200))).toEqual({
      state: { ...ASKED, probe: { kind: 'asked', answerBy: at(2200), extended: 'yes' } },
      effects: [],
    });
  });

  it('is known after its time', () => {
    expect(probeDue(PARAMS, ASKED, at(1000))).toBe('unanswered');
  });
});

it('the deaths of lately are counted, the last five', () => {
  expect(withDeath([at(-60_000), at(-59_999)], NOW)).toEqual([at(-59_999), NOW]);
  expect(
    withDeath(
      [1, 2, 3, 4, 5].map((nth) => at(nth - 10)),
      NOW,
    ),
  ).toHaveLength(5);
});

it('a state nobody thought of is our mistake', () => {
  expect(() => proxyDeadline({ name: 'new' } as unknown as ProxyState)).toThrow(BrokenAssumption);
});
