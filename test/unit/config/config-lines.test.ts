import { describe, expect, it } from 'vitest';
import { commonLines, configLines } from '../../../src/config/config-lines.js';
import { parseConfig } from '../../../src/config/load.js';

const FILE = `
pair:
  nodes: { lb1: { address: 10.77.1.1 }, lb2: { address: 10.77.1.2 } }
  key_file: [/etc/vipair/new.key, /etc/vipair/old.key]
groups:
  - name: web
    interface: eth0
    vrid: 51
    advert_interval: 100ms
    addresses: [10.77.0.101/24, 10.77.0.100/24]
    priority: { lb2: 100, lb1: 110 }
    failback: after 5m
    track:
      - { name: up, interface: eth1, fault: true }
proxy: { haproxy: { config: /etc/haproxy/haproxy.cfg, run: systemd } }
replicate: { stick_tables: [web, /limits] }
`;

/** The same, said in another order, with comments, and with what is the default anyway. */
const SAME = `
# For both nodes.
proxy: { haproxy: { probe_every: 250ms, config: /srv/haproxy.cfg, run: systemd, runtime_socket: /srv/admin.sock } }
runtime: { directory: /srv/run }
replicate: { peers_socket: /srv/haproxy/peers.sock, port: 5113, stick_tables: [/limits, web] }
groups:
  - vrid: 51
    name: web
    failback: after 300s
    priority: { lb1: 110, lb2: 100 }
    interface: eth0
    advert_interval: 0.1s
    addresses: [10.77.0.100/24, 10.77.0.101/24]
    track: [{ fault: true, interface: eth1, name: up }]
pair:
  key_file: [/etc/vipair/new.key, /etc/vipair/old.key]
  nodes: { lb1: { address: 10.77.1.1 }, lb2: { address: 10.77.1.2 } }
`;

function config(text: string) {
  const read = parseConfig(text, 'vipair.yaml');
  if (!read.ok) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.value;
}

const said = (text: string) =>
  configLines(config(text)).map(({ path, value }) => `${path}: ${value}`);

describe('a configuration in lines', () => {
  it('says each thing on a line of its own, as people write it', () => {
    expect(said(FILE)).toEqual(
      expect.arrayContaining([
        'groups.web.advert_interval: 100ms',
        'groups.web.failback.kind: after',
        'groups.web.failback.stable_for: 300000ms',
        'groups.web.ipv4 on eth0.addresses: 10.77.0.100/24, 10.77.0.101/24',
        'groups.web.ipv4 on eth0.vrid: 51',
        'groups.web.priority.lb1: 110',
        'groups.web.track.up.thing.interface: eth1',
        'groups.web.virtual_mac: false',
        'pair.key_files: /etc/vipair/new.key, /etc/vipair/old.key',
        'pair.nodes.lb1.address: 10.77.1.1',
        'proxy.probe_every: 250ms',
        'replicate.peers_socket: /run/vipair/peers.sock',
        'replicate.stick_tables: /limits, web',
        'runtime.directory: /run/vipair',
      ]),
    );
  });

  it('is the same whatever the order, the comments and the defaults, but for paths of a machine’s own', () => {
    expect(said(SAME)).not.toEqual(said(FILE));
    expect(commonLines(config(SAME))).toEqual(commonLines(config(FILE)));
  });

  it('differs where a thing does', () => {
    const before = said(FILE);
    expect(
      said(FILE.replace('vrid: 51', 'vrid: 52')).filter((each) => !before.includes(each)),
    ).toEqual(['groups.web.ipv4 on eth0.vrid: 52']);
  });
});
