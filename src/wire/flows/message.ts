/** What two flow replicators say to each other, but for the flows themselves (batch.ts). */
import type { Ip } from '../../base/ip.js';
import { parseIp } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { invariant, unreachable } from '../../base/unreachable.js';
import { byteAt } from '../octets.js';
import type { PeersViolation } from '../peers/payload.js';
import type { PayloadReader } from '../peers/payload.js';
import { MOST_UINT32, PayloadWriter } from '../peers/payload.js';
import type { LinkFrame } from '../tables/frame.js';
import { kindsByType, readTypedFrame } from '../tables/typed-frame.js';
import { BUCKETS } from './flow-hash.js';

export type FlowMessage =
  | FlowHello
  /** All batches up to this one have been given to the kernel there. */
  | { readonly kind: 'acknowledged'; readonly sequence: number }
  /** Of which addresses the sender is the master now; said anew whenever that changes. */
  | { readonly kind: 'owns'; readonly addresses: readonly Ip[] }
  /** All flows of these parts that the sender answers for follow; whatever is not among them has ended. */
  | { readonly kind: 'list-begins'; readonly buckets: Buckets }
  | { readonly kind: 'list-ends'; readonly buckets: Buckets }
  | FlowDigest
  | FlowVerdict
  | FlowAlive;

export interface FlowHello {
  readonly kind: 'hello';
  /** The newest version of this protocol that the sender speaks. */
  readonly protocol: number;
  readonly node: string;
}

/** What the sender has said of flows so far, part by part. */
export interface FlowDigest {
  readonly kind: 'digest';
  /** Counted from 1 on each connection. */
  readonly round: number;
  /** Of each bucket: how many flows, and the hashes of all of them added up. */
  readonly counts: Uint32Array;
  readonly sums: Uint32Array;
}

/** Which parts the reader of a digest has otherwise. */
export interface FlowVerdict {
  readonly kind: 'verdict';
  readonly round: number;
  readonly differing: Buckets;
  /** Flows of the sender of the digest that were not taken so far, on this connection. */
  readonly refused: number;
}

/** Nothing else was to be said for a while; and what the difference between the two clocks is found by. */
export interface FlowAlive {
  readonly kind: 'alive';
  /** What the sender's clock reads: milliseconds of its own. */
  readonly clock: number;
  /** What the reader's had read in the last such message that came; 0 where none did. */
  readonly echo: number;
  /** How long ago that came. */
  readonly heldFor: number;
}

/** Some of all the parts: in ascending order, each once. */
export type Buckets = readonly number[];

export const ALL_BUCKETS: Buckets = Array.from(new Array(BUCKETS).keys());

/** Numbers on the wire; 3 are flows. */
const TYPES = {
  hello: 1,
  acknowledged: 4,
  owns: 5,
  'list-begins': 6,
  'list-ends': 7,
  digest: 8,
  verdict: 9,
  alive: 10,
} as const satisfies Record<FlowMessage['kind'], number>;

const KINDS = kindsByType<FlowMessage['kind']>(TYPES);

const MOST_NODE_BYTES = 255;
/** Longer than any address. */
const MOST_ADDRESS_BYTES = 45;
/** Far more than 16 groups have. */
const MOST_ADDRESSES = 1024;
const COUNT = { least: 0, most: Number.MAX_SAFE_INTEGER };
const UINT32 = { least: 0, most: MOST_UINT32 };

/** Undefined for a type that this version does not know. Bytes behind the fields that we know are skipped. Never throws. */
export function readFlowMessage(frame: LinkFrame): Result<FlowMessage | undefined, PeersViolation> {
  return readTypedFrame(frame, KINDS, READERS);
}

