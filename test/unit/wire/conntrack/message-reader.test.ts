import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../src/wire/conntrack/flow.js';
import { FlowMessageReader } from '../../../../src/wire/conntrack/message-reader.js';
import { tuple } from './given-flows.js';
import { attribute, fromHex, nested, TOLD } from './given-messages.js';

function read(bytes: Uint8Array | readonly number[]): Flow | undefined {
  const body = Uint8Array.from(bytes);
  return new FlowMessageReader().read(Uint8Array.of(9, 9, 9, ...body, 9), 3, 3 + body.length);
}

const ADDRESSES = nested(1, attribute(1, 10, 0, 0, 1), attribute(2, 10, 0, 0, 2));
const PORTS = nested(2, attribute(1, 17), attribute(2, 0, 7), attribute(3, 0, 9));
const IPV6 = nested(
  1,
  attribute(3, ...new Uint8Array(16).fill(1)),
  attribute(4, ...new Uint8Array(16).fill(2)),
);
const ORIGINAL = nested(1, ADDRESSES, PORTS);
const REPLY = nested(2, ADDRESSES, PORTS);

function message(...attributes: readonly (readonly number[])[]): readonly number[] {
  return [2, 0, 0, 0, ...attributes.flat()];
}

describe('a message of a flow', () => {
  it.each(TOLD)('of %s is read as the kernel told it', (_what, hex, flow) => {
    expect(read(fromHex(hex))).toEqual(flow);
  });

  it('is read after another, of which nothing stays', () => {
    const reader = new FlowMessageReader();
    for (const [, hex, flow] of [...TOLD, ...TOLD.toReversed()]) {
      const bytes = fromHex(hex);
      expect(reader.read(bytes, 0, bytes.length)).toEqual(flow);
    }
  });

  it('may say nothing but its tuples, and things that are not known', () => {
    expect(read(message(attribute(99, 1), ORIGINAL, nested(7, attribute(1, 1)), REPLY))).toEqual({
      protocol: 17,
      zone: 0,
      original: tuple('10.0.0.1', '10.0.0.2', 7, 9),
      reply: tuple('10.0.0.1', '10.0.0.2', 7, 9),
      status: 0,
      timeout: 0,
      mark: 0,
      tcp: undefined,
      sctp: undefined,
    });
  });

  it.each<[string, readonly number[]]>([
    ['nothing', message()],
    ['no tuple of the answers', message(ORIGINAL)],
    ['no tuple of the questions', message(REPLY)],
    [
      'tuples of two protocols',
      message(ORIGINAL, nested(2, ADDRESSES, nested(2, attribute(1, 6)))),
    ],
    ['tuples of two families', message(ORIGINAL, nested(2, IPV6, PORTS))],
    [
      'two families in a tuple',
      message(
        nested(
          1,
          nested(1, attribute(1, 10, 0, 0, 1), attribute(4, ...new Uint8Array(16).fill(2))),
          PORTS,
        ),
        REPLY,
      ),
    ],
    ['no destination', message(nested(1, nested(1, attribute(1, 10, 0, 0, 1)), PORTS), REPLY)],
    [
      'an address of three bytes',
      message(
        nested(1, nested(1, attribute(1, 10, 0, 0), attribute(2, 10, 0, 0, 2)), PORTS),
        REPLY,
      ),
    ],
    [
      'an address of IPv6 of three bytes',
      message(nested(1, nested(1, attribute(3, 10, 0, 0), attribute(4, 10, 0, 0)), PORTS), REPLY),
    ],
    [
      'a zone of one direction alone',
      message(nested(1, ADDRESSES, PORTS, attribute(3, 0, 7)), REPLY),
    ],
  ])('with %s is none that can be put elsewhere', (_what, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });

  it.each<[string, readonly number[], Partial<Flow>]>([
    ['a status of two bytes', attribute(3, 1, 2), { status: 0 }],
    ['progress of a protocol that is not known', nested(4, nested(2, attribute(1, 3))), {}],
    [
      'progress of TCP with more in it',
      nested(4, nested(1, attribute(1, 3), attribute(9, 3))),
      { tcp: { state: 3, original: direction(), reply: direction() } },
    ],
    [
      'progress of SCTP with more in it',
      nested(4, nested(3, attribute(1, 3), attribute(9, 3))),
      { sctp: { state: 3, originalTag: 0, replyTag: 0 } },
    ],
    ['an attribute that is cut off', [200, 0, 3, 0, 0, 0, 0, 1], { status: 0 }],
    ['an attribute that is too short', [3, 0, 3, 0, 0, 0, 0, 1], { status: 0 }],
  ])('is read without %s that make no sense', (_what, bytes, expected) => {
    const flow = read(message(ORIGINAL, REPLY, bytes));
    expect(flow).toMatchObject({ tcp: undefined, sctp: undefined, ...expected });
  });

  it('may have things in its tuples that are not known', () => {
    const more = nested(1, nested(1, ADDRESSES.slice(4), attribute(9, 1)), PORTS, attribute(9, 1));
    const ports = nested(2, ADDRESSES, nested(2, PORTS.slice(4), attribute(12, 1)));
    expect(read(message(more, ports))).toEqual(read(message(ORIGINAL, REPLY)));
  });

  it('never makes the reader throw, whatever is in it', () => {
    const told = TOLD.map(([, hex]) => fromHex(hex));
    fc.assert(
      fc.property(
        fc.constantFrom(...told),
        fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 8 }),
        (bytes, changes) => {
          const changed = bytes.slice();
          for (const [at, value] of changes) {
            changed[at % changed.length] = value;
          }
          const flow = new FlowMessageReader().read(changed, 0, changed.length);
          expect(flow === undefined || flow.protocol <= 255).toBe(true);
        },
      ),
    );
  });
});

function direction() {
  return { windowScale: 0, flags: 0 };
}
