import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatCidr } from '../../../src/base/ip.js';
import { configOf, problemsOf } from './example.js';

const files = readdirSync('conf').filter((name) => name.endsWith('.yaml'));
const read = (name: string): string => readFileSync(`conf/${name}`, 'utf8');

describe.each(files)('conf/%s', (name) => {
  it('has no mistakes', () => {
    expect(problemsOf(read(name))).toEqual([]);
  });

  it('names the schema to editors', () => {
    expect(read(name)).toMatch(/^# yaml-language-server: \$schema=\.\/vipair\.schema\.json\n/u);
  });
});

describe('conf/vipair.yaml', () => {
  const text = read('vipair.yaml');
  /** A key that is commented out, or the first line of a mapping that is. */
  const commentedOut = /^( *)# (?=(?: {2})*[a-z0-9_]+:(?: [\w./-]+)?$)/gmu;

  it('has no mistakes with every key that is commented out', () => {
    expect(text.match(commentedOut)?.length).toBeGreaterThan(10);
    expect(problemsOf(text.replaceAll(commentedOut, '$1'))).toEqual([]);
  });

  it('comments out nothing but defaults, unicast, what is kept, stick tables, drills, and the key of the pair channel', () => {
    const full = configOf(text.replaceAll(commentedOut, '$1'));
    const groups = full.groups.map((group) => ({
      ...group,
      unicast: undefined,
      keepConnections: undefined,
    }));
    const pair = { ...full.pair, keyFiles: [] };
    expect({ ...full, pair, groups, replicate: undefined, drills: undefined }).toEqual(
      configOf(text),
    );
  });

  it('agrees with conf/haproxy.cfg about the address', () => {
    const [address] = configOf(text).groups[0]?.instances[0]?.addresses ?? [];
    expect(address && formatCidr(address)).toBe('10.77.0.100/24');
    expect(read('haproxy.cfg')).toMatch(/^ {4}bind 10\.77\.0\.100:80$/mu);
  });
});
