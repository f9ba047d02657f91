import { describe, expect, it } from 'vitest';
import { sectionsOf } from '../../../src/core/haproxy-sections.js';
import { haproxyLines } from '../../../src/core/haproxy-text.js';
import { advisePeers } from '../../../src/core/peers-advice.js';

const ASKED = { node: 'lb2', peer: 'lb1', peersSocket: '/run/vipair/peers.sock' };
const advise = (text: string, asked: Partial<typeof ASKED> = {}) =>
  advisePeers(sectionsOf(haproxyLines(text)), { ...ASKED, ...asked });

describe('what haproxy.cfg needs', () => {
  it('is a section that is the same on both nodes', () => {
    const advice = advise('backend web\n  stick-table type ip size 1k\n');
    expect(advice).toEqual(
      advise('backend web\n  stick-table type ip size 1k\n', { node: 'lb1', peer: 'lb2' }),
    );
    expect(advice).toEqual({
      localPeer: 'localpeer "${VIPAIR_NODE}"',
      section: [
        'peers vipair',
        '.if streq("$VIPAIR_NODE",lb1)',
        '  bind unix@/run/vipair/haproxy-peers.sock mode 600',
        '  server lb1',
        '  server lb2 unix@/run/vipair/peers.sock',
        '.endif',
        '.if streq("$VIPAIR_NODE",lb2)',
        '  bind unix@/run/vipair/haproxy-peers.sock mode 600',
        '  server lb2',
        '  server lb1 unix@/run/vipair/peers.sock',
        '.endif',
      ],
      found: undefined,
      untold: [{ name: 'web', line: 2, peers: undefined }],
      commands: [],
      problems: [],
    });
  });

  it('is nothing more once it is there, but for tables that name other peers', () => {
    const { section, localPeer } = advise('');
    const tables =
      'backend a\n  stick-table type ip peers vipair\nbackend b\n  stick-table type ip peers old\n';
    const whole = `global\n  ${localPeer}\npeers old\n  peer lb1 10.0.0.1:1\n${section.join('\n')}\n${tables}`;
    expect(advise(whole)).toMatchObject({
      found: 'vipair',
      untold: [{ name: 'b', peers: 'old' }],
      problems: [],
    });
    expect(advise(whole.replace(localPeer, 'daemon')).problems).toEqual([
      'the global section lacks localpeer "${VIPAIR_NODE}", so HAProxy takes the name of the machine for its own',
    ]);
  });

  it('has a name that no other section has', () => {
    expect(advise('peers vipair\n  peer a 10.0.0.1:1\n').section[0]).toBe('peers vipair-tables');
  });

  it('with a root of its own is a path below that, and a link that makes it mean the same inside', () => {
    const text = 'global\n  chroot /var/lib/haproxy/\n  user haproxy\n';
    expect(advise(text)).toMatchObject({
      commands: ['mkdir -p /var/lib/haproxy/var/lib', 'ln -sfn / /var/lib/haproxy/var/lib/haproxy'],
      problems: [expect.stringContaining('to /var/lib/haproxy/vipair/peers.sock')],
    });
    const advice = advise(text, { peersSocket: '/var/lib/haproxy/vipair/peers.sock' });
    expect(advice).toMatchObject({
      commands: ['mkdir -p /var/lib/haproxy/vipair', expect.any(String), expect.any(String)],
      problems: [],
    });
    expect(advice.section[2]).toBe(
      '  bind unix@/var/lib/haproxy/vipair/haproxy-peers.sock user haproxy mode 600',
    );
    expect(advise('global\n  chroot /\n').commands).toEqual([]);
  });
});
