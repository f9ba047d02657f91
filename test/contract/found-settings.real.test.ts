/** What kernel settings were, in a file that outlives the daemon. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileFoundSettings } from '../../src/os/found-settings.js';

const SETTINGS = [
  { name: 'net.ipv4.conf.eth0/12.arp_ignore', found: '0', changedTo: '1' },
  { name: 'net.ipv6.ip_nonlocal_bind', found: '-1', changedTo: '1' },
  { name: 'net.netfilter.nf_conntrack_events', found: '2', changedTo: '1' },
];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipair-found-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('is there for the next daemon, and gone when nothing is left to put back', () => {
  const found = new FileFoundSettings(directory);
  expect(found.read()).toEqual([]);
  expect(found.keep(SETTINGS)).toMatchObject({ ok: true });
  expect(new FileFoundSettings(directory).read()).toEqual(SETTINGS);
  expect(found.keep([])).toMatchObject({ ok: true });
  expect(readdirSync(directory)).toEqual([]);
});

it.each([
  ['a path out of /proc/sys', 'net.ipv4.conf.../../kernel/core_pattern.x 0 1'],
  ['another setting', 'kernel.core_pattern 0 1'],
  ['a path out of net.netfilter', 'net.netfilter.../kernel/core_pattern 0 1'],
  ['no number', 'net.ipv4.conf.eth0.arp_ignore zero 1'],
  ['half a line', 'net.ipv4.conf.eth0.arp_ign'],
  ['noise', '\u0000\u0001\u0002'],
])('a damaged line is passed over, and the others are believed: %s', (_what, line) => {
  writeFileSync(join(directory, 'settings-found'), `${line}\nnet.ipv4.ip_forward 0 1\n`);
  expect(new FileFoundSettings(directory).read()).toEqual([
    { name: 'net.ipv4.ip_forward', found: '0', changedTo: '1' },
  ]);
});

it('that cannot be written says where', () => {
  const missing = new FileFoundSettings(join(directory, 'not-there'));
  expect(missing.keep(SETTINGS)).toMatchObject({ ok: false });
  expect(missing.read()).toEqual([]);
});
