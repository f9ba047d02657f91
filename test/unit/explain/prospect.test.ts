import { expect, it } from 'vitest';
import { prospectOf } from '../../../src/explain/prospect.js';
import type { OrdersStatus } from '../../../src/telemetry/orders.js';
import type { GroupStatus, PeerGroupStatus, PeerStatus } from '../../../src/telemetry/status.js';
import { GROUP } from '../doctor/given-observations.js';

const FREE: OrdersStatus = { known: 'yes', paused: undefined, maintenance: [] };
const WEB: GroupStatus = { ...GROUP, name: 'web', role: 'master' };
const THERE: PeerGroupStatus = {
  name: 'web',
  role: 'backup',
  fault: undefined,
  kept: undefined,
  priority: 253,
  priorityWhy: undefined,
  health: { score: 100, parts: [] },
  master: undefined,
  outlook: undefined,
  drain: undefined,
};
const LB2: PeerStatus = {
  node: 'lb2',
  word: 'answer',
  problem: undefined,
  life: 'fresh',
  release: '0.1.0',
  proxy: undefined,
  clock: undefined,
  orders: undefined,
  groups: [THERE],
};
const SILENT: PeerStatus = { ...LB2, word: 'last heartbeat', life: 'gone' };
const LATE: PeerStatus = { ...SILENT, life: 'late' };
const there = (group: Partial<PeerGroupStatus>): PeerStatus => ({
  ...LB2,
  groups: [{ ...THERE, ...group }],
});

it.each<[string, Partial<GroupStatus>, PeerStatus | undefined, string]>([
  ['a master', {}, LB2, 'lb2 would take over if this node died'],
  ['a master whose peer is late', {}, LATE, 'lb2 would take over if this node died'],
  [
    'a master whose peer is unfit',
    {},
    there({ health: { score: 0, parts: [] } }),
    'lb2 would take over if this node died, unfit as it is',
  ],
  [
    'a master whose peer was to have the addresses',
    {},
    there({ health: { score: 0, parts: [] }, kept: 'db: fails' }),
    'lb2 would take over if this node died, unfit as it is: db: fails',
  ],
  [
    'a master whose peer is in fault',
    {},
    there({ role: 'fault', fault: 'link eth0 down' }),
    'nobody would take over: lb2 is in fault because of link eth0 down',
  ],
  [
    'a master whose peer does not say why it is in fault',
    {},
    there({ role: 'fault' }),
    'nobody would take over: lb2 is in fault',
  ],
  [
    'a master whose peer starts',
    {},
    there({ role: 'starting' }),
    'nobody would take over: lb2 is starting',
  ],
  [
    'a master whose peer has another configuration',
    {},
    { ...LB2, groups: [] },
    'nobody would take over: lb2 has no group of that name',
  ],
  [
    'a master whose peer is silent',
    {},
    SILENT,
    'it is not known whether lb2 would take over: its daemon is silent (gone)',
  ],
  [
    'a master without a channel',
    {},
    undefined,
    'without a pair channel it is not known whether the other node would take over',
  ],
  [
    'a master that is unfit itself',
    { kept: 'db: fails' },
    there({ role: 'fault' }),
    'stays master although db: fails, because nobody is fitter; nobody would take over: lb2 is in fault',
  ],
  [
    'a backup that would fail back',
    { role: 'backup', failback: { policy: 'after', outlook: 'would fail back in 42 s', inMs: 1 } },
    LB2,
    'would fail back in 42 s',
  ],
  ['a backup', { role: 'backup' }, there({ role: 'master' }), 'would take over if lb2 died'],
  [
    'a backup that is unfit',
    { role: 'backup', kept: 'db: fails' },
    there({ role: 'master' }),
    'would take over if lb2 died, unfit as it is: db: fails',
  ],
  [
    'a backup that does not know its peer',
    { role: 'backup' },
    SILENT,
    'would take over if the master fell silent',
  ],
  [
    'a backup without a channel',
    { role: 'backup' },
    undefined,
    'would take over if the master fell silent',
  ],
  [
    'a node in fault',
    { role: 'fault', fault: 'link eth0 down' },
    there({ role: 'master' }),
    'takes no part because of a fault: link eth0 down; lb2 has the addresses',
  ],
  [
    'a node in fault like its peer',
    { role: 'fault', fault: 'link eth0 down' },
    there({ role: 'fault', fault: 'db: fails' }),
    'takes no part because of a fault: link eth0 down; nobody has the addresses: lb2 is in fault because of db: fails',
  ],
  [
    'a node in fault whose peer is silent',
    { role: 'fault' },
    SILENT,
    'takes no part because of a fault: none named; it is not known whether the other node has the addresses',
  ],
  [
    'one that resigns',
    { role: 'resigning' },
    LB2,
    'gives the group away; without a successor it stays master',
  ],
  [
    'one that starts',
    { role: 'starting' },
    LB2,
    'takes part as soon as it is known whether it is fit',
  ],
  ['one that has stopped', { role: 'stopped' }, LB2, 'takes no part any more: its daemon ends'],
])('%s', (_who, own, peer, says) => {
  expect(prospectOf({ ...WEB, ...own }, peer, FREE)).toBe(says);
});

it('says what a node in maintenance would do', () => {
  const spared = { ...WEB, kept: 'in maintenance' };
  expect(prospectOf(spared, LB2, FREE)).toBe(
    'is in maintenance, and gives the group away as soon as the other node is ready; lb2 would take over if this node died',
  );
  expect(prospectOf({ ...spared, role: 'backup' }, LB2, FREE)).toBe(
    'is in maintenance, and would have the addresses only where nobody else could',
  );
});

it('says that nothing moves by itself while it is paused, since when and by whom', () => {
  const orders: OrdersStatus = {
    known: 'yes',
    maintenance: [],
    paused: { by: 'lb1', at: 1_772_424_667_214 },
  };
  const since = 'automatic moves are paused since 2026-03-02 04:11:07 by lb1';
  expect(prospectOf(WEB, LB2, orders)).toBe(`lb2 would take over if this node died; ${since}`);
  const unfit = { ...WEB, kept: 'the proxy is not serving' };
  expect(prospectOf(unfit, LB2, orders)).toBe(
    `stays master although the proxy is not serving; lb2 would take over if this node died; ${since}`,
  );
});
