import { describe, expect, it } from 'vitest';
import type { ServerKnown, ServerWanted } from '../../../src/core/service-servers.js';
import { ownOpinion, seeServer, standingOf, UNSEEN } from '../../../src/core/service-servers.js';
import type { Sample } from '../../../src/core/tracking.js';
import { at } from './given.js';

const WELL: Sample = { kind: 'well' };
const BAD: Sample = { kind: 'failing', why: 'refused' };
const DOWN = { kind: 'down', why: 'refused' } as const;
const UP = { kind: 'up' } as const;
const NOTHING: ServerWanted = { admin: undefined, weight: undefined };

/** After these looks, and what changed at each. */
function after(...looks: readonly Sample[]) {
  let known: ServerKnown = UNSEEN;
  const changes = looks.map((look, index) => {
    const step = seeServer({ rise: 2, fall: 3 }, known, look, at(index));
    known = step.known;
    return step.changed?.kind;
  });
  return { known, changes };
}

describe('a server of a service', () => {
  it('is up after one good look where nothing is known, and down after as many bad ones as it takes', () => {
    expect(after(WELL, BAD, BAD, BAD, WELL, WELL).changes).toEqual([
      ...['up', undefined, undefined, 'down', undefined, 'up'],
    ]);
    expect(after(BAD, BAD, BAD).changes).toEqual([undefined, undefined, 'down']);
    expect(ownOpinion(after(BAD, BAD, BAD).known)).toEqual(DOWN);
    expect(ownOpinion(UNSEEN)).toBeUndefined();
  });

  it.each<readonly [string, ServerKnown, ServerWanted, object]>([
    [
      'nobody has seen it',
      UNSEEN,
      NOTHING,
      { admin: 'ready', opinion: undefined, by: 'nobody', weight: 100, use: 'used' },
    ],
    [
      'only the other node has',
      { ...UNSEEN, peer: DOWN },
      NOTHING,
      { opinion: DOWN, by: 'the other node', use: 'unused' },
    ],
    [
      'both have',
      { ...after(WELL).known, peer: DOWN },
      NOTHING,
      { opinion: UP, by: 'this node', use: 'used' },
    ],
    ['it is down', after(BAD, BAD, BAD).known, NOTHING, { by: 'this node', use: 'unused' }],
    [
      'it is drained',
      after(WELL).known,
      { ...NOTHING, admin: { value: 'drain', at: 1 } },
      { admin: 'drain', use: 'unused' },
    ],
    [
      'what is wanted is of a version to come',
      UNSEEN,
      { admin: { value: 'asleep', at: 1 }, weight: { value: 'heavy' } },
      { admin: 'ready', weight: 100, use: 'used' },
    ],
    [
      'it has half its weight',
      UNSEEN,
      { ...NOTHING, weight: { value: '50%' } },
      { weight: 50, use: 'used' },
    ],
    ['it has none', UNSEEN, { ...NOTHING, weight: { value: '0' } }, { weight: 0, use: 'unused' }],
  ])('where %s', (_when, known, wanted, standing) => {
    expect(standingOf(100, known, wanted)).toMatchObject(standing);
  });
});
