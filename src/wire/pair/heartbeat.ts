/** How a node is, said over and over. */
import { z } from 'zod';
import type { Ip } from '../../base/ip.js';
import type { Millis } from '../../base/time.js';
import type { MessageKind } from './fields.js';
import { address, count, duration, name, pairTime } from './fields.js';

export interface PairHeartbeat {
  readonly kind: 'heartbeat';
  /** How often they are sent. */
  readonly every: Millis;
  /** Counted from 1 on each connection; 0 of a peer that does not count. */
  readonly sequence: number;
  /** The last of the other end's that had arrived; 0 for none. */
  readonly echo: number;
  /** What the clock reads that both nodes order their history by; undefined of a daemon that has none. */
  readonly pairTime?: number | undefined;
  /** Undefined: they are as they were in the one before on this connection, which has had them. Since version 4. */
  readonly groups?: readonly PairGroup[] | undefined;
}

/** One that says how each group is. */
export interface WholeHeartbeat extends PairHeartbeat {
  readonly groups: readonly PairGroup[];
}

/** One group, as the sender sees it. */
export interface PairGroup {
  readonly group: string;
  readonly role: (typeof ROLES)[number];
  readonly priority: number;
  readonly interval: Millis;
  readonly address: Ip;
  readonly lan: (typeof LANS)[number];
  /** 0 to 100; undefined of a daemon that does not say. */
  readonly health?: number | undefined;
  /** Its priority in full health; undefined likewise. */
  readonly full?: number | undefined;
  /** Whether it could have the addresses at all, fit or not: not without a link, nor while its kernel refuses. */
  readonly able?: boolean | undefined;
  /** Another one where the two nodes would not understand each other; undefined of a daemon that does not say. */
  readonly agreement?: string | undefined;
  /** Where it keeps open connections over a planned move: for how long, and its own address on each instance. */
  readonly keeps?: PairKeeps | undefined;
  /** Its proxy has not the stick tables of the other's yet; undefined where it has, or that is no matter. */
  readonly tables?: 'awaited' | undefined;
}

interface PairKeeps {
  readonly lasting: Millis;
  readonly addresses: readonly Ip[];
}

export const ROLES = ['starting', 'fault', 'backup', 'master', 'resigning', 'stopped'] as const;
const LANS = ['reachable', 'unreachable', 'unknown'] as const;
const MOST_DIGEST = 64;
/** More than the eighteen of a configuration. */
const MOST_INSTANCES = 32;
/** Far more than the sixteen groups of a configuration, so that a later version may allow more. */
const MOST_GROUPS = 64;

export const HEARTBEAT: MessageKind<PairHeartbeat> = {
  type: 2,
  body: z
    .object({
      every: duration,
      sequence: count,
      echo: count,
      pairTime: pairTime.optional(),
      groups: z
        .array(
          z.object({
            group: name,
            role: z.enum(ROLES),
            priority: z.int().min(0).max(255),
            interval: duration,
            address,
            lan: z.enum(LANS),
            health: z.int().min(0).max(100).optional(),
            full: z.int().min(1).max(255).optional(),
            able: z.boolean().optional(),
            agreement: z.string().max(MOST_DIGEST).optional(),
            keeps: z
              .object({ lasting: duration, addresses: z.array(address).max(MOST_INSTANCES) })
              .optional(),
            tables: z.literal('awaited').optional(),
          }),
        )
        .max(MOST_GROUPS)
        .optional(),
    })
    .transform((each) => ({ kind: 'heartbeat', ...each })),
};

/** What version 2 added to heartbeats. */
export const HEARTBEAT_NUMBERS: readonly string[] = ['sequence', 'echo'];
