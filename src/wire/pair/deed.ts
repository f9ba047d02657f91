/** What one daemon does for the other at an operator's request, and what became of it. */
import { z } from 'zod';

/** A question `switchover` or `failback`. Whoever is asked does it or refuses, and asks nobody else. */
export interface DeedAsked {
  readonly group: string;
  /** Of a switchover: the node that is to be master afterwards; undefined: whichever is not. */
  readonly to: string | undefined;
  /** Of a switchover: whether the new owner must be ready. */
  readonly successor: 'ready' | 'any';
}

/** The answer to either. */
export type DeedDone =
  | { readonly kind: 'moved'; readonly to: string; readonly within: number }
  | { readonly kind: 'undone'; readonly reason: string }
  /** Who is asked is master, and shall stay it. */
  | { readonly kind: 'already-there' }
  /** Of a failback: the master that it is taken from. */
  | { readonly kind: 'asked'; readonly from: string | undefined }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

const MOST_TEXT = 512;
const text = z.string().max(MOST_TEXT);

export const DEED_ASKED: z.ZodType<DeedAsked> = z
  .object({ group: text, to: text.optional(), successor: z.enum(['ready', 'any']) })
  .transform(({ group, to, successor }) => ({ group, to, successor }));

export const DEED_DONE: z.ZodType<DeedDone> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('moved'), to: text, within: z.number().min(0) }),
  z.object({ kind: z.literal('undone'), reason: text }),
  z.object({ kind: z.literal('already-there') }),
  z
    .object({ kind: z.literal('asked'), from: text.optional() })
    .transform(({ kind, from }) => ({ kind, from })),
  z.object({ kind: z.literal('refused'), code: text, detail: text }),
]);
