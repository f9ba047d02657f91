import { expect, it } from 'vitest';
import { replicatorOrders } from '../../../src/replication/replicator-orders.js';
import { configOf, edited, EXAMPLE } from '../config/example.js';

const FROM = { node: 'lb2', keys: [Buffer.from('key')], socketOwner: { uid: 7, gid: 8 } };

it('tells the replicator who it is, who the other is, and where they meet', () => {
  const config = configOf(
    edited('nodes:', 'key_file: /k\n  nodes:').replace('runtime:', 'replicate: {}\nruntime:'),
  );
  expect(replicatorOrders({ ...FROM, config })).toEqual({
    ...{ node: 'lb2', peer: 'lb1', address: '10.77.1.2', peerAddress: '10.77.1.1', port: 5113 },
    ...{ keys: ['a2V5'], peersSocket: '/run/vipair/peers.sock', tables: 'all' },
    socketOwner: { uid: 7, gid: 8 },
  });
});

it('tells where rows are kept, where they are', () => {
  const config = configOf(
    edited('nodes:', 'key_file: /k\n  nodes:').replace(
      'runtime:',
      'replicate: { snapshot_every: 1m }\nruntime:',
    ),
  );
  expect(replicatorOrders({ ...FROM, config })?.snapshot).toEqual({
    ...{ file: '/var/lib/vipair/tables/snapshot', every: 60_000 },
  });
});

it('tells nothing where nothing is to be replicated', () => {
  expect(replicatorOrders({ ...FROM, config: configOf(EXAMPLE) })).toBeUndefined();
});
