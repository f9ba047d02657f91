import { describe, expect, it } from 'vitest';
import { configLines } from '../../../src/config/config-lines.js';
import { configOf, EXAMPLE, problemsOf } from './example.js';

const withDrills = (...lines: readonly string[]): string =>
  `${EXAMPLE}drills:\n${lines.map((line) => `  ${line}\n`).join('')}`;

describe('how failover is rehearsed', () => {
  it('is as usual where nothing is said', () => {
    expect(configOf(EXAMPLE).drills).toBeUndefined();
    expect(configOf(withDrills('enabled: true')).drills).toEqual({
      enabled: true,
      prober: undefined,
      watcher: undefined,
      target: undefined,
      windows: [],
      budget: undefined,
      limits: new Map(),
      suites: new Map(),
      power: undefined,
    });
  });

  it('is read', () => {
    const { drills } = configOf(
      withDrills(
        'enabled: false',
        'prober: [ssh, ops1, vipair, probe]',
        'watcher: [ssh, ops2, vipair, probe, --watch, eth0]',
        'target: "[fd77::100]:443"',
        'windows: ["sun 02:00-05:00", "sat-mon 22:00-04:00", "03:00-04:30"]',
        'budget: { failed: 500, days: 30 }',
        'limits: { all: { gap: 1s }, proxy-crash: { failed: 20, streams_broken: 3, two_owners: 0ms, no_owner: 2s, moves: 1 } }',
        'suites: { weekly: [switchover, proxy-crash] }',
        'power: { off: [power, off, "{node}"], on: [power, on, "{node}"] }',
      ),
    );
    expect(drills).toEqual({
      enabled: false,
      prober: ['ssh', 'ops1', 'vipair', 'probe'],
      watcher: ['ssh', 'ops2', 'vipair', 'probe', '--watch', 'eth0'],
      target: { host: 'fd77::100', port: 443 },
      windows: [
        { name: 'sun 02:00-05:00', days: [0], from: 120, to: 300 },
        { name: 'sat-mon 22:00-04:00', days: [6, 0, 1], from: 1320, to: 240 },
        { name: '03:00-04:30', days: [0, 1, 2, 3, 4, 5, 6], from: 180, to: 270 },
      ],
      budget: { failed: 500, days: 30 },
      limits: new Map<string, unknown>([
        ['all', { gapMs: 1000 }],
        [
          'proxy-crash',
          { failed: 20, streamsBroken: 3, twoOwnersMs: 0, noOwnerMs: 2000, moves: 1 },
        ],
      ]),
      suites: new Map([['weekly', ['switchover', 'proxy-crash']]]),
      power: { off: ['power', 'off', '{node}'], on: ['power', 'on', '{node}'] },
    });
  });

  it('has a line for each window, whatever their order', () => {
    const lines = configLines(
      configOf(withDrills('windows: ["sun 02:00-05:00", "03:00-04:30"]')),
    ).filter(({ path }) => path.startsWith('drills.windows'));
    expect(lines.map(({ path }) => path)).toContain('drills.windows.sun 02:00-05:00.from');
    expect(lines.map(({ path }) => path)).toContain('drills.windows.03:00-04:30.from');
  });

  it.each([
    ['windows: ["sun 2:00-05:00"]', 'windows[0]', '"sun 2:00-05:00"', 'days and times'],
    ['windows: ["day 02:00-05:00"]', 'windows[0]', '"day 02:00-05:00"', 'days and times'],
    ['windows: ["sun-any 02:00-05:00"]', 'windows[0]', '"sun-any 02:00-05:00"', 'days and times'],
    ['windows: ["02:00-02:00"]', 'windows[0]', '"02:00-02:00"', 'days and times'],
    ['target: 10.77.0.100', 'target', '"10.77.0.100"', 'an address and a port'],
    ['target: 10.77.0.100:0', 'target', '"10.77.0.100:0"', 'an address and a port'],
    ['target: site:80', 'target', '"site:80"', 'an address and a port'],
    ['suites: { weekly: [earthquake] }', 'suites.weekly[0]', '"earthquake"', 'a drill among'],
    ['suites: { weekly: [] }', 'suites.weekly', 'a list of 0 items', 'a list of 1 to 64 drills'],
    ['limits: { earthquake: {} }', 'limits.earthquake', '', ''],
    ['limits: { all: { gap: -1s } }', 'limits.all.gap', '"-1s"', 'a duration'],
    ['limits: { all: { gaps: 1s } }', 'limits.all.gaps', 'an unknown key', 'did you mean gap?'],
    ['prober: ssh ops1', 'prober', '"ssh ops1"', 'a list of 1 to 32 words'],
    ['budget: { failed: 1 }', 'budget.days', 'nothing', 'a number of days from 1 to 366'],
    ['power: { off: [x] }', 'power.on', 'nothing', 'a list of 1 to 32 words'],
  ])('%s is a problem', (line, where, found, expected) => {
    const problems = problemsOf(withDrills(line));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`drills.${where}`);
    expect(problems[0]).toContain(found);
    expect(problems[0]).toContain(expected);
  });
});
