import { describe, expect, it } from 'vitest';
import {
  dropInsOf,
  managersOf,
  networkFileOf,
  readNeighbours,
} from '../../../src/doctor/network-managers.js';

const FILE = '/etc/systemd/network/10-lan.network';
const LINK = `# private\nADMIN_STATE=configured\nNETWORK_FILE=${FILE}\nNETWORK_FILE_DROPINS="/etc/a.conf /run/b.conf"\n`;
const nothing = { interface: 'eth0', networkd: undefined, networkManager: undefined };

describe('systemd-networkd', () => {
  it('names the files that it configured a link from', () => {
    expect(networkFileOf(LINK)).toBe(FILE);
    expect(dropInsOf(LINK)).toEqual(['/etc/a.conf', '/run/b.conf']);
    expect(dropInsOf('ADMIN_STATE=configured\n')).toEqual([]);
    expect(networkFileOf('ADMIN_STATE=unmanaged\nNETWORK_FILE=/x\n')).toBeUndefined();
  });

  it.each<[readonly string[], 'kept' | 'removed']>([
    [['[Network]\nDHCP=yes\n'], 'removed'],
    [['[Network]\nKeepConfiguration=static\n'], 'kept'],
    [['[Network]\nKeepConfiguration=yes\n', '[Network]\nKeepConfiguration=no\n'], 'removed'],
  ])('keeps foreign addresses or not: %j', (texts, foreign) => {
    const settings = texts.map((text) => ({ path: FILE, text }));
    expect(managersOf({ ...nothing, networkd: { link: LINK, settings } })).toEqual([
      { kind: 'systemd-networkd', interface: 'eth0', file: FILE, foreign },
    ]);
  });
});

describe('NetworkManager', () => {
  it('manages what has a connection, unless it says otherwise', () => {
    const record = '[device]\nmanaged=true\nconnection-uuid=5b0c\n';
    expect(managersOf({ ...nothing, networkManager: record })).toEqual([
      { kind: 'NetworkManager', interface: 'eth0', connection: '5b0c' },
    ]);
    const left = record.replace('true', 'false');
    expect(managersOf({ ...nothing, networkManager: left })).toEqual([]);
    expect(managersOf(nothing)).toEqual([]);
  });
});

it('the neighbour table is read as far as it makes sense', () => {
  const entry = { dst: '192.0.2.1', dev: 'eth0', lladdr: '02:00:00:00:00:01', state: ['STALE'] };
  const failed = { ...entry, state: ['FAILED'] };
  const text = JSON.stringify([entry, failed, 7, null, { dst: 'x', dev: 'eth0' }]);
  expect(readNeighbours(text)).toEqual([
    { interface: 'eth0', address: '192.0.2.1', mac: '02:00:00:00:00:01' },
  ]);
  expect(readNeighbours('{}')).toEqual([]);
  expect(readNeighbours('ip: no')).toEqual([]);
});
