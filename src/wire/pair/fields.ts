/** The fields that messages of the pair have in common, each checked before it is believed. */
import { z } from 'zod';
import type { Ip } from '../../base/ip.js';
import { parseIp } from '../../base/ip.js';
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';

/** What a kind of message is on the wire: its type, and the body that follows. */
export interface MessageKind<T extends { readonly kind: string }> {
  /** 1–255, never used again for another kind. */
  readonly type: number;
  /** Fields that a later version adds are passed over. */
  readonly body: z.ZodType<T>;
}

const MOST_NAME = 64;
const MOST_MILLIS = 3_600_000;
/** Far beyond every date, and a number of milliseconds that is exact to a tenth. */
export const LATEST: number = 2 ** 48;

export const name: z.ZodType<string> = z.string().min(1).max(MOST_NAME);

/** From 0; absent of a peer that does not count. */
export const count: z.ZodType<number> = z.int().min(0).default(0);

/** Of the clock that both nodes have in common, in milliseconds. */
export const pairTime: z.ZodType<number> = z.number().min(0).max(LATEST);

/** Of the protocol. */
export const version: z.ZodType<number> = z.int().min(1).max(255);

export const duration: z.ZodType<Millis> = z.number().min(1).max(MOST_MILLIS).transform(millis);

export const address: z.ZodType<Ip> = z
  .string()
  .max(MOST_NAME)
  .transform((text, context) => {
    const parsed = parseIp(text);
    if (parsed.ok) {
      return parsed.value;
    }
    context.addIssue('expected an IP address');
    return z.NEVER;
  });
