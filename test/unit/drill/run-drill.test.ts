import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { instant, wallTime } from '../../../src/base/time.js';
import type { Instant } from '../../../src/base/time.js';
import type { ClientsSeen, DrillPorts, DrillProgress } from '../../../src/drill/ports.js';
import { runDrill } from '../../../src/drill/run-drill.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { DrillState, HandOrder, HandState } from '../../../src/telemetry/drill.js';
import type { PairReport } from '../../../src/telemetry/status.js';
import type { NodeTables } from '../../../src/telemetry/tables.js';
import {
  BEFORE,
  BEGUN,
  givenClients,
  givenHand,
  givenHistory,
  givenPlan,
  givenReport,
  givenTables,
} from './given-drill.js';

/** Whoever waits is woken at once, at the instant that he waits for. */
class LeapingClock implements Clock {
  #now = 0;

  now(): Instant {
    return instant(this.#now);
  }

  wallTime(): ReturnType<Clock['wallTime']> {
    return wallTime(BEGUN + this.#now);
  }

  alarm(at: Instant, ring: () => void): { cancel: () => void } {
    setImmediate(() => {
      this.#now = Math.max(this.#now, at);
      ring();
    });
    return { cancel: () => undefined };
  }
}

interface Given {
  readonly refuses?: string;
  /** What clients see, by how long it has been measured. */
  readonly clients?: (at: number) => Partial<ClientsSeen>;
  readonly prober?: 'none' | 'does not start';
  /** How many answers of the daemon stay away after the fault. */
  readonly silent?: number;
  readonly interruptedAt?: number;
  readonly neverUndone?: boolean;
  /** By the operator. */
  readonly endedWhileArming?: boolean;
  /** What the daemon says of the pair when it is over. */
  readonly after?: PairReport;
  /** What the replicators say, by the time since the drill began; undefined where there are none. */
  readonly tables?: (at: number, look: 'as known' | 'anew') => readonly NodeTables[];
}

function ports(given: Given): DrillPorts & {
  readonly asked: string[];
  readonly told: DrillProgress[];
  readonly orders: HandOrder[];
} {
  const clock = new LeapingClock();
  const operator = new AbortController();
  const asked: string[] = [];
  const told: DrillProgress[] = [];
  const orders: HandOrder[] = [];
  const hands = new Map<string, HandState>();
  let silent = 0;
  const state = (): Result<DrillState, string> => {
    if (given.interruptedAt !== undefined && clock.now() >= given.interruptedAt) {
      operator.abort();
    }
    silent -= 1;
    return silent >= 0
      ? fail('no daemon answers')
      : ok({ node: 'lb2', here: hands.get('lb2'), there: hands.get('lb1'), problem: undefined });
  };
  const change = (node: string, how: Partial<HandState>): Result<DrillState, string> => {
    const answer = state();
    if (answer.ok) {
      hands.set(node, { ...(hands.get(node) ?? givenHand(node)), ...how });
    }
    return answer.ok ? state() : answer;
  };
  return {
    clock,
    asked,
    told,
    orders,
    signal: operator.signal,
    tell: (progress) => {
      told.push(progress);
      state();
    },
    daemons: {
      report: () => Promise.resolve(ok(given.after ?? BEFORE)),
      history: () => Promise.resolve(ok(givenHistory())),
      tables: (look) => {
        asked.push(...(look === 'anew' ? ['tables anew'] : []));
        return Promise.resolve(ok(given.tables?.(clock.now(), look)));
      },
      switchover: (group) => {
        asked.push(`switchover ${group}`);
        return Promise.resolve(undefined);
      },
      arm: (node, order) => {
        asked.push(`arm ${node} ${String(order.faults.length)}`);
        orders.push(order);
        if (given.endedWhileArming === true) {
          operator.abort();
        }
        return Promise.resolve(
          given.refuses === node
            ? fail('another drill is under way')
            : change(node, { phase: 'armed', fired: undefined, undone: undefined }),
        );
      },
      fire: (node) => {
        asked.push(`fire ${node}`);
        const answer = change(node, {
          phase: 'fired',
          fired: { from: clock.wallTime(), to: clock.wallTime() },
        });
        silent = given.silent ?? 0;
        return Promise.resolve(silent > 0 ? fail('no daemon answers') : answer);
      },
      undo: (node) => {
        asked.push(`undo ${node}`);
        return Promise.resolve(
          given.neverUndone === true ? state() : change(node, { phase: 'undone' }),
        );
      },
      state: () => Promise.resolve(state()),
    },
    prober:
      given.prober === 'none'
        ? undefined
        : {
            command: 'ssh ops1 vipair probe',
            start: () =>
              Promise.resolve(
                given.prober === 'does not start'
                  ? fail('no such host')
                  : ok({
                      seen: () => ({
                        requests: 100,
                        failed: 0,
                        longestGapMs: 0,
                        gapMs: 0,
                        ended: undefined,
                        ...given.clients?.(clock.now()),
                      }),
                      finish: () =>
                        Promise.resolve(
                          ok(givenClients(undefined, { neighbour: '02:77:00:00:00:02' })),
                        ),
                    }),
              ),
          },
  };
}

const run = (name: string, given: ReturnType<typeof ports>): ReturnType<typeof runDrill> =>
  runDrill({ plan: givenPlan(name), id: 'd1', by: 'lb2', before: BEFORE }, given);

describe('a drill', () => {
  it('arms both nodes, the smaller name first, fires where there are faults, and undoes on both', async () => {
    const given = ports({});
    const report = await run('channel-cut', given);
    expect(given.asked.slice(0, 3)).toEqual(['arm lb1 0', 'arm lb2 1', 'fire lb2']);
    expect(new Set(given.asked.slice(3))).toEqual(new Set(['undo lb1', 'undo lb2']));
    expect(report).toMatchObject({ ok: true, value: { verdict: 'passed', why: [] } });
    expect(new Set(given.told.map(({ phase }) => phase))).toEqual(
      new Set(['arming', 'measuring', 'fault', 'undoing', 'settling', 'auditing']),
    );
  });

  it('keeps the hand that has nothing to do for as long as the other one has', async () => {
    const given = ports({});
    await run('isolated', given);
    const [fires, keepsWatch] = given.orders;
    expect(fires?.armedForMs).toBe(10_000);
    expect(keepsWatch?.armedForMs).toBe(10_000 + (fires?.lastsMs ?? 0));
  });

  it('makes no fault where the operator has had enough while it was armed', async () => {
    for (const prober of [undefined, 'none'] as const) {
      const given = ports({ endedWhileArming: true, ...(prober === undefined ? {} : { prober }) });
      const report = await run('channel-cut', given);
      expect(given.asked.some((each) => each.startsWith('fire'))).toBe(false);
      expect(new Set(given.asked.slice(2))).toEqual(new Set(['undo lb1', 'undo lb2']));
      expect(report.ok && report.value.verdict).toBe('stopped');
    }
  });

  it('is ended where clients are seen no more', async () => {
    const given = ports({ clients: (at) => (at > 2500 ? { ended: 'the connection broke' } : {}) });
    const report = await run('isolated', given);
    expect(report.ok && report.value.verdict).toBe('stopped');
    expect(report.ok && report.value.why[0]).toBe(
      'the prober measures no more: the connection broke',
    );
  });

  it('asks for a switchover where that is the drill', async () => {
    const given = ports({});
    await run('switchover', given);
    expect(given.asked).toContain('switchover web');
    expect(given.asked.some((each) => each.startsWith('fire'))).toBe(false);
  });

  it('is refused where a node is not to be had, and lets go of the other one', async () => {
    const given = ports({ refuses: 'lb2' });
    expect(await run('channel-cut', given)).toEqual({
      ok: false,
      error: 'lb2: another drill is under way',
    });
    expect(given.asked).toEqual(['arm lb1 0', 'arm lb2 1', 'undo lb1']);
  });

  it('does nothing where the prober does not start, or clients fail already', async () => {
    for (const trouble of [
      { prober: 'does not start' } as const,
      { clients: () => ({ failed: 3 }) },
      { clients: () => ({ requests: 0 }) },
      { clients: () => ({ ended: 'the connection was closed' }) },
    ]) {
      const given = ports(trouble);
      const report = await run('channel-cut', given);
      expect(given.asked.some((each) => each.startsWith('fire'))).toBe(false);
      expect(given.asked).toContain('undo lb1');
      expect(report.ok && report.value.verdict).toBe('stopped');
    }
  });

  it('goes on where nobody measures', async () => {
    const report = await run('channel-cut', ports({ prober: 'none' }));
    expect(report).toMatchObject({ ok: true, value: { verdict: 'passed', prober: undefined } });
  });

  it('is ended at once where clients suffer for longer than they may', async () => {
    const given = ports({ clients: (at) => ({ gapMs: at > 2500 ? 5000 : 0 }) });
    const report = await run('isolated', given);
    expect(report.ok && report.value.why[0]).toMatch(/clients had no answer for 5000 ms/u);
    expect(report.ok && report.value.verdict).toBe('stopped');
  });

  it('is ended at once where many requests fail, although none waits for long', async () => {
    const failing = (failed: number) => ({
      clients: (at: number) => (at > 2500 ? { failed, gapMs: 5 } : {}),
    });
    const ended = await run('channel-cut', ports(failing(101)));
    expect(ended.ok && ended.value.why[0]).toBe(
      '101 requests failed, and 0 may: it was ended at once',
    );
    const few = await run('channel-cut', ports(failing(100)));
    expect(few.ok && few.value.verdict).not.toBe('stopped');
    const any = await run('isolated', ports(failing(10_000)));
    expect(any.ok && any.value.verdict).not.toBe('stopped');
  });

  it('is ended by the operator, at any moment, and undone', async () => {
    for (const interruptedAt of [0, 1000, 2100, 3000, 4000]) {
      const given = ports({ interruptedAt });
      const report = await run('isolated', given);
      expect(report.ok && report.value.verdict).toBe('stopped');
      expect(given.asked).toContain('undo lb1');
      expect(given.asked).toContain('undo lb2');
    }
  });

  it('asks again until a daemon that was struck is back', async () => {
    const given = ports({ silent: 30 });
    const report = await run('daemon-crash', given);
    expect(given.asked.filter((each) => each === 'undo lb1').length).toBeGreaterThan(3);
    expect(
      report.ok && report.value.audits.find(({ name }) => name.includes('undone')),
    ).toMatchObject({ outcome: 'passed' });
  });

  it('gives up asking in the end, and says what is still open', async () => {
    const report = await run('channel-cut', ports({ neverUndone: true }));
    expect(report.ok && report.value.why).toEqual([
      'the fault is undone: it is not so: lb2 is fired still; lb1 is armed still',
    ]);
  });
});

describe('a drill on a pair that replicates stick tables', () => {
  const passed = (sent: number, received: number) =>
    givenReport(
      { lb1: 'master', lb2: 'backup' },
      {
        replication: {
          report: {
            tables: [{ name: 'web', sent: { updates: sent }, received: { updates: received } }],
          },
        } as never,
      },
    );
  const before = passed(7, 5);
  const runIt = (
    name: string,
    tables: NonNullable<Given['tables']>,
  ): { given: ReturnType<typeof ports>; report: ReturnType<typeof runDrill> } => {
    const given = ports({ tables, after: passed(7, 6) });
    const report = runDrill({ plan: givenPlan(name), id: 'd1', by: 'lb2', before }, given);
    return { given, report };
  };
  const both = (
    verified: Parameters<typeof givenTables>[1],
    audit?: Parameters<typeof givenTables>[2],
  ): readonly NodeTables[] => ['lb1', 'lb2'].map((node) => givenTables(node, verified, audit));
  const HELD = { rows: 3, missing: 0, otherwise: 0, examples: [] };
  const audited = (look: string, audit = HELD): typeof HELD | undefined =>
    look === 'anew' ? audit : undefined;

  it('waits until both have compared them after the fault, and asks both HAProxys', async () => {
    const { given, report } = runIt('table-divergence', (at, look) =>
      both({ verdict: 'equal', at: BEGUN + (at > 15_000 ? at - 1 : 0) }, audited(look)),
    );
    expect(await report).toMatchObject({ ok: true, value: { verdict: 'passed', why: [] } });
    expect(given.clock.now()).toBeGreaterThan(15_000);
    expect(given.asked.filter((each) => each === 'tables anew')).toHaveLength(1);
  });

  it('does not pass where they were equal before the fault, and nobody has compared them since', async () => {
    const { report } = runIt('table-divergence', (_, look) =>
      both({ verdict: 'equal', at: BEGUN }, audited(look)),
    );
    expect(await report).toMatchObject({
      value: {
        verdict: 'failed',
        why: [
          'same stick tables on both nodes: it is not known: the nodes have not compared web since the fault was undone',
        ],
      },
    });
  });

  it('does not pass where clients changed no row, or there is none', async () => {
    for (const after of [passed(7, 5), passed(0, 0)]) {
      const tables = (at: number, look: string) =>
        both({ verdict: 'equal', at: BEGUN + at }, audited(look));
      const given = ports({ tables, after });
      const plan = givenPlan('table-divergence');
      const report = await runDrill({ plan, id: 'd1', by: 'lb2', before }, given);
      expect(report.ok && report.value.why).toEqual([
        expect.stringContaining('it is not known: clients changed no row while it lasted'),
      ]);
    }
  });

  it('does not pass where HAProxy has not what its replicator has, in three looks', async () => {
    const { given, report } = runIt('table-divergence', (at, look) =>
      both({ verdict: 'equal', at: BEGUN + at }, audited(look, { ...HELD, missing: 2 })),
    );
    expect((await report).ok && (await report)).toMatchObject({
      value: { why: [expect.stringContaining('lb1: HAProxy has not what the replicator has')] },
    });
    expect(given.asked.filter((each) => each === 'tables anew')).toHaveLength(3);
  });

  it('of another kind passes with a doubt, and asks no HAProxy for all its rows', async () => {
    const { given, report } = runIt('channel-cut', () => both({ verdict: 'equal', at: BEGUN }));
    const told = await report;
    expect(told).toMatchObject({ value: { verdict: 'passed' } });
    expect(
      told.ok && told.value.audits.find(({ name }) => name.includes('stick tables')),
    ).toMatchObject({ outcome: 'unknown' });
    expect(given.asked).not.toContain('tables anew');
  });

  it('that the operator has ended waits for no comparison', async () => {
    const given = ports({ interruptedAt: 3000, tables: () => both({ verdict: 'equal', at: 0 }) });
    const plan = givenPlan('table-divergence');
    await runDrill({ plan, id: 'd1', by: 'lb2', before }, given);
    expect(given.clock.now()).toBeLessThan(15_000);
  });
});
