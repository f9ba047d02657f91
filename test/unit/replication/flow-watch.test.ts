/** The daemon's flow replicator. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { FlowSelection } from '../../../src/ports/flow-events.js';
import type { FlowDuty } from '../../../src/ports/flow-replicator.js';
import type { ReplicatorListener } from '../../../src/ports/replicator.js';
import { FlowWatch } from '../../../src/replication/flow-watch.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { FlowsReport } from '../../../src/telemetry/flows.js';
import { HandClock } from '../engine/fakes.js';
import { FLOWS_REPORT } from './given-flows-report.js';

const VIP = '10.77.0.100' as Ip;
const ORDERS = {
  ...{ node: 'lb1', peer: 'lb2', port: 5114, keys: ['a2V5'], filter: undefined },
  ...{ address: '10.0.0.1' as Ip, peerAddress: '10.0.0.2' as Ip },
};

function given() {
  const clock = new HandClock();
  const events: LogEvent[] = [];
  const processes: { readonly hears: ReplicatorListener; readonly told: string[] }[] = [];
  const all = { duty: { addresses: [VIP], owned: [], services: [] } as FlowDuty, reports: 0 };
  const wanted: (FlowSelection | 'none')[] = [];
  const refused: FlowsReport['refused'][number][] = [];
  const watch = new FlowWatch(ORDERS, {
    clock,
    limits: { want: (selection) => wanted.push(selection), refused },
    log: { tell: (event) => events.push(event) },
    passOn: () => undefined,
    reported: () => {
      all.reports += 1;
    },
    duty: () => all.duty,
    replicators: {
      start: (hears) => {
        const told: string[] = [];
        processes.push({ hears, told });
        const tell = (line: string): void => {
          told.push(line);
        };
        return { pid: 7, tell, end: () => undefined, kill: () => undefined };
      },
    },
  });
  const last = () => processes.at(-1)!;
  const report = (change: Partial<FlowsReport>): void => {
    last().hears.said(JSON.stringify({ report: { ...FLOWS_REPORT, ...change } }));
  };
  return { clock, events, watch, last, report, all, wanted, refused };
}

describe('the flow replicator', () => {
  it('is told its orders, and its duty when that is another', () => {
    const { watch, last, all } = given();
    watch.refresh();
    watch.begin();
    expect(last().told).toEqual([JSON.stringify({ ...ORDERS, duty: all.duty })]);
    watch.refresh();
    expect(last().told).toHaveLength(1);
    all.duty = { ...all.duty, owned: [VIP] };
    watch.refresh();
    watch.refresh();
    expect(last().told.slice(1)).toEqual([JSON.stringify(all.duty)]);
  });

  it('has the kernel told of which flows it is to hear, whether or not it runs', () => {
    const { watch, last, all, wanted } = given();
    const service = { addresses: [VIP], protocol: 6, port: 25, replicate: 'yes' } as const;
    watch.begin();
    last().hears.ended('signal SIGKILL');
    all.duty = { ...all.duty, services: [service] };
    watch.refresh();
    watch.refresh();
    expect(wanted).toEqual([
      { addresses: [], networks: [] },
      { addresses: [VIP], networks: [] },
    ]);
    watch.stop();
  });

  it('is reported with what the kernel does not take', () => {
    const { watch, report, refused } = given();
    watch.begin();
    refused.push({ code: 'the kernel was not told which flows', detail: 'no nft', count: 2 });
    expect(watch.status().report).toBeUndefined();
    report({ refused: [{ code: 'ends here', detail: 'protocol 6', count: 3 }] });
    expect(watch.status().report?.refused.map(({ code, count }) => [code, count])).toEqual([
      ['ends here', 3],
      ['the kernel was not told which flows', 2],
    ]);
    watch.stop();
  });

  it('that is started again is told what is so then', () => {
    const { clock, events, watch, last, report, all } = given();
    watch.begin();
    report({});
    expect(watch.status()).toMatchObject({ state: 'running', pid: 7, report: FLOWS_REPORT });
    last().hears.ended('signal SIGKILL');
    expect(watch.status()).toMatchObject({ state: 'waiting', report: undefined });
    all.duty = { ...all.duty, owned: [VIP] };
    watch.refresh();
    clock.ringNext();
    expect(last().told).toEqual([JSON.stringify({ ...ORDERS, duty: all.duty })]);
    expect(events).toEqual([{ event: 'flows.ended', how: 'signal SIGKILL', retryInMs: 250 }]);
    expect(all.reports).toBe(2);
    watch.stop();
  });

  it('that is silent is ended, and what it says must make sense', () => {
    const { clock, events, watch, last } = given();
    watch.begin();
    last().hears.said('what');
    expect(watch.status().problem).toContain('makes no sense');
    clock.ringNext();
    expect(events).toEqual([{ event: 'flows.silent', forMs: 10_000 }]);
  });

  it('makes alarms of what it reports, once each', () => {
    const { events, watch, report } = given();
    const { sent } = FLOWS_REPORT;
    const verified = (verdict: 'equal' | 'differs' | 'unknown') => ({
      sent: { ...sent, verified: { verdict } },
    });
    const refused = { code: 'ends here', detail: 'protocol 6', count: 3 };
    watch.begin();
    for (const change of [
      {},
      verified('differs'),
      verified('differs'),
      verified('unknown'),
      verified('equal'),
      { refused: [refused] },
      { refused: [{ ...refused, count: 5 }], sent: { ...sent, overflows: 1 } },
      { refused: [{ ...refused, count: 5 }], sent: { ...sent, overflows: 1 }, table: undefined },
    ]) {
      report(change);
    }
    expect(events).toEqual([
      { event: 'flows.diverged' },
      { event: 'flows.equal-again' },
      { event: 'flows.refused', why: 'ends here', example: 'protocol 6' },
      { event: 'flows.overflow', times: 1 },
    ]);
  });

  it('tells of a table that is nearly full, and of room when there is plenty', () => {
    const { events, watch, report } = given();
    watch.begin();
    for (const flows of [700, 790, 800, 790, 949, 950, 900, 850, 699, 600]) {
      report({ table: { flows, most: 1000 } });
    }
    expect(events).toEqual([
      { event: 'flows.table-nearly-full', flows: 800, most: 1000 },
      { event: 'flows.table-nearly-full', flows: 950, most: 1000 },
      { event: 'flows.table-has-room', flows: 699, most: 1000 },
    ]);
  });
});
