/** What the two daemons say to each other, and how it is written; every field is checked before it is believed. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import type { MessageKind } from './fields.js';
import type { Frame } from './frame.js';
import type { PairGoodbye } from './goodbye.js';
import { GOODBYE } from './goodbye.js';
import type { PairHeartbeat } from './heartbeat.js';
import { HEARTBEAT, HEARTBEAT_NUMBERS } from './heartbeat.js';
import type { PairHello } from './hello.js';
import { HELLO } from './hello.js';
import { pack, unpack } from './message-pack.js';
import type { PairAnswer, PairQuestion } from './question.js';
import { ANSWER, QUESTION } from './question.js';
import type { PairRegisters } from './registers.js';
import { REGISTERS } from './registers.js';

/** The versions of the protocol that a daemon speaks. */
export interface PairProtocol {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * Ours. Version 2 numbers heartbeats, so that one that was long under way is known by what it answers to. Version 3 has
 * questions and answers, and registers. In version 4 a heartbeat leaves out the groups while nothing about them changes.
 */
export const PAIR_PROTOCOL: PairProtocol = { oldest: 1, newest: 4 };

/** Since when a daemon answers questions. */
export const QUESTIONS_SINCE = 3;
/** Since when it knows registers. */
export const REGISTERS_SINCE = 3;
/** Since when it remembers what was said of the groups. */
export const SHORTENED_SINCE = 4;
const NUMBERED_SINCE = 2;

export type PairMessage =
  PairHello | PairHeartbeat | PairGoodbye | PairQuestion | PairAnswer | PairRegisters;

/** What cannot be believed: which field, and what is wrong with it. */
export interface NotAMessage {
  readonly where: string;
  readonly problem: string;
}

const KINDS: {
  readonly [K in PairMessage['kind']]: MessageKind<Extract<PairMessage, { kind: K }>>;
} = {
  hello: HELLO,
  heartbeat: HEARTBEAT,
  goodbye: GOODBYE,
  question: QUESTION,
  answer: ANSWER,
  registers: REGISTERS,
};

const BY_TYPE: ReadonlyMap<number, readonly [string, MessageKind<PairMessage>['body']]> = new Map(
  Object.entries(KINDS).map(([kind, { type, body }]) => [type, [kind, body]]),
);

/** As a frame of the version that both ends speak. */
export function writeMessage(message: PairMessage, as: number): Frame {
  const { kind, ...fields } = message;
  return { type: KINDS[kind].type, version: as, body: pack(knownTo(as, fields)) };
}

/** An older version is told nothing that it does not know. */
function knownTo(version: number, fields: object): object {
  return version < NUMBERED_SINCE
    ? Object.fromEntries(Object.entries(fields).filter(([key]) => !HEARTBEAT_NUMBERS.includes(key)))
    : fields;
}

/** Undefined for a type that this version does not know: it is skipped. Never throws. */
export function readMessage({ type, body }: Frame): Result<PairMessage | undefined, NotAMessage> {
  const known = BY_TYPE.get(type);
  if (known === undefined) {
    return ok(undefined);
  }
  const [kind, expected] = known;
  const unpacked = unpack(body);
  if (!unpacked.ok) {
    return fail({ where: kind, problem: unpacked.error });
  }
  const read = expected.safeParse(unpacked.value);
  if (read.success) {
    return ok(read.data);
  }
  const [issue] = read.error.issues;
  invariant(issue !== undefined, 'a failure has an issue');
  return fail({ where: [kind, ...issue.path].join('.'), problem: issue.message });
}
