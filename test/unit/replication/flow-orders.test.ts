/** What the flow replicator is told. */
import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { flowDuty, flowOrders, flowSelection } from '../../../src/replication/flow-orders.js';
import { configOf, edited, EXAMPLE } from '../config/example.js';

const config = (more: string) =>
  configOf(edited('nodes:', 'key_file: /k\n  nodes:').replace('runtime:', `${more}\nruntime:`));
const FROM = { node: 'lb2', keys: [Buffer.from('key')] };
const SERVICE =
  'services: [{ name: mail, address: 10.77.0.100, port: 25, protocol: tcp, servers: [{ name: s1, address: 10.78.0.11, port: 2525 }] }]';

it('tells the replicator who it is, who the other is, where they meet, and what is asked for', () => {
  expect(flowOrders({ ...FROM, config: config('replicate: { flows: { ports: [25] } }') })).toEqual({
    ...{ node: 'lb2', peer: 'lb1', address: '10.77.1.2', peerAddress: '10.77.1.1', port: 5114 },
    keys: ['a2V5'],
    filter: { port: 5114, protocols: undefined, ports: [25], zones: undefined, networks: [] },
  });
});

it('needs no section where a service wants it', () => {
  const orders = flowOrders({ ...FROM, config: config(SERVICE) });
  expect([orders?.port, orders?.filter]).toEqual([5114, undefined]);
  const unwanted = SERVICE.replace('port: 25,', 'port: 25, replicate_flows: false,');
  expect(flowOrders({ ...FROM, config: config(unwanted) })).toBeUndefined();
});

it('tells nothing where nothing is asked for, or nothing could be encrypted', () => {
  expect(flowOrders({ ...FROM, config: configOf(EXAMPLE) })).toBeUndefined();
  expect(flowOrders({ ...FROM, keys: [], config: config(SERVICE) })).toBeUndefined();
});

it('tells which addresses there are, which are here, and what services have', () => {
  const owned = ['10.77.0.100' as Ip];
  expect(flowDuty(config(SERVICE), owned)).toEqual({
    ...{ addresses: ['10.77.0.100'], owned },
    services: [{ addresses: ['10.77.0.100'], protocol: 6, port: 25, replicate: 'yes' }],
  });
  expect(flowDuty(configOf(EXAMPLE), []).services).toEqual([]);
});

it.each([
  ['those of services, and no others', SERVICE, { addresses: ['10.77.0.100'], networks: [] }],
  [
    'all that are asked for',
    'replicate: { flows: { networks: [10.80.0.0/16] } }',
    { addresses: ['10.77.0.100'], networks: [{ address: '10.80.0.0', prefixLength: 16 }] },
  ],
])('the kernel tells in few words of the flows that are copied: %s', (_which, more, selected) => {
  const filter = flowOrders({ ...FROM, config: config(more) })?.filter;
  expect(flowSelection(filter, flowDuty(config(more), []))).toEqual(selected);
});
