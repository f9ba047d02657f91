import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { centis } from '../../../src/base/time.js';
import { diagnose } from '../../../src/doctor/diagnose.js';
import { firstProblem } from '../../../src/doctor/finding.js';
import type { Observations, SettingSeen } from '../../../src/doctor/observations.js';
import { authenticationFor } from '../../../src/wire/vrrp.js';
import {
  ADVERT,
  ADVERT_TWO,
  given,
  heard,
  NOW,
  OTHER_MAC,
  OWN,
  PEER,
  PEER_MAC,
  ROUTER,
  routerWith,
  running,
  sent,
  STRANGER,
  VIP,
} from './given-observations.js';

const first = (otherwise: Partial<Observations>) =>
  firstProblem(diagnose(given(otherwise)))?.sentence;
const said = (otherwise: Partial<Observations>) =>
  diagnose(given(otherwise)).map(({ sentence }) => sentence);

const SECRET = new TextEncoder().encode('a secret of thirty-two bytes: 01');
const AUTHENTICATION = {
  mode: 'enforce',
  keys: [{ id: 1, secret: SECRET }],
  signWith: 1,
  window: 5_000,
  replay: 'time',
} as unknown as NonNullable<typeof ROUTER.authentication>;
const SEQUENCE = BigInt(NOW / 1_000) << 32n;
const signed = (keyId: number, secret = SECRET, sequence = SEQUENCE) =>
  heard({ signature: { keyId, secret, sequence } });
const SIGNING = { routers: [{ ...ROUTER, authentication: AUTHENTICATION }] };
const UNICAST = routerWith({ audience: { kind: 'unicast', peers: [PEER] } });
const VERSION_TWO = routerWith({ version: 2 });

describe('a healthy pair', () => {
  it('has no problem', () => {
    expect(first({})).toBeUndefined();
    expect(said({})).toContain(
      '198.51.100.11 advertises VRID 51 on eth0 (IPv4) with priority 254 every 1 s; 3 adverts heard, and nothing about them differs.',
    );
    expect(said({})).toContain('Group web has one master.');
  });

  it('has none either where this node is its master', () => {
    const packets = [sent({}, 0), sent({}, 1_000)];
    const daemon = running({ role: 'master' }, { advertsSent: 2 });
    expect(first({ packets, claims: [], daemon })).toBeUndefined();
  });

  it('nor where nobody runs a daemon yet', () => {
    const daemon = { kind: 'absent', detail: 'ENOENT' } as const;
    expect(first({ packets: [], claims: [], daemon })).toBeUndefined();
  });
});

