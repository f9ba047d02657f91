/** What a node answers when the other asks how it sees the servers of services: only what it has seen itself. */
import { z } from 'zod';

export interface ServerWord {
  /** `SERVICE/SERVER`. */
  readonly name: string;
  readonly state: 'up' | 'down';
  /** Of one that is down. */
  readonly why?: string | undefined;
}

/** As many as a configuration can have. */
export const MOST_SERVER_WORDS = 2048;
export const MOST_WHY = 200;

export const SERVICES_WORD: z.ZodType<readonly ServerWord[]> = z
  .array(
    z.object({
      name: z.string().min(1).max(80),
      state: z.enum(['up', 'down']),
      why: z.string().max(MOST_WHY).optional(),
    }),
  )
  .max(MOST_SERVER_WORDS);
