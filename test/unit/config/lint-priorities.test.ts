import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { PriorityStatement } from '../../../src/config/lint-priorities.js';
import { formatStatement, lintPriorities } from '../../../src/config/lint-priorities.js';
import { configOf, withGroupKeys } from './example.js';

/** What is said of the example with more keys in its group, marked `!` for a warning and `!!` for an error. */
function said(...keys: readonly string[]): readonly string[] {
  return lintPriorities(configOf(withGroupKeys(...keys))).map(marked);
}

function marked(statement: PriorityStatement): string {
  const mark = { note: '', warning: '! ', error: '!! ' }[statement.severity];
  return `${mark}${formatStatement(statement)}`.replace(/^(!* ?)web: /u, '$1');
}

/** Without what is said of the group itself. */
function saidOfThings(...keys: readonly string[]): readonly string[] {
  return said(...keys).filter((text) => !/takes? the group back/u.test(text));
}

const PRIORITY = 'priority: { lb1: 150, lb2: 100 }';
const script = (name: string, consequence: string): string =>
  `  - { name: ${name}, script: /usr/local/sbin/${name}, ${consequence} }`;

it('a fault on both nodes leaves the addresses to nobody, unless the nodes can tell each other', () => {
  const config = configOf(withGroupKeys(PRIORITY, 'reachability: [10.77.0.254]'));
  const keyed = { ...config, pair: { ...config.pair, keyFiles: ['/etc/vipair/pair.key'] } };
  const [, ...statements] = lintPriorities(keyed).map(marked);
  expect(statements).toEqual([
    'reachability: fault: the node leaves the group at once; while it fails on both, one of them has the addresses all the same',
  ]);
});