describe('the first problem', () => {
  it.each<[string, Partial<Observations>, RegExp]>([
    [
      'a wrong VRID',
      { packets: [heard({ advert: { ...ADVERT, vrid: 52 } })] },
      /^198\.51\.100\.11 advertises VRID 52 on eth0 with the addresses of group web, whose VRID is 51/u,
    ],
    [
      'a wrong interval of version 2',
      {
        routers: [VERSION_TWO],
        daemon: running({ version: 2 }),
        packets: [heard({ advert: { ...ADVERT_TWO, maxAdvertInterval: centis(200) } })],
      },
      /every 2 s, and group web every 1 s: VRRPv2 hears only its own interval/u,
    ],
    [
      'a password that only the sender has',
      {
        routers: [VERSION_TWO],
        daemon: running({ version: 2 }),
        packets: [
          heard({
            advert: { ...ADVERT_TWO, authentication: authenticationFor(SECRET.slice(0, 8)) },
          }),
        ],
      },
      /with a password, and group web has none/u,
    ],
    [
      'a password that only this node has',
      {
        routers: [routerWith({ version: 2, password: SECRET.slice(0, 8) })],
        daemon: running({ version: 2 }),
        packets: [heard({ advert: ADVERT_TWO })],
      },
      /without a password, and group web expects one/u,
    ],
    [
      'another password',
      {
        routers: [routerWith({ version: 2, password: SECRET.slice(0, 8) })],
        daemon: running({ version: 2 }),
        packets: [
          heard({
            advert: { ...ADVERT_TWO, authentication: authenticationFor(SECRET.slice(8, 16)) },
          }),
        ],
      },
      /with another password than that of group web/u,
    ],
    [
      'a wrong version',
      { packets: [heard({ advert: ADVERT_TWO })] },
      /in VRRP version 2, and group/u,
    ],
    [
      'a wrong TTL',
      { packets: [heard({ ttl: 64 })] },
      /with a TTL of 64, and group web hears nothing/u,
    ],
    ['a wrong checksum', { packets: [heard({ checksumOffBy: 1 })] }, /with a wrong checksum \(0x/u],
    ['our own address', { packets: [heard({ source: OWN })] }, /this node's own address/u],
    [
      'other addresses of a shared VRID',
      { packets: [heard({ advert: { ...ADVERT, addresses: ['192.0.2.7' as Ip] } })] },
      /two pairs share one VRID/u,
    ],
    [
      'an address too few',
      { routers: [routerWith({ addresses: [VIP, '192.0.2.101' as Ip] })], daemon: NO_DAEMON() },
      /configure the same addresses on both/u,
    ],
    [
      'a wrong unicast peer, that speaks',
      { routers: [UNICAST], packets: [heard({ source: STRANGER, destination: OWN })] },
      /^198\.51\.100\.66 advertises VRID 51 .* unicast peers of group web are 198\.51\.100\.11/u,
    ],
    [
      'a wrong unicast peer, that is not there',
      {
        routers: [UNICAST],
        packets: [],
        claims: [],
        asked: [{ interface: 'eth0', address: PEER, where: 'on this link' }],
      },
      /^Nobody on eth0 has 198\.51\.100\.11, the unicast peer of group web/u,
    ],
    [
      'multicast where unicast is expected',
      { routers: [UNICAST], packets: [heard()] },
      /to the multicast group 224\.0\.0\.18, and group web hears only unicast to 198\.51\.100\.10/u,
    ],
    [
      'unicast where multicast is expected',
      { packets: [heard({ destination: OWN })] },
      /by unicast to 198\.51\.100\.10, and group web listens to multicast/u,
    ],
    ['no signature', { ...SIGNING, packets: [heard()] }, /unsigned, and group web enforces/u],
    [
      'a key that is not here',
      { ...SIGNING, packets: [signed(9)] },
      /key 9, and group web has key 1 only/u,
    ],
    [
      'a wrong key',
      {
        ...SIGNING,
        packets: [
          signed(
            1,
            SECRET.map((byte) => byte ^ 1),
          ),
        ],
      },
      /signed with key 1, but not with this node's key 1/u,
    ],
    [
      'a wrong clock',
      { ...SIGNING, packets: [signed(1, SECRET, SEQUENCE - (600n << 32n))] },
      /with a signature 600 s old by this node's clock/u,
    ],
    [
      'a clock that is ahead',
      { ...SIGNING, packets: [signed(1, SECRET, SEQUENCE + (600n << 32n))] },
      /with a signature 600 s ahead of this node's clock/u,
    ],
    [
      'multicast that is filtered on its way here',
      {
        packets: [],
        claims: [
          { interface: 'eth0', address: VIP, mac: PEER_MAC, kind: 'answer' },
          { interface: 'eth0', address: PEER, mac: PEER_MAC, kind: 'answer' },
        ],
      },
      /^lb1 \(02:00:00:00:00:11\) holds 192\.0\.2\.100 but no advert of it arrives: .*224\.0\.0\.18 is filtered/u,
    ],
    [
      'multicast that this node filters as it comes in',
      { daemon: running({}, {}) },
      /arrive at eth0, but the daemon counts none of them: a firewall of this node/u,
    ],
    [
      'multicast that this node filters as it goes out',
      { packets: [], claims: [], daemon: running({ role: 'master' }) },
      /none of its adverts leaves eth0: a firewall of this node/u,
    ],
    [
      'multicast that is filtered from here to there',
      {
        packets: [0, 1_000, 2_000].flatMap((at) => [
          heard({ advert: { ...ADVERT, priority: 100 } }, at),
          sent({}, at + 500),
        ]),
        daemon: running({ role: 'master' }),
      },
      /is master of group web as well.*it does not hear our adverts/u,
    ],
    [
      'two masters, of which this one is deaf',
      {
        packets: [0, 1_000, 2_000].flatMap((at) => [heard({}, at), sent({}, at + 500)]),
        daemon: { kind: 'absent', detail: 'ENOENT' },
      },
      /is master of group web as well.*the router on this node does not hear them/u,
    ],
    [
      'a duplicate address',
      {
        claims: [
          { interface: 'eth0', address: VIP, mac: PEER_MAC, kind: 'answer' },
          { interface: 'eth0', address: VIP, mac: OTHER_MAC, kind: 'answer' },
        ],
      },
      /^02:00:00:00:00:66 says that it has 192\.0\.2\.100, which belongs to 198\.51\.100\.11, the master/u,
    ],
    [
      'a duplicate address that nobody advertises',
      {
        packets: [],
        claims: [
          { interface: 'eth0', address: VIP, mac: OTHER_MAC, kind: 'answer' },
          { interface: 'eth0', address: PEER, mac: PEER_MAC, kind: 'answer' },
        ],
      },
      /^02:00:00:00:00:66 holds 192\.0\.2\.100 and is not lb1 \(02:00:00:00:00:11\): a duplicate address/u,
    ],
    [
      'a duplicate address of a machine that may be the peer',
      {
        packets: [],
        claims: [{ interface: 'eth0', address: VIP, mac: OTHER_MAC, kind: 'answer' }],
      },
      /is filtered towards this node, or that machine has the address by mistake/u,
    ],
    [
      'a conflict that the daemon knows',
      {
        packets: [],
        claims: [],
        daemon: running({ conflict: { address: VIP, mac: OTHER_MAC } }),
      },
      /does not claim 192\.0\.2\.100 for group web, because 02:00:00:00:00:66 has it/u,
    ],
    [
      'announcements that did not arrive',
      { neighbours: [{ interface: 'eth0', address: VIP, mac: OTHER_MAC }] },
      /the master's gratuitous ARP did not arrive here/u,
    ],
    [
      'a node in fault',
      { daemon: running({ fault: 'eth0 is down' }) },
      /takes no part in group web: eth0/u,
    ],
    [
      'a daemon of another configuration',
      { daemon: running({ advertIntervalMs: 500 }) },
      /has another interval for group web/u,
    ],
    [
      'a daemon without the router',
      { daemon: running({ name: 'mail' }) },
      /has no VRID 51 on eth0/u,
    ],
    [
      'a daemon that refuses what the file accepts',
      { daemon: running({}, { rejected: { checksum: 3 } }) },
      /refuses the adverts of 198\.51\.100\.11 \(checksum\)/u,
    ],
    ['what keeps a daemon from starting', { refusals: ['no eth0'] }, /cannot start .*: no eth0/u],
    [
      'an interface that cannot be heard',
      { deaf: [{ interface: 'eth9', detail: 'gone' }] },
      /eth9: gone/u,
    ],
    ['a missing capability', { missingCapabilities: ['CAP_NET_RAW'] }, /^CAP_NET_RAW is missing/u],
  ])('is %s', (_what, otherwise, sentence) => {
    expect(first(otherwise)).toMatch(sentence);
  });

  function NO_DAEMON() {
    return { kind: 'absent', detail: 'ENOENT' } as const;
  }
});

describe('worth knowing, and no problem', () => {
  it.each<[string, Partial<Observations>, RegExp]>([
    [
      'another interval of version 3',
      { packets: [heard({ advert: { ...ADVERT, maxAdvertInterval: centis(50) } })] },
      /every 500 ms, and group web every 1 s: version 3 follows its master/u,
    ],
    [
      'the other form of checksum',
      { packets: [heard({ checksum: 'without-pseudo-header' })] },
      /with a checksum that covers the message only/u,
    ],
    [
      'a signature nobody can verify',
      { packets: [signed(1)] },
      /signed, and group web has no key/u,
    ],
    [
      'unsigned adverts in a rotation',
      {
        routers: [{ ...ROUTER, authentication: { ...AUTHENTICATION, mode: 'permissive' } }],
      },
      /unsigned, which mode permissive of group web still hears/u,
    ],
    [
      'another router',
      {
        packets: [
          heard(),
          heard({
            source: STRANGER,
            advert: { ...ADVERT, vrid: 7, addresses: ['192.0.2.7' as Ip] },
          }),
        ],
      },
      /VRID 7 \(IPv4\) belongs to another router: 198\.51\.100\.66/u,
    ],
    [
      'systemd-networkd',
      {
        managers: [
          {
            kind: 'systemd-networkd',
            interface: 'eth0',
            file: '/e/10.network',
            foreign: 'removed',
          },
        ],
      },
      /systemd-networkd manages eth0 and removes the virtual addresses/u,
    ],
    [
      'NetworkManager',
      { managers: [{ kind: 'NetworkManager', interface: 'eth0', connection: 'lan' }] },
      /NetworkManager manages eth0 \(connection lan\)/u,
    ],
  ])('%s', (_what, otherwise, sentence) => {
    expect(first(otherwise)).toBeUndefined();
    expect(said(otherwise)).toContainEqual(expect.stringMatching(sentence));
  });
});

describe('a kernel setting', () => {
  const setting: SettingSeen = {
    name: 'net.ipv4.ip_nonlocal_bind',
    wanted: '1',
    why: 'the proxy binds',
    found: '0',
    setBy: 'daemon',
  };

  it('that the daemon will set is a note, and one that it had set is a problem', () => {
    const absent = { kind: 'absent', detail: 'ENOENT' } as const;
    expect(first({ settings: [setting], daemon: absent })).toBeUndefined();
    expect(first({ settings: [setting] })).toMatch(/is 0 and should be 1.* something set it back/u);
  });

  it('that the operator must set is a problem', () => {
    expect(first({ settings: [{ ...setting, setBy: 'operator' }] })).toMatch(/because the proxy/u);
  });
});

it('whatever is heard, the findings are bounded', () => {
  const packets = Array.from({ length: 4_000 }, (_none, index) =>
    heard({
      source: `198.51.100.${String(index % 250)}` as Ip,
      advert: { ...ADVERT, vrid: (index % 200) + 1, priority: (index % 250) + 1 },
      ttl: 255 - (index % 100),
    }),
  );
  expect(diagnose(given({ packets })).length).toBeLessThan(100);
});
