/** What a node answers when the other asks what would happen if something of its own failed. */
import { z } from 'zod';

export interface PredictionWords {
  readonly predictions: readonly PredictionWord[];
  /** What could not be worked out, and why. */
  readonly missing: readonly string[];
}

export interface PredictionWord {
  readonly hypothesis: {
    readonly kind: 'power' | 'proxy' | 'link' | 'check' | 'channel';
    readonly node: string;
    readonly name: string | undefined;
  };
  readonly groups: readonly {
    readonly group: string;
    readonly before: readonly string[];
    readonly after: readonly string[];
    readonly afterMs: number | undefined;
    readonly why: string | undefined;
  }[];
  readonly steps: readonly {
    readonly atMs: number;
    readonly node: string;
    readonly says: string;
  }[];
  readonly end: 'settled' | 'unsettled';
}

const MOST_TEXT = 400;
const MOST_HYPOTHESES = 64;
const MOST_GROUPS = 64;
const MOST_STEPS = 64;

const text = z.string().max(MOST_TEXT);
const owners = z.array(text).max(2);

const GROUP = z
  .object({
    group: text,
    before: owners,
    after: owners,
    afterMs: z.number().min(0).optional(),
    why: text.optional(),
  })
  .transform(({ afterMs, why, ...rest }) => ({ ...rest, afterMs, why }));

const PREDICTION = z.object({
  hypothesis: z
    .object({
      kind: z.enum(['power', 'proxy', 'link', 'check', 'channel']),
      node: text,
      name: text.optional(),
    })
    .transform(({ kind, node, name }) => ({ kind, node, name })),
  groups: z.array(GROUP).max(MOST_GROUPS),
  steps: z.array(z.object({ atMs: z.number(), node: text, says: text })).max(MOST_STEPS),
  end: z.enum(['settled', 'unsettled']),
});

export const PREDICTIONS: z.ZodType<PredictionWords> = z.object({
  predictions: z.array(PREDICTION).max(MOST_HYPOTHESES),
  missing: z.array(text).max(MOST_HYPOTHESES),
});
