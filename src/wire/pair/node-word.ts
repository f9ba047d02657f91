/** What a node answers when the other asks for its status: little enough for one part of an answer. */
import { z } from 'zod';
import { ROLES } from './heartbeat.js';

/** Of a whole node. */
export interface NodeWord {
  readonly node: string;
  /** Of vipair. */
  readonly release: string;
  /** Its wall clock, in Unix milliseconds. */
  readonly at: number;
  readonly proxy: string | undefined;
  /** HTTP requests that the proxy's process has taken since it began. */
  readonly requests?: number | undefined;
  /** Which orders of operators it goes by; undefined of a daemon that knows of none. */
  readonly orders: OrdersWord | undefined;
  /** What it has begun and not ended; undefined of a daemon that does not say. */
  readonly underWay?: readonly UnderWayWord[] | undefined;
  readonly groups: readonly GroupWord[];
}

export interface OrdersWord {
  readonly paused: 'yes' | 'no';
  /** The nodes that are in maintenance. */
  readonly maintenance: readonly string[];
  /** Planned switchovers: each its group and the register's value. */
  readonly schedules: readonly string[];
}

/** `what`: a later version may name other things. */
export interface UnderWayWord {
  readonly what: string;
  readonly says: string;
}

export interface GroupWord {
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  readonly fault: string | undefined;
  readonly kept: string | undefined;
  readonly priority: number;
  readonly priorityWhy: string;
  readonly score: number | undefined;
  readonly parts: readonly string[];
  /** The address of the master that it hears. */
  readonly master: string | undefined;
  /** What it says of failing back. */
  readonly outlook: string | undefined;
  /** Of open connections that it serves on; undefined of a daemon that says nothing of them. */
  readonly drain: DrainWord | undefined;
}

/** See DrainStatus in telemetry/status.ts. */
export interface DrainWord {
  readonly state: (typeof DRAINS)[number];
  readonly open: number | undefined;
  readonly first: number | undefined;
  readonly reset: number;
  readonly sinceMs: number;
  readonly leftMs: number | undefined;
  readonly problem: string | undefined;
}

/** What is said is cut to these bounds; what is heard and longer is not believed. */
export const MOST_TEXT = 240;
export const MOST_PARTS = 40;
const MOST_GROUPS = 64;
const MOST_NODES = 2;
export const MOST_UNDER_WAY = 16;

const DRAINS = ['serving on', 'drained', 'reset', 'taken back', 'not known'] as const;

const text = z.string().max(MOST_TEXT);
const maybe = text.optional();
const amount = z.int().min(0);

const GROUP_WORD = z.object({
  name: text,
  role: z.enum(ROLES),
  fault: maybe,
  kept: maybe,
  priority: z.int().min(0).max(255),
  priorityWhy: text,
  score: z.int().min(0).max(100).optional(),
  parts: z.array(text).max(MOST_PARTS),
  master: maybe,
  outlook: maybe,
  drain: z
    .object({
      state: z.enum(DRAINS),
      open: amount.optional(),
      first: amount.optional(),
      reset: amount,
      sinceMs: amount,
      leftMs: amount.optional(),
      problem: maybe,
    })
    .transform(({ open, first, leftMs, problem, ...drain }) => ({
      ...drain,
      ...{ open, first, leftMs, problem },
    }))
    .optional(),
});

export const NODE_WORD: z.ZodType<NodeWord> = z
  .object({
    node: text,
    release: text,
    at: z.number().min(0),
    proxy: maybe,
    requests: z.int().min(0).optional(),
    orders: z
      .object({
        paused: z.enum(['yes', 'no']),
        maintenance: z.array(text).max(MOST_NODES),
        schedules: z.array(text).max(MOST_GROUPS),
      })
      .optional(),
    underWay: z
      .array(z.object({ what: text, says: text }))
      .max(MOST_UNDER_WAY)
      .optional(),
    groups: z.array(GROUP_WORD).max(MOST_GROUPS),
  })
  .transform(({ proxy, orders, groups, ...rest }) => ({
    ...rest,
    proxy,
    orders,
    groups: groups.map(({ fault, kept, score, master, outlook, drain, ...group }) => ({
      ...group,
      ...{ fault, kept, score, master, outlook, drain },
    })),
  }));
