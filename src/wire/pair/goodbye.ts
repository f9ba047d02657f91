/** The last message of a daemon that ends. */
import { z } from 'zod';
import type { MessageKind } from './fields.js';

export interface PairGoodbye {
  readonly kind: 'goodbye';
  readonly why: (typeof GOODBYES)[number];
}

const GOODBYES = ['stopping', 'handing over'] as const;

export const GOODBYE: MessageKind<PairGoodbye> = {
  type: 3,
  body: z.object({ why: z.enum(GOODBYES) }).transform((each) => ({ kind: 'goodbye', ...each })),
};
