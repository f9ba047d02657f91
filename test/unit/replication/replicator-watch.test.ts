import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { instant, millis } from '../../../src/base/time.js';
import type {
  Replicator,
  ReplicatorListener,
  ReplicatorOrders,
} from '../../../src/ports/replicator.js';
import { ReplicatorWatch } from '../../../src/replication/replicator-watch.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { HandClock } from '../engine/fakes.js';
import { REPORT, WEB_TABLE } from './given-report.js';

const ORDERS: ReplicatorOrders = {
  ...{ node: 'lb1', peer: 'lb2', port: 5113, keys: ['a2V5'], peersSocket: '/s' },
  tables: 'all',
  ...{ address: '10.0.0.1' as Ip, peerAddress: '10.0.0.2' as Ip, socketOwner: undefined },
};
const REPORTED = JSON.stringify({ report: REPORT });

/** Processes that do what the test says. */
function given() {
  const clock = new HandClock();
  const events: LogEvent[] = [];
  const passed: string[] = [];
  const processes: { readonly hears: ReplicatorListener; readonly did: string[] }[] = [];
  let reports = 0;
  const watch = new ReplicatorWatch(ORDERS, {
    clock,
    log: { tell: (event) => events.push(event) },
    passOn: (line) => passed.push(line),
    reported: () => {
      reports += 1;
    },
    replicators: {
      start: (hears): Replicator => {
        const did: string[] = [];
        processes.push({ hears, did });
        return {
          pid: 100 + processes.length,
          tell: (line) => did.push(line),
          end: () => did.push('end'),
          kill: () => did.push('kill'),
        };
      },
    },
  });
  const last = () => {
    const process = processes.at(-1);
    if (process === undefined) {
      throw new Error('none was started');
    }
    return process;
  };
  return { clock, events, passed, processes, watch, last, reports: () => reports };
}

describe('the daemon’s replicator', () => {
  it('is told its orders, and what it reports is known until it ends', () => {
    const { watch, last, reports } = given();
    expect(watch.status().state).toBe('off');
    watch.begin();
    expect(last().did).toEqual([JSON.stringify(ORDERS)]);
    expect(watch.status()).toEqual({
      ...{ state: 'running', pid: 101, problem: undefined, restarts: 0, report: undefined },
    });
    last().hears.said(REPORTED);
    expect(watch.status().report).toEqual(REPORT);
    last().hears.ended('signal SIGKILL');
    expect(watch.status()).toEqual({
      ...{ state: 'waiting', pid: undefined, problem: 'signal SIGKILL', restarts: 0 },
      report: undefined,
    });
    expect(reports()).toBe(2);
  });

  it('is started again after its end, and ended with the daemon', () => {
    const { watch, last, clock, processes, events } = given();
    watch.begin();
    last().hears.ended('exit code 1');
    clock.ringNext();
    expect(processes).toHaveLength(2);
    expect(watch.status()).toMatchObject({ state: 'running', restarts: 1 });
    expect(events).toEqual([{ event: 'replicator.ended', how: 'exit code 1', retryInMs: 250 }]);
    watch.stop();
    expect(last().did.at(-1)).toBe('end');
    last().hears.ended('exit code 0');
    expect(watch.status().state).toBe('off');
    expect(processes).toHaveLength(2);
  });

  it('is killed where it falls silent', () => {
    const { watch, last, clock, events } = given();
    watch.begin();
    clock.ringNext();
    expect(last().did.at(-1)).toBe('kill');
    expect(watch.status().state).toBe('waiting');
    expect(events).toEqual([{ event: 'replicator.silent', forMs: 10_000 }]);
  });

  it('is not believed where it makes no sense, and its log is passed on', () => {
    const { watch, last, passed } = given();
    watch.begin();
    last().hears.said('hello');
    expect(watch.status().problem).toBe('what it says makes no sense: not JSON');
    last().hears.logged('{"level":"warn"}');
    expect(passed).toEqual(['{"level":"warn"}']);
    last().hears.said(REPORTED);
    expect(watch.status().problem).toBeUndefined();
  });
});

it('a long report is read every five seconds only, and proves meanwhile that the replicator lives', () => {
  const { watch, last, clock } = given();
  watch.begin();
  const many = (rows: number) =>
    JSON.stringify({
      report: { ...REPORT, tables: Array.from({ length: 500 }, () => ({ ...WEB_TABLE, rows })) },
    });
  last().hears.said(many(1));
  last().hears.said(many(2));
  expect(watch.status().report?.tables[0]?.rows).toBe(1);
  clock.time = instant(clock.now() + 5000);
  last().hears.said(many(3));
  expect(watch.status().report?.tables[0]?.rows).toBe(3);
});

it('a table that is otherwise on the other node is told of once, and once when it is the same again', () => {
  const { watch, last, events } = given();
  watch.begin();
  const verdicts = ['equal', 'differs', 'unknown', 'differs', 'equal', 'equal'] as const;
  for (const verdict of verdicts) {
    const tables = [{ ...WEB_TABLE, verified: { verdict } }];
    last().hears.said(JSON.stringify({ report: { ...REPORT, tables } }));
  }
  expect(events).toEqual([
    { event: 'tables.diverged', table: 'web' },
    { event: 'tables.equal-again', table: 'web' },
  ]);
});

describe('an audit', () => {
  const AUDIT = { rows: 7, missing: 0, otherwise: 0, examples: [] };

  it('is asked for by its number, and answered by it', async () => {
    const { watch, last } = given();
    watch.begin();
    const first = watch.audit('web', millis(1000));
    const second = watch.audit('/limits', millis(1000));
    expect(last().did.slice(1)).toEqual([
      '{"ask":"audit","id":1,"table":"web"}',
      '{"ask":"audit","id":2,"table":"/limits"}',
    ]);
    last().hears.said(JSON.stringify({ answer: 2, refused: 'no such table' }));
    last().hears.said(JSON.stringify({ answer: 1, audit: AUDIT }));
    last().hears.said(JSON.stringify({ answer: 1, audit: AUDIT }));
    expect(await first).toEqual({ ok: true, value: AUDIT });
    expect(await second).toEqual({ ok: false, error: 'no such table' });
  });

  it('fails where nobody answers, in time or at all', async () => {
    const { watch, last, clock } = given();
    expect(await watch.audit('web', millis(1000))).toEqual({
      ...{ ok: false, error: 'the replicator does not run' },
    });
    watch.begin();
    const late = watch.audit('web', millis(1000));
    clock.ringNext();
    expect(await late).toEqual({ ok: false, error: 'no answer within 1000 ms' });
    const lost = watch.audit('web', millis(1000));
    last().hears.ended('signal SIGSEGV');
    expect(await lost).toEqual({ ok: false, error: 'the replicator has ended' });
  });

  it('has to wait its turn where too many wait', async () => {
    const { watch } = given();
    watch.begin();
    const asked = Array.from({ length: 65 }, () => watch.audit('web', millis(1000)));
    expect(await asked.at(-1)).toMatchObject({ ok: false });
    watch.stop();
    expect(await asked[0]).toEqual({ ok: false, error: 'the daemon ends' });
  });
});
