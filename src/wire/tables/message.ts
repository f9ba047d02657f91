/** What two replicators say to each other, but for the rows themselves (rows.ts). */
import type { Result } from '../../base/result.js';
import { unreachable } from '../../base/unreachable.js';
import type { PeersViolation } from '../peers/payload.js';
import type { PayloadReader } from '../peers/payload.js';
import { MOST_UINT32, PayloadWriter } from '../peers/payload.js';
import type { TableDefinition } from '../peers/table.js';
import { readDefinition, writeDefinition } from '../peers/table.js';
import type { LinkFrame } from './frame.js';
import { kindsByType, readTypedFrame } from './typed-frame.js';
import { isVersion } from './version.js';

export type LinkMessage =
  | LinkHello
  /** The table's id is its sender's number for it, by which the rows that follow mean it. */
  | { readonly kind: 'definition'; readonly table: TableDefinition }
  /** All batches of rows up to this one have been acknowledged by the proxy there, or were not wanted. */
  | { readonly kind: 'acknowledged'; readonly sequence: number }
  /** Our proxy wants all that the other one has. */
  | { readonly kind: 'teach-asked' }
  | { readonly kind: 'teaching-ends'; readonly how: TeachingEnd }
  | Digest
  | DigestVerdict
  /** Nothing else was to be said for a while. */
  | { readonly kind: 'alive'; readonly clock: number };

export interface LinkHello {
  readonly kind: 'hello';
  /** The newest version of this protocol that the sender speaks. */
  readonly protocol: number;
  readonly node: string;
  /** Of the process: another one has another. */
  readonly epoch: number;
  /** What the sender's clock of versions reads. */
  readonly clock: number;
  readonly seed: HashSeed;
}

/** What the hashes of keys begin with, or whoever chooses keys could choose those that collide. */
export interface HashSeed {
  readonly high: number;
  readonly low: number;
  /** When it was drawn, on the clock of versions: of two nodes' seeds the older one is kept. */
  readonly since: number;
}

/** `complete`: the proxy there says that it holds all there is. */
export type TeachingEnd = (typeof TEACHING_ENDS)[number];

/** What the sender's mirror holds of a table: rows that live longer than the cut. */
export interface Digest {
  readonly kind: 'digest';
  /** The sender's number for it. */
  readonly table: number;
  readonly cut: number;
  readonly rows: number;
  /** The upper and lower half of the sum over the rows. */
  readonly high: number;
  readonly low: number;
  /** The last batch of rows that the sender has received. */
  readonly heard: number;
}

export interface DigestVerdict {
  readonly kind: 'digest-verdict';
  /** The reader's own number for it, as its digest said. */
  readonly table: number;
  readonly verdict: Verdict;
}

/** `busy`: more rows were on their way, so that nothing can be said. */
export type Verdict = (typeof VERDICTS)[number];

const TEACHING_ENDS = ['complete', 'partial', 'no-proxy'] as const;
const VERDICTS = ['equal', 'differs', 'busy'] as const;

/** Numbers on the wire; 3 are rows. */
const TYPES = {
  hello: 1,
  definition: 2,
  acknowledged: 4,
  'teach-asked': 5,
  'teaching-ends': 6,
  digest: 7,
  'digest-verdict': 8,
  alive: 9,
} as const satisfies Record<LinkMessage['kind'], number>;

const KINDS = kindsByType<LinkMessage['kind']>(TYPES);

const MOST_NODE_BYTES = 255;
const COUNT = { least: 0, most: Number.MAX_SAFE_INTEGER };
const UINT32 = { least: 0, most: MOST_UINT32 };

/** Undefined for a type that this version does not know. Bytes behind the fields that we know are skipped. Never throws. */
export function readLinkMessage(frame: LinkFrame): Result<LinkMessage | undefined, PeersViolation> {
  return readTypedFrame(frame, KINDS, READERS);
}

