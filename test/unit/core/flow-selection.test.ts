/** Which flows both nodes are to have. */
import { describe, expect, it } from 'vitest';
import type { Cidr, Ip } from '../../../src/base/ip.js';
import type { FlowFilter, FlowScope, FlowStage } from '../../../src/core/flow-selection.js';
import {
  chooseFlow,
  hasGroupAddress,
  holderOf,
  stageOf,
} from '../../../src/core/flow-selection.js';
import type { Flow, FlowTuple } from '../../../src/wire/conntrack/flow.js';
import { NATTED } from '../wire/conntrack/given-flows.js';

const VIP = '10.77.0.100' as Ip;
const CLIENT = '10.77.0.50' as Ip;
const SERVER = '10.78.0.11' as Ip;
/** A TCP connection that is established. */
const flowOf = (change: Partial<Flow> = {}): Flow => ({ ...NATTED, ...change });
const OWN = '10.77.0.1' as Ip;
const VIP2 = '10.78.0.100' as Ip;
const ALL: FlowFilter = {
  ...{ protocols: undefined, ports: undefined, zones: undefined, networks: [] },
};
const SCOPE: FlowScope = {
  addresses: new Set([VIP, VIP2]),
  local: new Set([OWN]),
  filter: ALL,
  services: [],
};

const tuple = (source: Ip, destination: Ip): FlowTuple => ({
  ...{ source, destination, sourcePort: 4000, destinationPort: 25 },
});
const flow = (original: [Ip, Ip], reply: [Ip, Ip], more: Partial<Flow> = {}): Flow =>
  flowOf({ original: tuple(...original), reply: tuple(...reply), ...more });

describe('of flows with an address of a group', () => {
  it.each<[string, [Ip, Ip], [Ip, Ip], string]>([
    ['to a server behind it', [CLIENT, VIP], [SERVER, CLIENT], 'selected'],
    ['with the source translated, too', [CLIENT, VIP], [SERVER, VIP2], 'selected'],
    ['from inside, leaving as the group', [SERVER, CLIENT], [CLIENT, VIP], 'selected'],
    ['to the proxy', [CLIENT, VIP], [VIP, CLIENT], 'ends here'],
    ['from the proxy', [VIP, SERVER], [SERVER, VIP], 'ends here'],
    ['to the node itself', [CLIENT, OWN], [OWN, CLIENT], 'ends here'],
    ['from the node itself', [OWN, SERVER], [SERVER, OWN], 'ends here'],
    ['redirected to the node itself', [CLIENT, VIP], [OWN, CLIENT], 'ends here'],
    ['redirected to the proxy', [CLIENT, SERVER], [VIP, CLIENT], 'ends here'],
    ['masqueraded as the node itself', [CLIENT, VIP], [SERVER, OWN], 'ends here'],
    ['translated from the node itself', [CLIENT, OWN], [SERVER, CLIENT], 'ends here'],
    ['only routed', [CLIENT, SERVER], [SERVER, CLIENT], 'no address of a group'],
  ])('%s', (_, original, reply, choice) => {
    expect(chooseFlow(SCOPE, flow(original, reply))).toBe(choice);
  });

  it('those are left out that the operator has not asked for', () => {
    const wanted = flow([CLIENT, VIP], [SERVER, CLIENT], { zone: 3 });
    const choice = (filter: Partial<FlowFilter> | undefined) =>
      chooseFlow({ ...SCOPE, filter: filter && { ...ALL, ...filter } }, wanted);
    expect(choice({ protocols: new Set([6]), ports: new Set([25]), zones: new Set([3]) })).toBe(
      'selected',
    );
    expect(choice({ protocols: new Set([17]) })).toBe('not asked for');
    expect(choice({ ports: new Set([80]) })).toBe('not asked for');
    expect(choice({ zones: new Set([0]) })).toBe('not asked for');
    expect(choice(undefined)).toBe('not asked for');
  });

  it('those of a service are taken where it says so, whatever else is asked for', () => {
    const service = { addresses: [VIP], protocol: 6, port: 25 };
    const wanted = flow([CLIENT, VIP], [SERVER, CLIENT]);
    const choice = (replicate: 'yes' | 'no', is: Flow = wanted) =>
      chooseFlow({ ...SCOPE, filter: undefined, services: [{ ...service, replicate }] }, is);
    expect(choice('yes')).toBe('selected');
    expect(choice('no')).toBe('not asked for');
    expect(choice('yes', { ...wanted, protocol: 17 })).toBe('not asked for');
    expect(choice('yes', flow([CLIENT, VIP2], [SERVER, CLIENT]))).toBe('not asked for');
    expect(
      choice('yes', {
        ...wanted,
        original: { ...wanted.original, destinationPort: 26 },
      }),
    ).toBe('not asked for');
  });
});

it('takes those that are only routed where their network is named', () => {
  const networks: readonly Cidr[] = [{ address: '10.78.0.0' as Ip, prefixLength: 24 }];
  const scope = { ...SCOPE, filter: { ...ALL, networks } };
  const far = '192.0.2.7' as Ip;
  expect(chooseFlow(scope, flow([CLIENT, SERVER], [SERVER, CLIENT]))).toBe('selected');
  expect(chooseFlow(scope, flow([SERVER, far], [far, SERVER]))).toBe('selected');
  expect(chooseFlow(scope, flow([CLIENT, far], [far, CLIENT]))).toBe('no address of a group');
});

it.each<[string, Partial<Flow>, FlowStage]>([
  ['TCP that is established', {}, 'established'],
  ['TCP that is being closed', { tcp: { ...flowOf().tcp!, state: 4 } }, 'established'],
  ['TCP in TIME_WAIT', { tcp: { ...flowOf().tcp!, state: 7 } }, 'over'],
  ['TCP that was reset', { tcp: { ...flowOf().tcp!, state: 8 } }, 'over'],
  ['TCP that was not answered', { status: 0 }, 'young'],
  ['TCP of an answered SYN', { status: 0b10 }, 'young'],
  ['UDP that was answered once', { protocol: 17, tcp: undefined, status: 0b10 }, 'young'],
  ['UDP to and fro', { protocol: 17, tcp: undefined, status: 0b110 }, 'established'],
  ['ICMP that was answered', { protocol: 1, tcp: undefined, status: 0b10 }, 'young'],
])('%s: %#', (_, change, is) => {
  expect(stageOf(flowOf(change))).toBe(is);
});

describe('whose kernel follows a flow', () => {
  const set = (...addresses: readonly Ip[]): ReadonlySet<Ip> => new Set(addresses);
  const full = flow([CLIENT, VIP], [SERVER, VIP2]);
  const routed = flow([CLIENT, SERVER], [SERVER, CLIENT]);
  it.each([
    [full, set(VIP, VIP2), set(), 'here'],
    [full, set(), set(VIP, VIP2), 'there'],
    [full, set(VIP), set(VIP2), 'both'],
    [full, set(), set(), 'nobody'],
    [full, set('10.9.9.9' as Ip), set(), 'nobody'],
    [routed, set(VIP), set(), 'here'],
    [routed, set(), set(VIP), 'there'],
    [routed, set(VIP), set(VIP2), 'nobody'],
    [routed, set(), set(), 'nobody'],
  ])('%#', (is, here, there, holder) => {
    expect(holderOf(SCOPE, { here, there }, is)).toBe(holder);
  });

  it('is said by the addresses of groups where it has any', () => {
    expect([full, routed].map((each) => hasGroupAddress(SCOPE, each))).toEqual([true, false]);
  });
});
