/** What the two daemons say to each other, and how it is written; every field is checked before it is believed. */
import { z } from 'zod';
import type { Ip } from '../base/ip.js';
import { parseIp } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { pack, unpack } from './message-pack.js';
import type { Frame } from './pair-frame.js';

/** The versions of the protocol that a daemon speaks. */
export interface PairProtocol {
  readonly oldest: number;
  readonly newest: number;
}

/** Ours. Version 2 numbers heartbeats, so that one that was long under way is known by what it answers to. */
export const PAIR_PROTOCOL: PairProtocol = { oldest: 1, newest: 2 };

const NUMBERED_SINCE = 2;
const NUMBERS: readonly string[] = ['sequence', 'echo'];

export type PairMessage = PairHello | PairHeartbeat | PairGoodbye;

/** The first message of either end. */
export interface PairHello {
  readonly kind: 'hello';
  readonly node: string;
  /** Of vipair. */
  readonly release: string;
  readonly oldest: number;
  readonly newest: number;
}

export interface PairHeartbeat {
  readonly kind: 'heartbeat';
  /** How often they are sent. */
  readonly every: Millis;
  /** Counted from 1 on each connection; 0 of a peer that does not count. */
  readonly sequence: number;
  /** The last of the other end's that had arrived; 0 for none. */
  readonly echo: number;
  readonly groups: readonly PairGroup[];
}

/** One group, as the sender sees it. */
export interface PairGroup {
  readonly group: string;
  readonly role: (typeof PAIR_ROLES)[number];
  readonly priority: number;
  readonly interval: Millis;
  readonly address: Ip;
  readonly lan: (typeof PAIR_LANS)[number];
  /** 0 to 100; undefined of a daemon that does not say. */
  readonly health?: number | undefined;
  /** What that comes from, in words: one part a line. */
  readonly parts?: readonly string[] | undefined;
}

export interface PairGoodbye {
  readonly kind: 'goodbye';
  readonly why: (typeof PAIR_GOODBYES)[number];
}

const PAIR_ROLES = ['starting', 'fault', 'backup', 'master', 'resigning', 'stopped'] as const;
const PAIR_LANS = ['reachable', 'unreachable', 'unknown'] as const;
const PAIR_GOODBYES = ['stopping', 'handing over'] as const;

/** What cannot be believed: which field, and what is wrong with it. */
export interface NotAMessage {
  readonly where: string;
  readonly problem: string;
}

const MOST_NAME = 64;
/** Far more than the sixteen groups of a configuration, so that a later version may allow more. */
const MOST_GROUPS = 64;
/** Of each group, more than can be tracked; and their length, more than we write. */
const MOST_PARTS = 64;
const MOST_PART = 256;
const MOST_MILLIS = 3_600_000;

const name = z.string().min(1).max(MOST_NAME);
const count = z.int().min(0).default(0);
const version = z.int().min(1).max(255);
const duration: z.ZodType<Millis> = z.number().min(1).max(MOST_MILLIS).transform(millis);
const address: z.ZodType<Ip> = z
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

/** Fields that a later version adds are passed over. */
const BODIES: {
  readonly [K in PairMessage['kind']]: z.ZodType<Extract<PairMessage, { kind: K }>>;
} = {
  hello: z
    .object({ node: name, release: name, oldest: version, newest: version })
    .transform((each) => ({ kind: 'hello', ...each })),
  heartbeat: z
    .object({
      every: duration,
      sequence: count,
      echo: count,
      groups: z
        .array(
          z.object({
            group: name,
            role: z.enum(PAIR_ROLES),
            priority: z.int().min(0).max(255),
            interval: duration,
            address,
            lan: z.enum(PAIR_LANS),
            health: z.int().min(0).max(100).optional(),
            parts: z.array(z.string().max(MOST_PART)).max(MOST_PARTS).optional(),
          }),
        )
        .max(MOST_GROUPS),
    })
    .transform((each) => ({ kind: 'heartbeat', ...each })),
  goodbye: z
    .object({ why: z.enum(PAIR_GOODBYES) })
    .transform((each) => ({ kind: 'goodbye', ...each })),
};

const TYPES: Readonly<Record<PairMessage['kind'], number>> = { hello: 1, heartbeat: 2, goodbye: 3 };

/** As a frame of the version that both ends speak. */
export function writeMessage(message: PairMessage, as: number): Frame {
  const { kind, ...fields } = message;
  return { type: TYPES[kind], version: as, body: pack(knownTo(as, fields)) };
}

/** An older version is told nothing that it does not know. */
function knownTo(version: number, fields: object): object {
  return version < NUMBERED_SINCE
    ? Object.fromEntries(Object.entries(fields).filter(([key]) => !NUMBERS.includes(key)))
    : fields;
}

/** Undefined for a type that this version does not know: it is skipped. Never throws. */
export function readMessage({ type, body }: Frame): Result<PairMessage | undefined, NotAMessage> {
  const kind = (['hello', 'heartbeat', 'goodbye'] as const).find((each) => TYPES[each] === type);
  if (kind === undefined) {
    return ok(undefined);
  }
  const unpacked = unpack(body);
  if (!unpacked.ok) {
    return fail({ where: kind, problem: unpacked.error });
  }
  const read = BODIES[kind].safeParse(unpacked.value);
  if (read.success) {
    return ok(read.data);
  }
  const [issue] = read.error.issues;
  invariant(issue !== undefined, 'a failure has an issue');
  return fail({ where: [kind, ...issue.path].join('.'), problem: issue.message });
}
