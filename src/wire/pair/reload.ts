/** What two daemons say to each other of a configuration that is to be changed. */
import { z } from 'zod';
import type { Millis } from '../../base/time.js';
import { duration } from './fields.js';
import type { Reader } from './generation.js';
import { readerOf } from './generation.js';

/** What the file on the other node's disk would change there. */
export interface PlanAnswer {
  readonly changes: readonly {
    readonly path: string;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly takes: 'nothing' | 'agreement' | 'restart';
  }[];
  /** Of the file, what both nodes must have just the same; undefined of a daemon that changes nothing together. */
  readonly shared?: SharedPart | undefined;
}

export interface SharedPart {
  readonly digest: string;
  /** None where they are too many to be told. */
  readonly lines: readonly SharedLine[];
}

export interface SharedLine {
  readonly path: string;
  readonly value: string;
}

/** The attempt, by its coordinator's name for it. */
export interface ChangeAsked {
  readonly id: string;
}

/** The file must say the same as the coordinator's. */
export interface PrepareAsked extends ChangeAsked {
  readonly digest: string;
}

/** When to switch, counted from the moment in which this arrives. */
export interface CommitAsked extends ChangeAsked {
  readonly delay: Millis;
}

/** Whether a word that was taken back had been carried out already. */
export interface WithdrawAnswer {
  readonly outcome: 'withdrawn' | 'switched';
}

export const ASK_PLAN = 'reload-plan';
export const ASK_PREPARE = 'reload-prepare';
export const ASK_COMMIT = 'reload-commit';
export const ASK_WITHDRAW = 'reload-withdraw';

const MOST_CHANGES = 100;
const MOST_LINES = 1000;
const MOST_ID = 128;
const text = z.string().max(2000);
const id = z.string().min(1).max(MOST_ID);
const digest = z.string().max(64);

const PLAN: z.ZodType<PlanAnswer> = z.object({
  changes: z
    .array(
      z.object({
        path: text,
        from: text.optional(),
        to: text.optional(),
        takes: z.enum(['nothing', 'agreement', 'restart']),
      }),
    )
    .max(MOST_CHANGES),
  shared: z
    .object({ digest, lines: z.array(z.object({ path: text, value: text })).max(MOST_LINES) })
    .optional(),
});
const CHANGE: z.ZodType<ChangeAsked> = z.object({ id });
const PREPARE: z.ZodType<PrepareAsked> = z.object({ id, digest });
const COMMIT: z.ZodType<CommitAsked> = z.object({ id, delay: duration });
const WITHDRAWN: z.ZodType<WithdrawAnswer> = z.object({
  outcome: z.enum(['withdrawn', 'switched']),
});

export const readPlan: Reader<PlanAnswer> = readerOf(PLAN);
export const readChange: Reader<ChangeAsked> = readerOf(CHANGE);
export const readPrepare: Reader<PrepareAsked> = readerOf(PREPARE);
export const readCommit: Reader<CommitAsked> = readerOf(COMMIT);
export const readWithdrawn: Reader<WithdrawAnswer> = readerOf(WITHDRAWN);

/** As much of it as an answer has room for: beyond that only the digest tells that something differs. */
export function sharedPart(own: string, lines: readonly SharedLine[]): SharedPart {
  const isShort =
    lines.length <= MOST_LINES &&
    lines.every(({ path, value }) => path.length + value.length <= MOST_LINE) &&
    JSON.stringify(lines).length <= MOST_SHARED;
  return { digest: own, lines: isShort ? lines : [] };
}

const MOST_LINE = 2000;
/** Of the 80,000 characters of an answer, the rest being for the changes. */
const MOST_SHARED = 40_000;