describe('what a failure does', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'too small a weight moves nothing away from the preferred node',
      [PRIORITY, 'track:', script('db-check', 'weight: -10')],
      [
        '! db-check: lb1 150 → 140, lb2 has 100: can never move this group to lb2; lb2 100 → 90, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'a large one moves it either way',
      [PRIORITY, 'track:', script('db-check', 'weight: -60')],
      [
        'db-check: lb1 150 → 90, lb2 has 100: moves to lb2; lb2 100 → 40, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'equal priorities leave it where it is',
      [PRIORITY, 'track:', script('db-check', 'weight: -50')],
      [
        '! db-check: lb1 150 → 100, lb2 has 100: can never move this group to lb2, because of two equals the holder stays; lb2 100 → 50, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'of the default priorities, two are enough',
      ['track:', script('a', 'weight: -2')],
      ['a: lb1 254 → 252, lb2 has 253: moves to lb2; lb2 253 → 251, lb1 has 254: moves to lb1'],
    ],
    [
      'of equal ones, one',
      ['priority: { lb1: 100, lb2: 100 }', 'track:', script('a', 'weight: -1')],
      ['a: lb1 100 → 99, lb2 has 100: moves to lb2; lb2 100 → 99, lb1 has 100: moves to lb1'],
    ],
    [
      'several may do together what none does alone',
      [PRIORITY, 'track:', script('a', 'weight: -30'), script('b', 'weight: -40')],
      [
        'a: lb1 150 → 120, lb2 has 100: moves to lb2 only together with others; lb2 100 → 70, lb1 has 150: moves to lb1',
        'b: lb1 150 → 110, lb2 has 100: moves to lb2 only together with others; lb2 100 → 60, lb1 has 150: moves to lb1',
        'all weights together: lb1 150 → 80, lb2 has 100: moves to lb2; lb2 100 → 30, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'or not even together',
      [PRIORITY, 'track:', script('a', 'weight: -10'), script('b', 'weight: -20')],
      [
        '! a: lb1 150 → 140, lb2 has 100: can never move this group to lb2; lb2 100 → 90, lb1 has 150: moves to lb1',
        '! b: lb1 150 → 130, lb2 has 100: can never move this group to lb2; lb2 100 → 80, lb1 has 150: moves to lb1',
        '! all weights together: lb1 150 → 120, lb2 has 100: can never move this group to lb2; lb2 100 → 70, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'what is added while well is lost',
      ['priority: { lb1: 110, lb2: 100 }', 'track:', script('uplink', 'weight: 20')],
      [
        'uplink: adds 20 while well: lb1 130 → 110, lb2 has 120: moves to lb2; lb2 120 → 100, lb1 has 130: moves to lb1',
      ],
    ],
    [
      'what cannot be subtracted changes nothing',
      ['priority: { lb1: 9, lb2: 1 }', 'track:', script('a', 'weight: -253')],
      [
        '! a: lb1 9 → 1, lb2 has 1: can never move this group to lb2, because of two equals the holder stays; lb2 1 → 1, lb1 has 9: can never move this group to lb1',
      ],
    ],
    [
      'a fault leaves at once',
      [PRIORITY, 'reachability: [10.77.0.254]'],
      [
        'reachability: fault: the node leaves the group at once; while it fails on both, nobody has the addresses',
      ],
    ],
    [
      'a file moves it from some value on',
      [PRIORITY, 'track:', '  - { file: /run/maintenance, weight: -20 }'],
      [
        'maintenance: when it holds 3, lb1 150 → 90, lb2 has 100: moves to lb2; when it holds 1, lb2 100 → 80, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'of either sign',
      [PRIORITY, 'track:', '  - { file: /run/maintenance, weight: 1 }'],
      [
        'maintenance: when it holds -51, lb1 150 → 99, lb2 has 100: moves to lb2; when it holds -1, lb2 100 → 99, lb1 has 150: moves to lb1',
      ],
    ],
    [
      'if any value does',
      ['priority: { lb1: 9, lb2: 1 }', 'track:', '  - { file: /run/maintenance, weight: -1 }'],
      [
        '! maintenance: lb1 9 → 1, lb2 has 1: can never move this group to lb2, because of two equals the holder stays; lb2 1 → 1, lb1 has 9: can never move this group to lb1',
      ],
    ],
  ])('%s', (_why, keys, expected) => {
    expect(saidOfThings(...keys)).toEqual(expected);
  });
});

describe('what is said of the group', () => {
  it.each<readonly [string, readonly string[], string]>([
    [
      'never',
      [PRIORITY],
      'lb1 has 150, lb2 100: lb1 does not take the group back from a node that is as healthy',
    ],
    [
      'when told to',
      ['priority: { lb1: 100, lb2: 150 }', 'failback: manual'],
      'lb2 has 150, lb1 100: lb2 takes the group back when told to',
    ],
    [
      'after a while',
      [PRIORITY, 'failback: after 5m'],
      'lb1 has 150, lb2 100: lb1 takes the group back once it has been well for 5m',
    ],
    [
      'equals',
      ['priority: { lb1: 100, lb2: 100 }'],
      'lb1 and lb2 both have 100: where both are master the greater address wins, and nobody takes the group back',
    ],
  ])('who takes it back: %s', (_why, keys, expected) => {
    expect(said(...keys)).toEqual([expected]);
  });

  it('nothing where it ranks and tracks nothing', () => {
    expect(said()).toEqual([]);
  });

  it('nothing of a pair that is none', () => {
    const config = configOf(withGroupKeys(PRIORITY));
    expect(lintPriorities({ ...config, pair: { ...config.pair, nodes: [] } })).toEqual([]);
  });

  it('a failback that does not exist is a mistake of ours', () => {
    const config = configOf(withGroupKeys(PRIORITY));
    const groups = config.groups.map((group) => ({
      ...group,
      failback: { kind: 'soon' } as never,
    }));
    expect(() => lintPriorities({ ...config, groups })).toThrow(BrokenAssumption);
  });
});

describe('what contradicts itself', () => {
  it.each<readonly [string, readonly string[], string]>([
    [
      'the preferred node has the lesser priority',
      [PRIORITY, 'prefer: lb2'],
      '!! lb1 has 150, lb2 100, so that lb1 wins, but lb2 is to be preferred',
    ],
    [
      'or the same',
      ['priority: { lb1: 100, lb2: 100 }', 'prefer: lb2'],
      '!! lb1 and lb2 both have 100, so that nothing prefers lb2',
    ],
    [
      'two things have one name',
      ['track:', script('a', 'fault: true'), script('a', 'weight: -10')],
      '!! more than one tracked thing is called a',
    ],
    [
      "the group's own interface is tracked",
      ['track:', '  - { interface: eth0, weight: -10 }'],
      "! eth0: eth0 is the group's own: its failure is a fault anyway",
    ],
    [
      'a look takes longer than there is time',
      ['track:', script('a', 'fault: true, every: 1s, timeout: 5s')],
      '! a: a look may take 5s and is due every 1s: some are left out',
    ],
  ])('%s', (_why, keys, expected) => {
    expect(said(...keys)).toContain(expected);
  });

  it('but the configured preference does not', () => {
    expect(said(PRIORITY, 'prefer: lb1').filter((text) => text.startsWith('!'))).toEqual([]);
    const others = said(
      'track:',
      '  - { interface: eth1, fault: true }',
      script('a', 'fault: true'),
    );
    expect(others.filter((text) => text.startsWith('!'))).toEqual([]);
  });
});
