/** The first message of either end: who it is, and which versions it speaks. */
import { z } from 'zod';
import type { MessageKind } from './fields.js';
import { name, version } from './fields.js';

export interface PairHello {
  readonly kind: 'hello';
  readonly node: string;
  /** Of vipair. */
  readonly release: string;
  readonly oldest: number;
  readonly newest: number;
}

export const HELLO: MessageKind<PairHello> = {
  type: 1,
  body: z
    .object({ node: name, release: name, oldest: version, newest: version })
    .transform((each) => ({ kind: 'hello', ...each })),
};
