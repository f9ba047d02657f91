/** What a node answers when the other asks for its proxy's servers: those that are not up, and how many there are. */
import { z } from 'zod';

export interface ServersWord {
  readonly total: number;
  readonly up: number;
  /** Those that are not up, as far as they are named. */
  readonly troubled: readonly TroubledServer[];
}

export interface TroubledServer {
  /** Such as `web/s1`. */
  readonly name: string;
  /** `out`: an operator took it out of service. */
  readonly standing: 'down' | 'out';
  /** HAProxy's words, with what the last check found: `DOWN, L4CON`. */
  readonly status: string;
}

/** A name of HAProxy's has 256 characters at the most where we read it, two and a slash make one. */
const MOST_NAME = 520;
const MOST_STATUS = 520;
/** What a later version may say, and some. */
const MOST_TROUBLED = 200;
const MOST_SERVERS = 1_000_000;

const servers = z.int().min(0).max(MOST_SERVERS);

export const SERVERS_WORD: z.ZodType<ServersWord> = z.object({
  total: servers,
  up: servers,
  troubled: z
    .array(
      z.object({
        name: z.string().min(1).max(MOST_NAME),
        standing: z.enum(['down', 'out']),
        status: z.string().max(MOST_STATUS),
      }),
    )
    .max(MOST_TROUBLED),
});
