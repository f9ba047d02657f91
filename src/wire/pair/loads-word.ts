/** What a node answers when the other asks for what its proxy's servers have to do: sessions, and what failed. */
import { z } from 'zod';

/** What one server does, and what HAProxy's own checks found, the active ones and those that observe its traffic. */
export interface ServerLoad {
  /** `BACKEND/SERVER`. */
  readonly name: string;
  /** HAProxy's word, such as `UP`, `DOWN 1/2`, `MAINT`, `no check`. */
  readonly status: string;
  /** What its last check found, such as `L4CON`; undefined where it is not checked. */
  readonly check?: string | undefined;
  /** Sessions, and requests that wait for it. */
  readonly sessions: number;
  /** Of those that were counted since HAProxy was started: checks, failures to connect, and answers that were none. */
  readonly failed: Readonly<Record<'checks' | 'connects' | 'answers', number>>;
}

/** Of one server, or of all. */
export interface LoadsQuestion {
  readonly server?: string | undefined;
}

/** A name of HAProxy's has 256 characters at the most where we read it, two and a slash make one. */
const MOST_NAME = 520;
const MOST_STATUS = 520;
const MOST_SERVERS = 10_000;

const serverName = z.string().min(1).max(MOST_NAME);
const status = z.string().max(MOST_STATUS);
const count = z.int().min(0);

export const LOADS_QUESTION: z.ZodType<LoadsQuestion> = z.object({ server: serverName.optional() });

export const LOADS_WORD: z.ZodType<readonly ServerLoad[]> = z
  .array(
    z.object({
      ...{ name: serverName, status, check: status.optional(), sessions: count },
      failed: z.object({ checks: count, connects: count, answers: count }),
    }),
  )
  .max(MOST_SERVERS);
