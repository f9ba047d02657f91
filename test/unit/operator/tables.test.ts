import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import type { OwnTables, TablesOrder } from '../../../src/operator/tables.js';
import { Tables } from '../../../src/operator/tables.js';
import type { ReplicationStatus, TablesReport } from '../../../src/telemetry/tables.js';
import { HandClock } from '../engine/fakes.js';
import { REPORT, WEB_TABLE } from '../replication/given-report.js';

const NODES = { names: ['lb1', 'lb2'] };
const AUDIT = { rows: 7, missing: 0, otherwise: 0, examples: [] };
const ALL: TablesOrder = { table: undefined, node: undefined, look: 'as known' };

function replicator(report: TablesReport | 'none' = REPORT): OwnTables & { audited: string[] } {
  const audited: string[] = [];
  const status: ReplicationStatus = {
    ...{ state: 'running', pid: 1, problem: undefined, restarts: 0 },
    report: report === 'none' ? undefined : report,
  };
  return {
    audited,
    status: () => status,
    audit: (table, within) => {
      audited.push(`${table} ${String(within)}`);
      return Promise.resolve(table === 'web' ? ok(AUDIT) : fail('it is learning'));
    },
  };
}

/** This node asks a real one, over a channel that carries JSON. */
function pair(here: OwnTables | undefined, there: OwnTables | undefined) {
  const clock = new HandClock();
  const asks: string[] = [];
  const lb2 = new Tables({ ...NODES, node: 'lb2' }, { clock, tables: there, peer: undefined });
  const peer = {
    name: 'lb2',
    ask: async (ask: string, body: string) => {
      asks.push(`${ask} ${body}`);
      const answer = await (lb2.answers()[ask]?.(body) ?? fail('unknown'));
      return answer.ok ? answer : fail({ code: 'refused', detail: answer.error });
    },
  };
  const lb1 = new Tables({ ...NODES, node: 'lb1' }, { clock, tables: here, peer });
  return { lb1, lb2, asks };
}

describe('stick tables, asked on one node', () => {
  it('are told of both', async () => {
    const { lb1, asks } = pair(replicator(), replicator());
    const answer = await lb1.tables(ALL);
    expect(answer).toEqual(
      ok({
        node: 'lb1',
        nodes: ['lb1', 'lb2'].map((node) => ({
          ...{ node, replication: replicator().status(), unknown: undefined, omitted: 0 },
          audits: [],
        })),
      }),
    );
    expect(asks).toEqual(['tables {"audit":"no"}']);
  });

  it('are told of one node, and of one table', async () => {
    const report = { ...REPORT, tables: [WEB_TABLE, { ...WEB_TABLE, name: 'api' }] };
    const { lb1, asks } = pair(replicator(report), replicator(report));
    const answer = await lb1.tables({ ...ALL, node: 'lb2', table: 'api' });
    const told = answer.ok ? answer.value.nodes : [];
    expect(told.map(({ node }) => node)).toEqual(['lb2']);
    expect(told[0]?.replication?.report?.tables.map(({ name }) => name)).toEqual(['api']);
    expect(asks).toEqual(['tables {"table":"api","audit":"no"}']);
  });

  it('are looked at again, one after the other, where that is asked', async () => {
    const report = { ...REPORT, tables: [WEB_TABLE, { ...WEB_TABLE, name: 'api' }] };
    const here = replicator(report);
    const { lb1 } = pair(here, replicator(report));
    const answer = await lb1.tables({ ...ALL, look: 'anew' });
    expect(here.audited).toEqual(['web 8000', 'api 8000']);
    expect(answer.ok ? answer.value.nodes.map(({ audits }) => audits) : []).toEqual([
      [
        { table: 'web', audit: AUDIT, problem: undefined },
        { table: 'api', audit: undefined, problem: 'it is learning' },
      ],
      [
        { table: 'web', audit: AUDIT, problem: undefined },
        { table: 'api', audit: undefined, problem: 'it is learning' },
      ],
    ]);
  });

  it('are told as far as there is room, those that differ first', async () => {
    const many = Array.from({ length: 1000 }, (_each, index) => ({
      ...WEB_TABLE,
      name: `table-${String(index)}`,
      verified: { verdict: index === 999 ? 'differs' : 'equal' } as const,
    }));
    const { lb1 } = pair(replicator(), replicator({ ...REPORT, tables: many }));
    const answer = await lb1.tables({ ...ALL, node: 'lb2' });
    const [told] = answer.ok ? answer.value.nodes : [];
    const names = told?.replication?.report?.tables.map(({ name }) => name) ?? [];
    expect(names[0]).toBe('table-999');
    expect(names.length + (told?.omitted ?? 0)).toBe(1000);
    expect(told?.omitted).toBeGreaterThan(500);
  });

  it.each<[string, Partial<TablesOrder>, string]>([
    ['of a node that does not exist', { node: 'lb3' }, 'unknown-node'],
    ['of a table that does not exist', { table: 'none' }, 'unknown-table'],
  ])('%s are not', async (_what, order, code) => {
    const { lb1 } = pair(replicator(), replicator());
    expect(await lb1.tables({ ...ALL, ...order })).toMatchObject({ ok: false, error: { code } });
  });

  it('are not known of a node that does not answer, or has none to tell of', async () => {
    const { lb1, lb2 } = pair(replicator(), undefined);
    expect(await lb1.tables({ ...ALL, node: 'lb2' })).toMatchObject({
      value: { nodes: [{ node: 'lb2', unknown: 'it replicates no stick tables' }] },
    });
    expect(await lb2.tables(ALL)).toMatchObject({ error: { code: 'not-replicated' } });
    expect(await lb1.answers()['tables']?.('{}')).toMatchObject({ ok: false });
    const alone = new Tables(
      { ...NODES, node: 'lb1' },
      { clock: new HandClock(), tables: replicator('none'), peer: undefined },
    );
    expect(await alone.tables(ALL)).toMatchObject({
      value: { nodes: [{ replication: {} }, { unknown: 'there is no pair channel' }] },
    });
    expect(await alone.answers()['tables']?.('{"audit":"yes"}')).toEqual(
      ok(
        JSON.stringify({
          replication: { state: 'running', pid: 1, restarts: 0 },
          omitted: 0,
          audits: [],
        }),
      ),
    );
  });
});
