import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { instant, millis } from '../../../src/base/time.js';
import type { PeerLife } from '../../../src/core/fault-detector.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { readinessOf } from '../../../src/core/readiness.js';

const FRESH: PeerLife = { name: 'fresh', interval: millis(100), lateAt: instant(250) };
const LATE: PeerLife = { name: 'late', interval: millis(100), goneAt: instant(500) };
const VIEW: GroupView = {
  group: 'web',
  role: 'backup',
  priority: 253,
  interval: millis(1000),
  address: '10.77.0.2' as Ip,
  lan: 'reachable',
  health: 100,
};

it.each<[string, PeerLife, GroupView | undefined, string]>([
  ['was never heard', { name: 'unheard' }, undefined, 'unknown'],
  ['is silent, whatever it said before', { name: 'gone' }, { ...VIEW, role: 'fault' }, 'unknown'],
  ['is backup', FRESH, VIEW, 'ready'],
  ['is backup, and its heartbeat late', LATE, VIEW, 'ready'],
  ['is backup, and does not say how healthy', FRESH, { ...VIEW, health: undefined }, 'ready'],
  ['is backup, unfit as it is', FRESH, { ...VIEW, health: 0 }, 'its health is 0'],
  ['lacks tables', FRESH, { ...VIEW, tables: 'awaited' }, 'its proxy has not all stick tables yet'],
  ['is in fault', FRESH, { ...VIEW, role: 'fault' }, 'it is in fault'],
  ['starts', FRESH, { ...VIEW, role: 'starting' }, 'it is still starting'],
  ['is master too', FRESH, { ...VIEW, role: 'master' }, 'it is master by its own word'],
  ['resigns', FRESH, { ...VIEW, role: 'resigning' }, 'it is giving the group away itself'],
  ['has stopped', FRESH, { ...VIEW, role: 'stopped' }, 'it is stopped'],
  ['has no such group', FRESH, undefined, 'it has no group of that name'],
  [
    'said goodbye',
    { name: 'goodbye', why: 'stopping' },
    VIEW,
    'its daemon has said goodbye (stopping)',
  ],
])('a peer that %s', (_what, life, view, expected) => {
  const readiness = readinessOf({ life, view });
  expect(readiness.kind === 'unready' ? readiness.why : readiness.kind).toBe(expected);
});

it('a life of no kind that we know is our own mistake', () => {
  const life = { name: 'immortal' } as never;
  expect(() => readinessOf({ life, view: VIEW })).toThrow();
});
