/** What one daemon asks the other, and what that answers: for whatever need not be said ten times a second. */
import { z } from 'zod';
import type { MessageKind } from './fields.js';
import { name } from './fields.js';

export interface PairQuestion {
  readonly kind: 'question';
  /** The asker's: an answer says it again. */
  readonly id: number;
  /** What is asked, such as `status`. */
  readonly ask: string;
  /** The rest of the question, in JSON. */
  readonly body: string;
}

/** A long answer comes in parts, in order. */
export interface PairAnswer {
  readonly kind: 'answer';
  readonly id: number;
  /** `more`: another part follows. */
  readonly outcome: (typeof OUTCOMES)[number];
  /** In JSON, or a part of it; of a refusal, the reason in a sentence. */
  readonly body: string;
}

/** Of one question, and of one part of an answer, in UTF-16 code units: three bytes each at the most fit into a frame. */
export const MOST_QUESTION = 16_384;

const OUTCOMES = ['more', 'granted', 'refused'] as const;
const id = z.int().min(1);
const body = z.string().max(MOST_QUESTION);

export const QUESTION: MessageKind<PairQuestion> = {
  type: 4,
  body: z.object({ id, ask: name, body }).transform((each) => ({ kind: 'question', ...each })),
};

export const ANSWER: MessageKind<PairAnswer> = {
  type: 5,
  body: z
    .object({ id, outcome: z.enum(OUTCOMES), body })
    .transform((each) => ({ kind: 'answer', ...each })),
};