const READERS: Readonly<Record<FlowMessage['kind'], (payload: PayloadReader) => FlowMessage>> = {
  hello: (payload) => {
    const protocol = payload.number('protocol', { least: 1, most: MOST_UINT32 });
    const length = payload.number('node length', { least: 1, most: MOST_NODE_BYTES });
    return { kind: 'hello', protocol, node: payload.text('node', length) };
  },
  acknowledged: (payload) => ({
    kind: 'acknowledged',
    sequence: payload.number('sequence', UINT32),
  }),
  owns: (payload) => ({ kind: 'owns', addresses: readAddresses(payload) }),
  'list-begins': (payload) => ({ kind: 'list-begins', buckets: readBuckets(payload) }),
  'list-ends': (payload) => ({ kind: 'list-ends', buckets: readBuckets(payload) }),
  digest: (payload) => ({
    kind: 'digest',
    round: payload.number('round', COUNT),
    counts: readWords(payload, 'counts of flows'),
    sums: readWords(payload, 'sums of flows'),
  }),
  verdict: (payload) => ({
    kind: 'verdict',
    round: payload.number('round', COUNT),
    differing: readBuckets(payload),
    refused: payload.number('refused flows', COUNT),
  }),
  alive: (payload) => ({
    kind: 'alive',
    clock: readTime(payload, 'clock'),
    echo: readTime(payload, 'echo of a clock'),
    heldFor: readTime(payload, 'age of an echo'),
  }),
};

function readAddresses(payload: PayloadReader): readonly Ip[] {
  const addresses: Ip[] = [];
  const count = payload.number('number of addresses', { least: 0, most: MOST_ADDRESSES });
  for (let index = 0; index < count && payload.violation === undefined; index += 1) {
    const length = payload.number('length of an address', { least: 1, most: MOST_ADDRESS_BYTES });
    const text = payload.text('address', length);
    const parsed = parseIp(text);
    if (parsed.ok) {
      addresses.push(parsed.value);
    } else {
      payload.refuse({ code: 'malformed', where: 'address', found: text, expected: 'an address' });
    }
  }
  return addresses;
}

/** One bit for each. */
function readBuckets(payload: PayloadReader): Buckets {
  const buckets: number[] = [];
  payload.bytes('parts', BUCKETS / 8).forEach((byte, at) => {
    for (let bit = 0; bit < 8; bit += 1) {
      if ((byte & (1 << bit)) !== 0) {
        buckets.push(at * 8 + bit);
      }
    }
  });
  return buckets;
}

function readWords(payload: PayloadReader, where: string): Uint32Array {
  const words = new Uint32Array(BUCKETS);
  const bytes = payload.bytes(where, BUCKETS * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 4) {
    words[at / 4] = view.getUint32(at);
  }
  return words;
}

/** Of a clock that began at a boot, or a duration. */
function readTime(payload: PayloadReader, where: string): number {
  const time = payload.float64(where);
  if (time >= 0 && time <= Number.MAX_SAFE_INTEGER) {
    return time;
  }
  const expected = 'milliseconds since a boot';
  payload.refuse({ code: 'out-of-range', where, found: String(time), expected });
  return 0;
}

/** What the wire cannot say is our mistake and throws. */
export function writeFlowMessage(message: FlowMessage): LinkFrame {
  const payload = new PayloadWriter();
  writeFields(payload, message);
  return { type: TYPES[message.kind], body: payload.written };
}

function writeFields(payload: PayloadWriter, message: FlowMessage): void {
  switch (message.kind) {
    case 'hello':
      payload.varint(message.protocol).text(message.node);
      return;
    case 'acknowledged':
      payload.varint(message.sequence);
      return;
    case 'owns':
      invariant(
        message.addresses.length <= MOST_ADDRESSES,
        'groups have so many addresses at most',
      );
      payload.varint(message.addresses.length);
      message.addresses.forEach((each) => payload.text(each));
      return;
    case 'list-begins':
    case 'list-ends':
      writeBuckets(payload, message.buckets);
      return;
    case 'digest':
      payload.varint(message.round);
      message.counts.forEach((each) => payload.uint32(each));
      message.sums.forEach((each) => payload.uint32(each));
      return;
    case 'verdict':
      payload.varint(message.round);
      writeBuckets(payload, message.differing);
      payload.varint(message.refused);
      return;
    case 'alive':
      payload.float64(message.clock);
      payload.float64(message.echo);
      payload.float64(message.heldFor);
      return;
    default:
      unreachable(message);
  }
}

function writeBuckets(payload: PayloadWriter, buckets: Buckets): void {
  const bits = new Uint8Array(BUCKETS / 8);
  for (const bucket of buckets) {
    bits[bucket >> 3] = byteAt(bits, bucket >> 3) | (1 << (bucket & 7));
  }
  payload.bytes(bits);
}
