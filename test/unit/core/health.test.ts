import { expect, it } from 'vitest';
import type { GroupParams } from '../../../src/core/group-params.js';
import { healthOf } from '../../../src/core/health.js';
import type { Verdict } from '../../../src/core/tracking.js';
import { GROUP, group } from './given-group.js';

const TRACKING: GroupParams = {
  ...GROUP,
  priority: 200,
  things: [
    {
      name: 'db',
      thing: { kind: 'script', rise: 1, fall: 1 },
      consequence: { kind: 'weight', weight: -50 },
    },
  ],
};

function seen(verdict: Verdict, priority: number, changes = {}) {
  return healthOf(
    TRACKING,
    group({ trackers: [{ verdict, doubt: undefined }], priority, ...changes }, TRACKING),
  );
}

it('is full where all is well', () => {
  expect(seen({ kind: 'well' }, 200)).toEqual({ score: 100, parts: ['db: well'] });
});

it('is the share of the priority that is left, and never more than full', () => {
  expect(seen({ kind: 'failing', why: 'it ended with 1' }, 150)).toEqual({
    score: 75,
    parts: ['db: fails: it ended with 1'],
  });
  expect(seen({ kind: 'well' }, 250).score).toBe(100);
});

it.each(['fault', 'kept'])('is none where the node is unfit: %s', (field) => {
  const health = seen({ kind: 'well' }, 200, { [field]: 'the proxy is not serving' });
  expect(health).toEqual({ score: 0, parts: ['the proxy is not serving', 'db: well'] });
});
