/** What a flow replicator says, to its own daemon and through that to the other node. */
import { z } from 'zod';
import type { Result } from '../../base/result.js';
import { ok } from '../../base/result.js';
import { LATEST } from './fields.js';
import { readJson } from './json-answer.js';

interface VerdictWord {
  readonly verdict: 'equal' | 'differs' | 'unknown';
  readonly at?: number | undefined;
}

interface KindWord {
  readonly protocol: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly flows: number;
}

export interface FlowsWord {
  readonly link: {
    readonly state: 'down' | 'up';
    readonly since: number;
    readonly problem?: string | undefined;
  };
  readonly complete: boolean;
  readonly owned: readonly string[];
  readonly own: readonly KindWord[];
  readonly mirrored: readonly KindWord[];
  readonly sent: {
    readonly flows: number;
    readonly waiting: number;
    readonly unacknowledged: number;
    readonly lagMs: number;
    readonly overflows: number;
    readonly refused: number;
    readonly verified: VerdictWord;
  };
  readonly received: {
    readonly flows: number;
    readonly lag?:
      { readonly samples: number; readonly p50Ms: number; readonly p99Ms: number } | undefined;
    readonly verified: VerdictWord;
  };
  readonly refused: readonly {
    readonly code: string;
    readonly detail: string;
    readonly count: number;
  }[];
  readonly table?: { readonly flows: number; readonly most: number } | undefined;
  readonly drops: number;
  readonly looks: number;
  readonly memoryBytes: number;
}

/** What is longer is not believed; a replicator keeps to less. */
const MOST_OF_A_KIND = 1024;
const MOST_TEXT = 1000;

const text = z.string().max(MOST_TEXT);
const count = z.int().min(0);
const duration = z.number().min(0);
const moment = z.number().min(0).max(LATEST);
const problem = text.optional();
const verified: z.ZodType<VerdictWord> = z.object({
  verdict: z.enum(['equal', 'differs', 'unknown']),
  at: moment.optional(),
});
const kinds: z.ZodType<readonly KindWord[]> = z
  .array(z.object({ protocol: text, family: z.enum(['ipv4', 'ipv6']), flows: count }))
  .max(MOST_OF_A_KIND);

const FLOWS_WORD: z.ZodType<FlowsWord> = z.object({
  link: z.object({ state: z.enum(['down', 'up']), since: moment, problem }),
  complete: z.boolean(),
  owned: z.array(text).max(MOST_OF_A_KIND),
  own: kinds,
  mirrored: kinds,
  sent: z.object({
    ...{ flows: count, waiting: count, unacknowledged: count, lagMs: duration },
    ...{ overflows: count, refused: count, verified },
  }),
  received: z.object({
    flows: count,
    lag: z.object({ samples: count, p50Ms: duration, p99Ms: duration }).optional(),
    verified,
  }),
  refused: z.array(z.object({ code: text, detail: text, count })).max(MOST_OF_A_KIND),
  table: z.object({ flows: count, most: count }).optional(),
  ...{ drops: count, looks: count, memoryBytes: duration },
});

const REPORTED = z.object({ report: FLOWS_WORD });

/** A line of the flow replicator's to its daemon: `{ "report": … }`. */
export function readFlowsReport(line: string): Result<FlowsWord, string> {
  const read = readJson(REPORTED, line);
  return read.ok ? ok(read.value.report) : read;
}

/** What one node answers the other of its flows. */
export interface NodeFlowsWord {
  /** Its wall clock, in Unix milliseconds; undefined of a version that does not tell. */
  readonly at?: number | undefined;
  readonly replication: {
    readonly state: 'running' | 'waiting' | 'off';
    readonly pid?: number | undefined;
    readonly problem?: string | undefined;
    readonly restarts: number;
    readonly report?: FlowsWord | undefined;
  };
}

export const NODE_FLOWS_WORD: z.ZodType<NodeFlowsWord> = z.object({
  at: z.number().min(0).max(LATEST).optional(),
  replication: z.object({
    state: z.enum(['running', 'waiting', 'off']),
    pid: count.optional(),
    problem,
    restarts: count,
    report: FLOWS_WORD.optional(),
  }),
});
