import { describe, expect, it } from 'vitest';
import { fitted } from '../../../src/cli/top/fitted.js';
import { ratesOf } from '../../../src/cli/top/rates.js';
import type { TopSample } from '../../../src/cli/top/sample.js';
import type { FlowReplicationStatus } from '../../../src/telemetry/flows.js';
import type {
  ServicesStatus,
  ServiceServerStatus,
  ServiceStatus,
} from '../../../src/telemetry/services.js';
import { FLOWS_REPORT } from '../replication/given-flows-report.js';
import { withSample } from '../../../src/cli/top/sample.js';
import { renderTop } from '../../../src/cli/top/screen.js';
import { givenReport, givenSample, FOUR } from './given-top.js';

const BEGUN = givenSample(0, givenReport({ advertsSent: 100, updatesSent: 500 }));
const LATER = givenSample(2, givenReport({ advertsSent: 120, updatesSent: 1500 }));
const GONE = givenSample(3, undefined);
const WIDE = { columns: 120, rows: 40 };

// Without a terminal there are no colours.
describe('the screen', () => {
  it('has the whole pair, and the last events', () => {
    expect(`\n${renderTop([BEGUN, LATER], WIDE, 'live').join('\n')}\n`).toMatchInlineSnapshot(`
      "
      lb1  vipair 0.1.0  2026-03-02 04:00:02.000  q quits, p pauses

      GROUP  lb1     HEALTH  lb2     HEALTH  ADVERTS OUT/S  IN/S  LEASE LEFT  ADDRESSES
      web    master  100     backup  80      10.0           0.0   234 ms      10.77.0.100/24
      pair channel: up, lb2 runs vipair 0.1.0, version 5 of the channel
      lb2: heartbeat fresh, proxy serving; its clock is 0.2 ms behind, give or take 0.3 ms
      proxy: serving, pid 9
      servers: 3 of 3 up here, 3 of 3 up on lb2
      sessions: 24 on lb1, not known on lb2
      stick tables: link up, HAProxy connected, complete, 1 of 1 verified equal
        TABLE  ROWS  OUT/S  IN/S  ON THE WAY  LAG   VERIFIED
        web    1200  500    0.0   3           4 ms  equal
      loop: alarms late by p50 0.1 ms, p99 0.4 ms, max 2 ms (last 100)

      last events:
      2026-03-02 04:00:00.001  info   link.state  group=web  interface=eth0  state=up1
      2026-03-02 04:00:00.002  info   link.state  group=web  interface=eth0  state=up2
      2026-03-02 04:00:00.003  info   link.state  group=web  interface=eth0  state=up3
      "
    `);
  });

  it.each([10, 16, 17])('has %i lines at the most, and says how many more there are', (rows) => {
    const lines = renderTop([BEGUN, LATER], { columns: 60, rows }, 'once');
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    const whole = renderTop([BEGUN, LATER], WIDE, 'once').length;
    expect(lines.at(-1)?.startsWith('…') === true).toBe(rows === 10);
    expect(lines.length).toBeLessThan(whole);
  });

  it('shows what it knew last of a daemon that gives no answer any more', () => {
    const lines = renderTop([BEGUN, LATER, GONE], WIDE, 'live');
    expect(lines[0]).toBe('lb1  vipair 0.1.0  2026-03-02 04:00:03.000  q quits, p pauses');
    expect(lines[1]).toBe('no answer: connect ENOENT; asked again');
    expect(lines[2]).toBe('what follows it said at 2026-03-02 04:00:02.000');
    expect(lines.join('\n')).toContain('heartbeat fresh');
  });

  it('says so where there never was an answer', () => {
    expect(renderTop([GONE], WIDE, 'live')).toEqual([
      'vipair top  2026-03-02 04:00:03.000  q quits, p pauses',
      'no answer: connect ENOENT; asked again',
    ]);
    expect(renderTop([], WIDE, 'paused')).toEqual(['vipair top  paused: p goes on, q quits']);
  });

  it('has the requests of both proxies, as far as they tell', () => {
    const counted = (requests: number | undefined, peers: number | undefined) => {
      const report = givenReport({ advertsSent: 1, updatesSent: 1 });
      return {
        ...report,
        proxy: { ...report.proxy!, requests },
        peer: { ...report.peer!, requests: peers },
      };
    };
    const line = (...reports: readonly ReturnType<typeof counted>[]) =>
      renderTop(
        reports.map((each, index) => givenSample(2 * index, each)),
        WIDE,
        'once',
      ).find((each) => each.startsWith('HTTP requests/s'));
    expect(line(counted(1000, 5), counted(1500, 5))).toBe(
      'HTTP requests/s: 250 on lb1, 0.0 on lb2',
    );
    // A reload has put another process in its place; the other node runs an older version.
    expect(line(counted(1000, undefined), counted(20, undefined))).toBe(
      'HTTP requests/s: … on lb1',
    );
    expect(line(counted(undefined, undefined))).toBeUndefined();
  });

  describe('of flows', () => {
    const copied = (flows: number): FlowReplicationStatus => ({
      ...{ state: 'running', pid: 8, problem: undefined, restarts: 0 },
      report: {
        ...FLOWS_REPORT,
        sent: { ...FLOWS_REPORT.sent, flows, refused: 2, verified: { verdict: 'equal', at: FOUR } },
        refused: [{ code: 'not-selected', detail: 'x', count: 3 }],
        drops: 4,
      },
    });
    const shown = (...all: readonly FlowReplicationStatus[]) =>
      renderTop(
        all.map((flows, index) =>
          givenSample(2 * index, givenReport({ advertsSent: 1, updatesSent: 1 }, { flows })),
        ),
        { columns: 160, rows: 40 },
        'once',
      );

    it('has counts, rates, lag, what was lost, and the verdict', () => {
      const lines = shown(copied(20), copied(1020));
      const at = lines.findIndex((line) => line.startsWith('flows:'));
      expect(`\n${lines.slice(at, at + 3).join('\n')}\n`).toMatchInlineSnapshot(`
        "
        flows: link up, complete, equal at 2026-03-02 04:00:00.000
          OWN  OF THE OTHER  OUT/S  IN/S  WAIT  ON THE WAY  LAG   LAG IN P99  EVENTS LOST  REFUSED
          7    1             500    0.0   0     1           2 ms  1 ms        4            5
        "
      `);
    });

    it('has a line alone while nothing is known, and none where none are copied', () => {
      const lines = shown({ ...copied(1), state: 'waiting', problem: 'killed', report: undefined });
      const at = lines.findIndex((line) => line.startsWith('flows:'));
      expect(lines[at]).toBe('flows: the flow replicator does not run: killed');
      expect(lines[at + 1]).toMatch(/^loop/u);
      expect(renderTop([BEGUN, LATER], WIDE, 'once').join('\n')).not.toContain('flows');
    });
  });

  describe('of services', () => {
    const server = (
      name: string,
      change: Partial<ServiceServerStatus> = {},
    ): ServiceServerStatus => ({
      ...{ name, address: '10.78.0.11', port: 25, state: 'up', why: undefined, by: 'this node' },
      ...{ there: undefined, admin: 'ready', weight: 100, share: 0.5 },
      ...{ connections: undefined, endsAt: undefined },
      ...change,
    });
    const service = (name: string, ...servers: readonly ServiceServerStatus[]): ServiceStatus => ({
      ...{ name, address: '10.77.0.100', port: 25, protocol: 'tcp', hash: 'flow' },
      ...{ source: undefined, servers },
    });
    const shown = (services: ServicesStatus, columns = 160) => {
      const report = givenReport({ advertsSent: 1, updatesSent: 1 }, { services });
      const lines = renderTop([givenSample(0, report)], { columns, rows: 40 }, 'once');
      const at = lines.findIndex((line) => line.startsWith('services:'));
      return lines.slice(
        at,
        lines.findIndex((line) => line.startsWith('loop')),
      );
    };

    it('says by service how many servers get connections, and which do not', () => {
      expect(
        shown({
          services: [
            service('mail', server('s1'), server('s2', { state: 'unknown' })),
            service(
              'dns',
              server('d1', { state: 'down', why: 'refused' }),
              server('d2', { admin: 'drain', connections: 7 }),
              server('d3', { admin: 'maint' }),
              server('d4'),
            ),
            service('web', server('w1', { state: 'down' })),
          ],
          rules: 'waiting',
          problems: ['the kernel forwards nothing'],
        }),
      ).toEqual([
        'services: 3 of 7 servers get connections: mail 2 of 2, dns 1 of 4, web 0 of 1',
        '  the rules before are in force',
        '  the kernel forwards nothing',
        '  dns: d1 down: refused, d2 drain (7 left), d3 maint',
        '  web: w1 down',
      ]);
    });

    it('names eight, and counts the rest', () => {
      const many = Array.from({ length: 10 }, (_, index) =>
        service(
          `s${String(index)}`,
          ...Array.from({ length: 9 }, () => server('x', { admin: 'maint' })),
        ),
      );
      const lines = shown({ services: many, rules: 'loaded', problems: [] });
      expect(lines[0]).toMatch(/s7 0 of 9, and 2 more$/u);
      expect(lines[1]).toMatch(/^ {2}s0: x maint, .*, and 1 more$/u);
      expect(lines.at(-1)).toBe('  … and 2 services more: vipair status');
      expect(lines).toHaveLength(10);
    });
  });

  it('has what is under way on either node', () => {
    const report = givenReport(
      { advertsSent: 1, updatesSent: 1 },
      { underWay: [{ what: 'push', says: 'pushes its files' }] },
    );
    expect(renderTop([givenSample(0, report)], WIDE, 'once')).toContain(
      'under way: lb1 pushes its files',
    );
  });

  it('does without a channel, a proxy and stick tables', () => {
    const alone = givenReport(
      { advertsSent: 1, updatesSent: 1 },
      {
        ...{ peer: undefined, pair: undefined, proxy: undefined },
        servers: undefined,
        replication: undefined,
      },
    );
    const lines = renderTop([{ ...BEGUN, loads: [], report: alone }], WIDE, 'once').join('\n');
    expect(lines).toContain('pair channel: none configured');
    expect(lines).not.toMatch(/heartbeat|TABLE|sessions/u);
  });
});

