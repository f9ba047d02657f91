/** What operators have stated, said to the other daemon: all of it when the two meet, then each change. */
import { z } from 'zod';
import type { MessageKind } from './fields.js';
import { LATEST, name } from './fields.js';

export interface PairRegisters {
  readonly kind: 'registers';
  readonly registers: readonly PairRegister[];
}

/** One small fact, and when it was stated. */
export interface PairRegister {
  readonly key: string;
  readonly value: string;
  readonly stamp: PairStamp;
  /** The writer's wall clock, in Unix milliseconds: for people, it decides nothing. */
  readonly at: number;
}

/** Which of two statements is the later one. */
export interface PairStamp {
  readonly counter: number;
  readonly node: string;
}

/** In one message: with the longest keys and values, half of what a frame holds. */
export const MOST_IN_MESSAGE = 64;

/** ASCII that can be seen, so that a character is a byte wherever it is written. */
export function isRegisterKey(text: string): boolean {
  return KEY.test(text);
}

export function isRegisterValue(text: string): boolean {
  return VALUE.test(text);
}

const KEY = /^[\x21-\x7e]{1,200}$/u;
const VALUE = /^[\x20-\x7e]{0,200}$/u;

export const REGISTER: z.ZodType<PairRegister> = z.object({
  key: z.string().refine(isRegisterKey),
  value: z.string().refine(isRegisterValue),
  stamp: z.object({ counter: z.int().min(1), node: name }),
  at: z.int().min(0).max(LATEST),
});

export const REGISTERS: MessageKind<PairRegisters> = {
  type: 6,
  body: z
    .object({ registers: z.array(REGISTER).max(MOST_IN_MESSAGE) })
    .transform((each) => ({ kind: 'registers', ...each })),
};
