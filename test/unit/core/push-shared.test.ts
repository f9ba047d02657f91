import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { SharedSide, SharedSides } from '../../../src/core/push-shared.js';
import { judgeShared } from '../../../src/core/push-shared.js';

const PATH = '/etc/vipair/vipair.yaml';

interface Given extends Partial<Pick<SharedSides, 'rule' | 'isSame'>> {
  readonly here?: Partial<SharedSide>;
  readonly there?: Partial<SharedSide>;
}

function sides(given: Given): SharedSides {
  return {
    ...{ rule: 'newer', isSame: false, ...given },
    here: { node: 'lb1', path: PATH, age: millis(1000), ...given.here },
    there: { node: 'lb2', path: PATH, age: millis(60_000), ...given.there },
  };
}

const YOUNGER = { age: millis(999) };
const ELSEWHERE = { path: '/srv/vipair.yaml' };

describe('vipair.yaml with a push', () => {
  it.each([
    ['was changed here last', {}, 'goes', ''],
    ['was changed on both at once', { there: { age: millis(1000) } }, 'goes', ''],
    ['is not there', { there: { age: undefined } }, 'goes', ''],
    ['was changed there last', { there: YOUNGER }, 'refused', 'was changed after the one on lb1'],
    ['is gone here by now', { here: { age: undefined } }, 'refused', '--shared always'],
    ['… and is to be replaced', { rule: 'always', there: YOUNGER }, 'goes', ''],
    ['has another path', { there: ELSEWHERE }, 'stays', 'lb2 reads /srv/vipair.yaml'],
    ['… and is to be replaced', { rule: 'always', there: ELSEWHERE }, 'refused', 'the same path'],
    ['is the same', { isSame: true, there: YOUNGER }, 'same', ''],
    ['is the same elsewhere', { isSame: true, rule: 'always', there: ELSEWHERE }, 'same', ''],
  ] as const)('that %s', (_what, given, kind, why) => {
    const verdict = judgeShared(sides(given));
    expect(verdict.kind).toBe(kind);
    expect('why' in verdict ? verdict.why : '').toContain(why);
  });
});
