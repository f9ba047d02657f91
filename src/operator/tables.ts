/** HAProxy's stick tables as the replicators of both nodes see them, asked on either. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { Refusal } from '../telemetry/refusal.js';
import type {
  AuditedTable,
  NodeTables,
  ReplicationStatus,
  TableAudit,
  TablesAnswer,
} from '../telemetry/tables.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { NodeTablesWord, TablesAsked } from '../wire/pair/tables-report.js';
import { NODE_TABLES_WORD, TABLES_ASKED } from '../wire/pair/tables-report.js';
import type { Answers, Peer } from './ports.js';

/** This node's replicator. */
export interface OwnTables {
  status(): ReplicationStatus;
  /** What HAProxy teaches of a table, beside what the replicator has of it; never rejects. */
  audit(table: string, within: Millis): Promise<Result<TableAudit, string>>;
}

export interface TablesOrder {
  /** Undefined: all. */
  readonly table: string | undefined;
  /** Undefined: both. */
  readonly node: string | undefined;
  /** `anew`: HAProxy is asked for every row again. */
  readonly look: 'as known' | 'anew';
}

export interface TablesPorts {
  readonly clock: Pick<Clock, 'now'>;
  /** Undefined where no tables are replicated. */
  readonly tables: OwnTables | undefined;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export class Tables {
  readonly #node: string;
  readonly #names: readonly string[];
  readonly #ports: TablesPorts;

  constructor(
    { node, names }: { readonly node: string; readonly names: readonly string[] },
    ports: TablesPorts,
  ) {
    this.#node = node;
    this.#names = names;
    this.#ports = ports;
  }

  /** Where the other node does not answer, that is said. */
  async tables({ table, node, look }: TablesOrder): Promise<Result<TablesAnswer, Refusal>> {
    const { tables } = this.#ports;
    if (tables === undefined) {
      const detail = 'no stick tables are replicated: vipair.yaml has no replicate section';
      return fail({ code: 'not-replicated', detail });
    }
    if (node !== undefined && !this.#names.includes(node)) {
      const detail = `no node is called ${node}; there are: ${this.#names.join(' and ')}`;
      return fail({ code: 'unknown-node', detail });
    }
    const asked: TablesAsked = { table, audit: look === 'anew' ? 'yes' : 'no' };
    const nodes = await Promise.all(
      this.#names
        .filter((name) => node === undefined || node === name)
        .map((name) =>
          name === this.#node ? this.#here(tables, asked) : this.#there(name, asked),
        ),
    );
    const isKnown = nodes.some(
      ({ replication }) => (replication?.report?.tables.length ?? 0) > 0 || table === undefined,
    );
    const detail = `no replicated table is called ${String(table)}: vipair tables lists them`;
    return isKnown ? ok({ node: this.#node, nodes }) : fail({ code: 'unknown-table', detail });
  }

  /** What the other node may ask of this one. */
  answers(): Answers {
    return {
      tables: async (body) => {
        const asked = readJson(TABLES_ASKED, body);
        if (!asked.ok) {
          return asked;
        }
        const { tables } = this.#ports;
        return tables === undefined
          ? fail('it replicates no stick tables')
          : ok(JSON.stringify(inShort(await this.#here(tables, asked.value))));
      },
    };
  }

  async #here(tables: OwnTables, { table, audit }: TablesAsked): Promise<NodeTables> {
    const names = audit === 'yes' ? namesOf(tables.status(), table).slice(0, MOST_AUDITED) : [];
    const audits: AuditedTable[] = [];
    const { clock } = this.#ports;
    const began = clock.now();
    // One after the other: HAProxy teaches all of its tables each time.
    for (const name of names) {
      const left = millis(Math.max(0, AUDITS_WITHIN - between(began, clock.now())));
      const looked = await tables.audit(name, left);
      audits.push({
        table: name,
        audit: looked.ok ? looked.value : undefined,
        problem: looked.ok ? undefined : looked.error,
      });
    }
    const replication = only(tables.status(), table);
    return { node: this.#node, replication, unknown: undefined, omitted: 0, audits };
  }

  async #there(node: string, asked: TablesAsked): Promise<NodeTables> {
    const { peer } = this.#ports;
    const nothing = { node, replication: undefined, omitted: 0, audits: [] };
    if (peer === undefined) {
      return { ...nothing, unknown: 'there is no pair channel' };
    }
    const within = asked.audit === 'yes' ? AUDITED_WITHIN : ANSWER_WITHIN;
    const answer = await peer.ask('tables', JSON.stringify(asked), within);
    const word = answer.ok ? readJson(NODE_TABLES_WORD, answer.value) : fail(answer.error.detail);
    return word.ok
      ? { node, unknown: undefined, ...ofWord(word.value) }
      : { ...nothing, unknown: word.error };
  }
}

function namesOf({ report }: ReplicationStatus, table: string | undefined): readonly string[] {
  const names = report?.tables.map(({ name }) => name) ?? [];
  return table === undefined ? names : names.filter((name) => name === table);
}

function only(status: ReplicationStatus, table: string | undefined): ReplicationStatus {
  const { report } = status;
  return report === undefined || table === undefined
    ? status
    : {
        ...status,
        report: { ...report, tables: report.tables.filter(({ name }) => name === table) },
      };
}

function ofWord({
  replication,
  omitted,
  audits,
}: NodeTablesWord): Omit<NodeTables, 'node' | 'unknown'> {
  const { state, pid, problem, restarts, report } = replication;
  return {
    replication: { state, pid, problem, restarts, report },
    omitted,
    audits: audits.map((each) => ({ table: each.table, audit: each.audit, problem: each.problem })),
  };
}

/** As much of it as an answer has room for: the tables that differ come first. */
function inShort({ replication, audits }: NodeTables): NodeTablesWord {
  const status = replication ?? NO_REPLICATION;
  const { report } = status;
  if (report === undefined) {
    return { replication: status, omitted: 0, audits };
  }
  const sorted = report.tables.toSorted((a, b) => troubleOf(a) - troubleOf(b));
  let room = MOST_CHARACTERS - JSON.stringify({ ...report, tables: [], audits }).length;
  const told = sorted.filter((table) => {
    room -= JSON.stringify(table).length + 1;
    return room >= 0;
  });
  return {
    replication: { ...status, report: { ...report, tables: told } },
    omitted: sorted.length - told.length,
    audits,
  };
}

function troubleOf({ verified }: { readonly verified: { readonly verdict: string } }): number {
  return verified.verdict === 'equal' ? 1 : 0;
}

const NO_REPLICATION: ReplicationStatus = {
  ...{ state: 'off', pid: undefined, problem: undefined, restarts: 0, report: undefined },
};
/** More tables than that are looked at by name. */
const MOST_AUDITED = 20;
/** All of them together. */
const AUDITS_WITHIN = millis(8000);
/** The other node's, and the way there. */
const AUDITED_WITHIN = millis(9000);
const ANSWER_WITHIN = millis(1000);
/** Of the 80,000 of an answer. */
const MOST_CHARACTERS = 70_000;
