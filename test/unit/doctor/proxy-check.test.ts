import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { sectionsOf } from '../../../src/core/haproxy-sections.js';
import { haproxyLines } from '../../../src/core/haproxy-text.js';
import type { ProxySeen } from '../../../src/doctor/observations.js';
import { checkProxy } from '../../../src/doctor/proxy-check.js';
import { given } from './given-observations.js';

const VIP = '192.0.2.100' as Ip;
const VIP6 = '2001:db8::100' as Ip;
const ON = { now: 'on', atBoot: 'on' } as const;
const fileOf = (text: string, peers?: Extract<ProxySeen['file'], { kind: 'read' }>['peers']) => ({
  kind: 'read' as const,
  sections: sectionsOf(haproxyLines(text)),
  peers,
});
const AT_VIP = fileOf(`frontend web\n  bind ${VIP}:80\n  bind [${VIP6}]:80`);
const SEEN: ProxySeen = {
  run: 'systemd',
  config: '/etc/haproxy/haproxy.cfg',
  runtimeSocket: '/run/haproxy/admin.sock',
  unit: 'enabled',
  runtime: { kind: 'answers', level: 'admin', mode: 'master-worker' },
  file: AT_VIP,
  addresses: [VIP, VIP6],
  nonlocal: { ipv4: ON, ipv6: ON },
};

const said = (otherwise: Partial<ProxySeen> = {}) =>
  checkProxy(given({ proxy: { ...SEEN, ...otherwise } }));
const wrong = (otherwise: Partial<ProxySeen>) =>
  said(otherwise)
    .filter(({ severity }) => severity !== 'well')
    .map(({ severity, sentence, remedy }) => `${severity}: ${sentence} → ${remedy ?? ''}`);

describe('the HAProxy that systemd runs', () => {
  it('is well where it has all that is needed, and each is said', () => {
    expect(said().map(({ sentence }) => sentence)).toEqual([
      'haproxy.service is enabled: HAProxy is there after a boot.',
      'HAProxy answers at /run/haproxy/admin.sock, with level admin.',
      'HAProxy has a master and a worker: a reload leaves its connections alone.',
      'All binds of /etc/haproxy/haproxy.cfg work before this node has the address.',
    ]);
  });

  it('is nobody’s concern where the pair moves addresses only', () => {
    expect(checkProxy(given())).toEqual([]);
  });

  it.each<[string, Partial<ProxySeen>, string]>([
    ['is not started at boot', { unit: 'not enabled' }, 'systemctl enable haproxy'],
    [
      'does not answer',
      { runtime: { kind: 'silent', detail: 'ENOENT' } },
      'stats socket /run/haproxy/admin.sock mode 660 level admin',
    ],
    [
      'answers with too little',
      { runtime: { kind: 'answers', level: 'operator', mode: 'master-worker' } },
      'with level operator',
    ],
    [
      'has no master',
      { runtime: { kind: 'answers', level: 'admin', mode: 'alone' } },
      'note: HAProxy runs without a master',
    ],
    ['has a file that is not there', { file: { kind: 'unreadable', detail: 'ENOENT' } }, 'ENOENT'],
    [
      'listens elsewhere',
      { file: fileOf('frontend web\n  bind 192.0.2.7:80') },
      'bind 192.0.2.100:PORT',
    ],
    [
      'cannot bind',
      { nonlocal: { ipv4: { now: 'off', atBoot: 'off' }, ipv6: ON } },
      'problem: net.ipv4.ip_nonlocal_bind is 0, and line 2 of /etc/haproxy/haproxy.cfg (web) binds 192.0.2.100, an IPv4',
    ],
    [
      'cannot bind after a boot',
      { nonlocal: { ipv4: ON, ipv6: { now: 'on', atBoot: 'off' } } },
      'net.ipv6.ip_nonlocal_bind is 1 now and in no file of sysctl.d, and line 3',
    ],
    [
      'tells nobody of its tables',
      { file: fileOf(`frontend web\n  bind *:80`, { found: undefined, untold: [], problems: [] }) },
      'vipair proxy peers',
    ],
    [
      'tells of some',
      {
        file: fileOf(`frontend web\n  bind *:80`, {
          found: 'pair',
          untold: [{ name: 'web', line: 7, peers: undefined }],
          problems: [],
        }),
      },
      'note: Stick tables that are told to nobody: web (line 7).',
    ],
    [
      'has peers in the wrong place',
      {
        file: fileOf(`frontend web\n  bind *:80`, {
          found: 'pair',
          untold: [],
          problems: ['HAProxy changes its root'],
        }),
      },
      'problem: HAProxy changes its root.',
    ],
  ])('%s: one finding, with what to do', (_, otherwise, expected) => {
    const found = wrong(otherwise);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('may bind any address without leave', () => {
    const off = { now: 'off', atBoot: 'off' } as const;
    const file = fileOf('frontend web\n  bind *:80');
    expect(wrong({ file, nonlocal: { ipv4: off, ipv6: off } })).toEqual([]);
  });

  it('tells all of its tables', () => {
    const file = fileOf('frontend web\n  bind *:80', { found: 'pair', untold: [], problems: [] });
    expect(said({ file }).at(-1)?.sentence).toContain('are told to vipair, in peers pair');
  });
});

describe('the HAProxy that vipair runs', () => {
  const supervised = { run: 'supervised', unit: 'not enabled' } as const;

  it('needs no socket of its own, and no leave to bind', () => {
    const nothing = {
      runtime: { kind: 'not asked' },
      nonlocal: { ipv4: { now: 'off', atBoot: 'off' }, ipv6: ON },
    } as const;
    expect(wrong({ ...supervised, ...nothing })).toEqual([]);
  });

  it('must not be run by systemd, too', () => {
    expect(wrong({ ...supervised, unit: 'enabled' })[0]).toContain('disable --now haproxy');
    expect(wrong({ ...supervised, unit: 'unknown' })).toEqual([]);
  });
});
