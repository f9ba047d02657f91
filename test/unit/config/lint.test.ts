import { describe, expect, it } from 'vitest';
import { edited, EXAMPLE, problemsOf, withGroup, withGroupKeys } from './example.js';

describe('fields that contradict each other are a problem', () => {
  it('but not in the example', () => {
    expect(problemsOf(EXAMPLE)).toEqual([]);
  });

  it.each<readonly [string, string, readonly string[]]>([
    [
      'one node',
      edited('    lb2: { address: 10.77.1.2 }\n', ''),
      ['f:2: pair.nodes: found 1 node, expected exactly 2 nodes'],
    ],
    [
      'three nodes',
      edited('groups:', '    lb3: { address: 10.77.1.3 }\ngroups:'),
      ['f:2: pair.nodes: found more than 2, expected exactly 2 nodes'],
    ],
    [
      'no nodes',
      EXAMPLE.replace(/nodes:\n.*\n.*\n/u, 'nodes: {}\n'),
      ['f:2: pair.nodes: found 0 nodes, expected exactly 2 nodes'],
    ],
    [
      'two nodes of one address',
      edited('10.77.1.2', '10.77.1.1'),
      [
        'f:4: pair.nodes.lb2.address: found "10.77.1.1", expected another address than pair.nodes.lb1.address',
      ],
    ],
    [
      'a node at a multicast address',
      edited('10.77.1.2', '224.0.0.18'),
      [
        'f:4: pair.nodes.lb2.address: found "224.0.0.18", expected an address of one machine, not a multicast address',
      ],
    ],
    [
      'a node at no address',
      edited('10.77.1.2', '0.0.0.0'),
      [
        'f:4: pair.nodes.lb2.address: found "0.0.0.0", expected an address of one machine, not one of this network (0.0.0.0/8)',
      ],
    ],
    [
      'two groups of one name',
      withGroup('name: web, interface: eth0, vrid: 52, addresses: [10.77.0.101/24]'),
      ['f:10: groups[1].name: found "web", expected a name of its own; groups[0] has this one'],
    ],
    [
      'two groups that are one virtual router',
      withGroup('name: b, interface: eth0, vrid: 51, addresses: [10.77.0.101/24]'),
      [
        'f:10: groups[1].vrid: found 51, expected a virtual router id that nothing else on eth0 has; groups[0] has this one',
      ],
    ],
    [
      'an instance that is another’s virtual router',
      withGroupKeys('instances: [{ interface: eth0, vrid: 51, addresses: [10.77.0.101/24] }]'),
      [
        'f:10: groups[0].instances[0].vrid: found 51, expected a virtual router id that nothing else on eth0 has; groups[0] has this one',
      ],
    ],
    [
      'version 2 with IPv6',
      edited('[10.77.0.100/24]', '["fd77::100/64"]').replace(
        'vrid: 51',
        'vrid: 51\n    version: 2',
      ),
      [
        'f:10: groups[0].addresses[0]: found "fd77::100", expected an IPv4 address: VRRPv2 knows no other (RFC 3768 §1)',
      ],
    ],
    [
      'version 2 with half a second',
      withGroupKeys('version: 2', 'advert_interval: 500ms'),
      [
        'f:11: groups[0].advert_interval: found 500ms, expected whole seconds: VRRPv2 counts in them (RFC 3768 §5.3.7)',
      ],
    ],
    [
      'a password in version 3',
      withGroupKeys('authentication: { mode: password, file: /p }'),
      [
        'f:10: groups[0].authentication.mode: found "password", expected receive-only, permissive or enforce: only VRRPv2 has passwords',
      ],
    ],
    [
      'a second address of one node only',
      edited('lb1: { address: 10.77.1.1 }', 'lb1: { address: 10.77.1.1, fallback: 10.77.0.11 }'),
      [
        'f:3: pair.nodes.lb1.fallback: found a second address of lb1 alone, expected one of lb2 too, or of neither: both ends of a connection need one',
      ],
    ],
    [
      'second addresses of two families, one of them no second',
      edited(
        'lb1: { address: 10.77.1.1 }',
        'lb1: { address: 10.77.1.1, fallback: 10.77.1.1 }',
      ).replace('lb2: { address: 10.77.1.2 }', 'lb2: { address: 10.77.1.2, fallback: "fd77::2" }'),
      [
        'f:3: pair.nodes.lb1.fallback: found "10.77.1.1", expected another address than pair.nodes.lb1.address, on another link',
        'f:4: pair.nodes.lb2.fallback: found "fd77::2", expected an address of the family of pair.nodes.lb1.fallback',
      ],
    ],
    [
      'a priority for one node only',
      withGroupKeys('priority: { lb1: 150 }'),
      ['f:10: groups[0].priority: found no priority for lb2, expected both nodes: lb1 and lb2'],
    ],
    [
      'backends of a proxy where there is none',
      withGroupKeys('track: [{ backends: all, weight: -20 }]').replace(/proxy:\n[^]*$/u, ''),
      [
        'f:10: groups[0].track[0].backends: found a proxy to track, expected a proxy in the configuration, under proxy',
      ],
    ],
    [
      'a tracked proxy where there is none',
      withGroupKeys('track: [{ proxy: haproxy, weight: -20 }]').replace(/proxy:\n[^]*$/u, ''),
      [
        'f:10: groups[0].track[0].proxy: found a proxy to track, expected a proxy in the configuration, under proxy',
      ],
    ],
    [
      'unicast without an address of each family',
      edited('[10.77.0.100/24]', '[10.77.0.100/24, "fd77::100/64"]').replace(
        'proxy:',
        '    unicast: pair\nproxy:',
      ),
      [
        'f:10: groups[0].unicast: found no IPv6 address of lb1, expected one, because the group has IPv6 addresses',
        'f:10: groups[0].unicast: found no IPv6 address of lb2, expected one, because the group has IPv6 addresses',
      ],
    ],
    [
      'connections that could not be kept',
      withGroupKeys('keep_connections: 30s', 'virtual_mac: true', 'accept: false'),
      [
        'f:10: groups[0].keep_connections: found it beside virtual_mac, expected no virtual_mac: the former owner has another MAC to be reached at',
        'f:10: groups[0].keep_connections: found it beside accept, expected accept: true, or there are no connections',
      ],
    ],
    [
      'peers beside multicast',
      withGroupKeys('unicast_peers: [10.77.0.9]'),
      [
        'f:10: groups[0].unicast_peers: found "unicast_peers", expected unicast beside it: adverts are multicast without it',
      ],
    ],
    [
      'one address in two groups',
      withGroup('name: b, interface: eth1, vrid: 51, addresses: [10.77.0.101/24, 10.77.0.100/32]'),
      [
        'f:10: groups[1].addresses[1]: found "10.77.0.100/32", expected each virtual address once; groups[0].addresses[0] is this one',
      ],
    ],
    [
      'one address twice in a group',
      edited('[10', '[10.77.0.100/24, 10'),
      [
        'f:9: groups[0].addresses[1]: found "10.77.0.100/24", expected each virtual address once; groups[0].addresses[0] is this one',
      ],
    ],
    [
      "a virtual address that is a node's",
      edited('10.77.0.100', '10.77.1.2'),
      [
        'f:9: groups[0].addresses[0]: found "10.77.1.2/24", expected an address that no node has of its own; pair.nodes.lb2.address is this one',
      ],
    ],
    [
      'a preferred node that is none',
      withGroupKeys('prefer: lb3'),
      ['f:10: groups[0].prefer: found "lb3", expected a node: lb1 or lb2'],
    ],
    [
      'unicast without one of the nodes',
      withGroupKeys('unicast: { lb2: 10.77.0.12 }'),
      ['f:10: groups[0].unicast: found no address for lb1, expected both nodes: lb1 and lb2'],
    ],
    [
      'unicast with a node that is none',
      withGroupKeys('unicast: { lb1: 10.77.0.11, lb3: 10.77.0.12 }'),
      [
        'f:10: groups[0].unicast: found no address for lb2, expected both nodes: lb1 and lb2',
        'f:10: groups[0].unicast.lb3: found no such node, expected both nodes: lb1 and lb2',
      ],
    ],
    [
      'unicast from an address to itself',
      withGroupKeys('unicast:', '  lb1: 10.77.0.11', '  lb2: 10.77.0.11'),
      [
        'f:12: groups[0].unicast.lb2: found "10.77.0.11", expected another address than groups[0].unicast.lb1',
      ],
    ],
    [
      "unicast to the other node's address",
      withGroupKeys('unicast:', '  lb1: 10.77.1.2', '  lb2: 10.77.0.12'),
      [
        'f:11: groups[0].unicast.lb1: found "10.77.1.2", expected another address than pair.nodes.lb2.address',
      ],
    ],
    [
      'unicast to a virtual address',
      withGroupKeys('unicast: { lb1: 10.77.0.100, lb2: 10.77.0.12 }'),
      [
        'f:9: groups[0].addresses[0]: found "10.77.0.100/24", expected an address that no node has of its own; groups[0].unicast.lb1 is this one',
      ],
    ],
    [
      'a refresh that comes with the second burst',
      withGroupKeys('announce: { burst_again_after: 60s }'),
      [
        'f:10: groups[0].announce.refresh_every: found 1m, expected longer than burst_again_after, 1m',
      ],
    ],
    [
      'a probe that is given up before the next',
      edited('config: /', 'probe_timeout: 249.5ms\n    config: /'),
      [
        'f:12: proxy.haproxy.probe_timeout: found 249.5ms, expected not shorter than probe_every, 250ms',
      ],
    ],
    [
      'a probe that is given up before the next, by default',
      edited('config: /', 'probe_every: 1.5s\n    config: /'),
      ['f:11: proxy.haproxy.probe_timeout: found 1s, expected not shorter than probe_every, 1.5s'],
    ],
    [
      'a socket of the HAProxy that systemd runs, where vipair starts it',
      edited('config: /', 'runtime_socket: /run/admin.sock\n    config: /'),
      [
        'f:12: proxy.haproxy.runtime_socket: found a runtime socket for a HAProxy that vipair starts, expected run: systemd beside it; a supervised HAProxy gets a socket of its own',
      ],
    ],
    [
      'stick tables without a key to encrypt them with',
      edited('runtime:', 'replicate: {}\nruntime:'),
      [
        'f:13: replicate: found no key to encrypt them with, expected pair.key_file, which vipair keygen makes',
      ],
    ],
    [
      'stick tables without a proxy',
      edited(
        'proxy:\n  haproxy:\n    config: /etc/haproxy/haproxy.cfg\n',
        'replicate: {}\n',
      ).replace('pair:\n', 'pair:\n  key_file: /k\n'),
      [
        'f:11: replicate: found stick tables to replicate, expected a proxy in the configuration, under proxy; or flows, which need none',
      ],
    ],
    [
      'stick tables over a port that only root may listen on',
      edited('runtime:', 'replicate: { port: 113 }\nruntime:').replace(
        'pair:\n',
        'pair:\n  key_file: /k\n',
      ),
      ['f:14: replicate.port: found 113, expected a port from 1024 to 65535'],
    ],
    [
      'stick tables that are kept too often',
      edited('runtime:', 'replicate: { snapshot_every: 1s }\nruntime:').replace(
        'pair:\n',
        'pair:\n  key_file: /k\n',
      ),
      ['f:14: replicate.snapshot_every: found "1s", expected a duration from 10s to 60m'],
    ],
    [
      'stick tables over the port of the pair channel',
      edited('runtime:', 'replicate: { port: 5112 }\nruntime:').replace(
        'pair:\n',
        'pair:\n  key_file: /k\n',
      ),
      ['f:14: replicate.port: found 5112, expected another port than pair.port'],
    ],
  ])('%s', (_what, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it.each([
    ['10.77.0.0/24', 'the address of its network'],
    ['10.77.0.255/24', 'the broadcast address of its network'],
    ['10.77.3.255/22', 'the broadcast address of its network'],
    ['10.77.0.4/30', 'the address of its network'],
    ['128.0.0.0/1', 'the address of its network'],
    ['0.0.0.0/32', 'one of this network (0.0.0.0/8)'],
    ['0.1.2.3/8', 'one of this network (0.0.0.0/8)'],
    ['127.0.0.1/8', 'a loopback address'],
    ['224.0.0.18/24', 'a multicast address'],
    ['239.255.255.255/32', 'a multicast address'],
    ['255.255.255.255/32', 'the broadcast address'],
  ])('the virtual address %s', (cidr, reason) => {
    expect(problemsOf(edited('10.77.0.100/24', cidr))).toEqual([
      `f:9: groups[0].addresses[0]: found "${cidr}", expected an address that a machine can hold, not ${reason}`,
    ]);
  });
});

describe('fields that only look alike are no problem', () => {
  it.each([
    [
      'the ends of a network of two (RFC 3021)',
      edited('10.77.0.100/24', '10.77.0.100/31, 10.77.0.101/31'),
    ],
    ['a host', edited('10.77.0.100/24', '10.77.0.0/32, 10.77.0.255')],
    [
      'the ends of a smaller network, in a greater',
      edited('10.77.0.100/24', '10.77.1.0/23, 10.77.0.255/23'),
    ],
    [
      'one VRID on two interfaces',
      withGroup('name: b, interface: eth1, vrid: 51, addresses: [10.77.0.101/24]'),
    ],
    [
      "unicast between the nodes' own addresses",
      withGroupKeys('unicast: { lb1: 10.77.1.1, lb2: 10.77.1.2 }'),
    ],
    ['nodes on one machine', edited('10.77.1.1', '127.0.0.1').replace('10.77.1.2', '127.0.0.2')],
    [
      'stick tables over a port beside the pair channel',
      edited('runtime:', 'replicate: {}\nruntime:').replace(
        'pair:\n',
        'pair:\n  key_file: /k\n  port: 5114\n',
      ),
    ],
    [
      'a probe that is given up as the next begins',
      edited('config: /', 'probe_every: 1s\n    config: /'),
    ],
  ])('%s', (_what, text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});
