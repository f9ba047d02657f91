import { expect, it } from 'vitest';
import type { GroupState } from '../../../src/core/group-state.js';
import { roleOf, unstarted } from '../../../src/core/group-state.js';
import { backup, master, resigning } from './given.js';

const INITIALIZE = { name: 'initialize' } as const;

it('a group nobody has looked at yet takes no part, holds nothing and has said nothing', () => {
  expect(unstarted).toEqual({
    vrrp: INITIALIZE,
    link: 'missing',
    fault: 'starting',
    adoptBy: undefined,
    rest: undefined,
    removals: [],
    sendFailures: [],
    lastWord: undefined,
  });
});

it.each<[Partial<GroupState>, string]>([
  [{ vrrp: backup() }, 'backup'],
  [{ vrrp: master() }, 'master'],
  [{ vrrp: resigning() }, 'resigning'],
  [{ vrrp: INITIALIZE, fault: 'starting' }, 'starting'],
  [{ vrrp: INITIALIZE, fault: undefined }, 'starting'],
  [{ vrrp: INITIALIZE, fault: 'link down' }, 'fault'],
])('the role of %j is %s', (changes, role) => {
  expect(roleOf({ ...unstarted, ...changes })).toBe(role);
});
