/** What a replicator says of the stick tables, to its own daemon and through that to the other node. */
import { z } from 'zod';
import type { Result } from '../../base/result.js';
import { ok } from '../../base/result.js';
import { LATEST } from './fields.js';
import { readJson } from './json-answer.js';

export interface TablesWord {
  readonly proxy: {
    readonly state: 'unconnected' | 'learning' | 'up';
    readonly since: number;
    readonly pid?: number | undefined;
    readonly problem?: string | undefined;
  };
  readonly link: {
    readonly state: 'down' | 'up';
    readonly since: number;
    readonly problem?: string | undefined;
  };
  readonly complete: boolean;
  readonly tables: readonly TableWord[];
  readonly ignored: readonly { readonly name: string; readonly why: string }[];
  readonly refused: readonly {
    readonly code: string;
    readonly detail: string;
    readonly count: number;
  }[];
  readonly memoryBytes: number;
}

export interface TableWord {
  readonly name: string;
  readonly type: string;
  readonly keyLength: number;
  readonly expireMs: number;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly sent: DirectionWord;
  readonly received: DirectionWord;
  readonly verified: {
    readonly verdict: 'equal' | 'differs' | 'unknown';
    readonly at?: number | undefined;
  };
  readonly examples: readonly RowWord[];
}

export interface DirectionWord {
  readonly updates: number;
  readonly unacknowledged: number;
  readonly lagMs: number;
  readonly dropped: number;
}

export interface RowWord {
  readonly key: string;
  readonly here: string;
  readonly there: string;
}

/** Of one table, beside what its HAProxy teaches. */
export interface AuditWord {
  readonly rows: number;
  readonly missing: number;
  readonly otherwise: number;
  readonly examples: readonly RowWord[];
}

/** What is longer is not believed; a replicator keeps to less. */
const MOST_TABLES = 1000;
const MOST_OF_A_KIND = 100;
const MOST_COLUMNS = 64;
const MOST_EXAMPLES = 20;
const MOST_TEXT = 1000;

const text = z.string().max(MOST_TEXT);
const count = z.int().min(0);
const moment = z.number().min(0).max(LATEST);
const problem = text.optional();

const direction = z.object({
  updates: count,
  unacknowledged: count,
  lagMs: z.number().min(0),
  dropped: count,
});

const examples = z.array(z.object({ key: text, here: text, there: text })).max(MOST_EXAMPLES);

const table = z.object({
  name: text,
  type: text,
  keyLength: count,
  expireMs: z.number().min(0),
  columns: z.array(text).max(MOST_COLUMNS),
  rows: count,
  sent: direction,
  received: direction,
  verified: z.object({ verdict: z.enum(['equal', 'differs', 'unknown']), at: moment.optional() }),
  examples,
});

export const TABLES_WORD: z.ZodType<TablesWord> = z.object({
  proxy: z.object({
    state: z.enum(['unconnected', 'learning', 'up']),
    since: moment,
    pid: count.optional(),
    problem,
  }),
  link: z.object({ state: z.enum(['down', 'up']), since: moment, problem }),
  complete: z.boolean(),
  tables: z.array(table).max(MOST_TABLES),
  ignored: z.array(z.object({ name: text, why: text })).max(MOST_OF_A_KIND),
  refused: z.array(z.object({ code: text, detail: text, count })).max(MOST_OF_A_KIND),
  memoryBytes: z.number().min(0),
});

export const AUDIT_WORD: z.ZodType<AuditWord> = z.object({
  rows: count,
  missing: count,
  otherwise: count,
  examples,
});

/** A line of the replicator's to its daemon: `{ "report": … }`. */
export function readReplicatorReport(line: string): Result<TablesWord, string> {
  const read = readJson(REPORTED, line);
  return read.ok ? ok(read.value.report) : read;
}

/** A line of the replicator's to its daemon: `{ "answer": 1, "audit": … }`, or a reason why not. */
export function readReplicatorAnswer(line: string): Result<ReplicatorAnswer, string> {
  return readJson(ANSWERED, line);
}

export interface ReplicatorAnswer {
  /** Of which question. */
  readonly answer: number;
  readonly audit?: AuditWord | undefined;
  readonly refused?: string | undefined;
}

const REPORTED = z.object({ report: TABLES_WORD });
const ANSWERED: z.ZodType<ReplicatorAnswer> = z.object({
  answer: count,
  audit: AUDIT_WORD.optional(),
  refused: text.optional(),
});

/** What one node asks the other of its tables. */
export interface TablesAsked {
  /** Undefined: of all. */
  readonly table?: string | undefined;
  readonly audit: 'yes' | 'no';
}

/** What it answers, as far as there is room. */
export interface NodeTablesWord {
  readonly replication: {
    readonly state: 'running' | 'waiting' | 'off';
    readonly pid?: number | undefined;
    readonly problem?: string | undefined;
    readonly restarts: number;
    readonly report?: TablesWord | undefined;
  };
  readonly omitted: number;
  readonly audits: readonly {
    readonly table: string;
    readonly audit?: AuditWord | undefined;
    readonly problem?: string | undefined;
  }[];
}

export const TABLES_ASKED: z.ZodType<TablesAsked> = z.object({
  table: text.optional(),
  audit: z.enum(['yes', 'no']),
});

export const NODE_TABLES_WORD: z.ZodType<NodeTablesWord> = z.object({
  replication: z.object({
    state: z.enum(['running', 'waiting', 'off']),
    pid: count.optional(),
    problem,
    restarts: count,
    report: TABLES_WORD.optional(),
  }),
  omitted: count,
  audits: z
    .array(z.object({ table: text, audit: AUDIT_WORD.optional(), problem }))
    .max(MOST_OF_A_KIND),
});