describe('rates', () => {
  it('of flows are there where flows are copied, and not known of a replicator that began anew', () => {
    const flowing = (sent: number | undefined) => {
      const report =
        sent === undefined
          ? undefined
          : { ...FLOWS_REPORT, sent: { ...FLOWS_REPORT.sent, flows: sent } };
      const flows = { state: 'running', pid: 1, problem: undefined, restarts: 0, report } as const;
      return givenReport({ advertsSent: 1, updatesSent: 1 }, { flows });
    };
    const rate = (before: number | undefined, after: number | undefined) =>
      ratesOf([givenSample(0, flowing(before)), givenSample(2, flowing(after))]).flows;
    expect(rate(20, 220)).toEqual({ sent: 100, received: 0 });
    expect(rate(20, 10)?.sent).toBeUndefined();
    expect(rate(undefined, 10)).toEqual({ sent: undefined, received: undefined });
    expect(rate(20, undefined)).toBeUndefined();
  });

  it('are those between the first and the last answer', () => {
    expect(ratesOf([BEGUN, LATER])).toEqual({
      adverts: { web: { sent: 10, received: 0 } },
      tables: { web: { sent: 500, received: 0 } },
      requests: {},
    });
  });

  it('are not known of one sample, of another daemon, nor of a counter that began anew', () => {
    const unknown = { sent: undefined, received: undefined };
    expect(ratesOf([LATER]).adverts['web']).toEqual(unknown);
    const another = givenReport({ advertsSent: 130, updatesSent: 0 }, { startedAt: FOUR });
    expect(ratesOf([LATER, givenSample(3, another)]).adverts['web']).toEqual(unknown);
    expect(ratesOf([LATER, { ...BEGUN, at: FOUR + 3000 }]).adverts['web']?.sent).toBeUndefined();
    expect(ratesOf([LATER, GONE])).toEqual({ adverts: {}, tables: {}, requests: {} });
  });
});

describe('samples', () => {
  it('are the last few, and the last answer for as long as there is no other', () => {
    const many = (count: number, each: TopSample): readonly TopSample[] =>
      Array.from({ length: count }, () => each).reduce(
        (samples: readonly TopSample[], next) => withSample(samples, next),
        [BEGUN, LATER],
      );
    expect(many(3, GONE)).toHaveLength(5);
    const kept = many(30, GONE);
    expect(kept).toHaveLength(6);
    expect(kept[0]).toBe(LATER);
    expect(withSample(kept, BEGUN).at(-1)).toBe(BEGUN);
  });
});

describe('a line', () => {
  const red = '\u001b[31mred\u001b[39m';

  it.each([
    ['one', 5, 'one'],
    ['seven letters', 5, 'seve…'],
    [red, 3, red],
    [`${red} and more`, 5, '\u001b[31mred\u001b[39m …'],
    [red, 2, '\u001b[31mr…\u001b[39m'],
    ['a\u001b[2Jb\u0007c\u009bd', 9, 'a[2Jbcd'],
  ])('%j of %i columns', (line, columns, expected) => {
    expect(fitted(line, columns)).toBe(expected);
  });
});
