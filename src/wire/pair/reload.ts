/** What two daemons say to each other of a configuration that is to be changed. */
import { z } from 'zod';
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
}

export const ASK_PLAN = 'reload-plan';

const MOST_CHANGES = 100;
const text = z.string().max(2000);

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
});

export const readPlan: Reader<PlanAnswer> = readerOf(PLAN);