const READERS: Readonly<Record<LinkMessage['kind'], (payload: PayloadReader) => LinkMessage>> = {
  hello: (payload) => {
    const protocol = payload.number('protocol', { least: 1, most: MOST_UINT32 });
    const length = payload.number('node length', { least: 1, most: MOST_NODE_BYTES });
    const node = payload.text('node', length);
    const epoch = payload.number('epoch', COUNT);
    const clock = readTime(payload, 'clock');
    return { kind: 'hello', protocol, node, epoch, clock, seed: readSeed(payload) };
  },
  definition: (payload) => ({ kind: 'definition', table: readDefinition(payload) }),
  acknowledged: (payload) => ({
    kind: 'acknowledged',
    sequence: payload.number('sequence', COUNT),
  }),
  'teach-asked': () => ({ kind: 'teach-asked' }),
  'teaching-ends': (payload) => ({
    kind: 'teaching-ends',
    how: readChoice(payload, 'end of teaching', TEACHING_ENDS),
  }),
  digest: readDigest,
  'digest-verdict': (payload) => {
    const table = payload.number('table id', UINT32);
    return { kind: 'digest-verdict', table, verdict: readChoice(payload, 'verdict', VERDICTS) };
  },
  alive: (payload) => ({ kind: 'alive', clock: readTime(payload, 'clock') }),
};

function readSeed(payload: PayloadReader): HashSeed {
  const high = payload.uint32('upper half of the seed');
  const low = payload.uint32('lower half of the seed');
  return { high, low, since: readTime(payload, 'time of the seed') };
}

function readDigest(payload: PayloadReader): Digest {
  const table = payload.number('table id', UINT32);
  const cut = readTime(payload, 'cut');
  const rows = payload.number('rows', COUNT);
  const high = payload.uint32('upper half of the sum');
  const low = payload.uint32('lower half of the sum');
  return { kind: 'digest', table, cut, rows, high, low, heard: payload.number('heard', COUNT) };
}

function readTime(payload: PayloadReader, where: string): number {
  const time = payload.float64(where);
  if (!isVersion(time)) {
    const expected = 'milliseconds since 1970';
    payload.refuse({ code: 'out-of-range', where, found: String(time), expected });
  }
  return time;
}

/** The first of the choices after a violation. */
function readChoice<T>(payload: PayloadReader, where: string, choices: readonly [T, ...T[]]): T {
  const number = payload.varint(where);
  const known = choices[typeof number === 'number' ? number : -1];
  if (known === undefined) {
    const expected = `0 to ${String(choices.length - 1)}`;
    payload.refuse({ code: 'not-known', where, found: String(number), expected });
  }
  return known ?? choices[0];
}

/** What the wire cannot say is our mistake and throws. */
export function writeLinkMessage(message: LinkMessage): LinkFrame {
  const payload = new PayloadWriter();
  writeFields(payload, message);
  return { type: TYPES[message.kind], body: payload.written };
}

function writeFields(payload: PayloadWriter, message: LinkMessage): void {
  switch (message.kind) {
    case 'hello':
      payload.varint(message.protocol).text(message.node).varint(message.epoch);
      payload.float64(message.clock);
      payload.uint32(message.seed.high).uint32(message.seed.low);
      payload.float64(message.seed.since);
      return;
    case 'definition':
      writeDefinition(payload, message.table);
      return;
    case 'acknowledged':
      payload.varint(message.sequence);
      return;
    case 'teach-asked':
      return;
    case 'teaching-ends':
      payload.varint(TEACHING_ENDS.indexOf(message.how));
      return;
    case 'digest':
      payload.varint(message.table);
      payload.float64(message.cut);
      payload.varint(message.rows).uint32(message.high).uint32(message.low).varint(message.heard);
      return;
    case 'digest-verdict':
      payload.varint(message.table).varint(VERDICTS.indexOf(message.verdict));
      return;
    case 'alive':
      payload.float64(message.clock);
      return;
    default:
      unreachable(message);
  }
}
