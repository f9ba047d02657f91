import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverseOf, PROTOCOL, sameTuple } from '../../../../src/wire/conntrack/protocol.js';
import { anyFlow, tuple } from './given-flows.js';

const ECHO = (type: number, code = 0) => tuple('10.0.0.1', '10.0.0.2', 77, (type << 8) | code);

describe('the inverse of a tuple', () => {
  it('has ends and ports the other way round', () => {
    const there = tuple('10.0.0.1', '10.0.0.2', 1, 2);
    expect(inverseOf(there, PROTOCOL.tcp)).toEqual(tuple('10.0.0.2', '10.0.0.1', 2, 1));
  });

  it.each([
    ['an echo', PROTOCOL.icmp, 8, 0],
    ['a timestamp', PROTOCOL.icmp, 13, 14],
    ['an echo of IPv6', PROTOCOL.icmpv6, 128, 129],
    ['a type that has no answer', PROTOCOL.icmp, 3, 3],
  ])('of %s keeps the identifier, and answers the type', (_what, protocol, asked, answer) => {
    const inverse = inverseOf(ECHO(asked, 5), protocol);
    expect(inverse).toEqual(tuple('10.0.0.2', '10.0.0.1', 77, (answer << 8) | 5));
  });

  it('of the inverse is the tuple', () => {
    fc.assert(
      fc.property(anyFlow, ({ original, protocol }) => {
        const again = inverseOf(inverseOf(original, protocol), protocol);
        expect(again).toEqual(original);
        expect(sameTuple(again, original)).toBe(true);
      }),
    );
  });
});

describe('two tuples', () => {
  const one = tuple('10.0.0.1', '10.0.0.2', 1, 2);
  it.each([
    tuple('10.0.0.3', '10.0.0.2', 1, 2),
    tuple('10.0.0.1', '10.0.0.3', 1, 2),
    tuple('10.0.0.1', '10.0.0.2', 3, 2),
    tuple('10.0.0.1', '10.0.0.2', 1, 3),
  ])('are not the same where one field is another', (other) => {
    expect(sameTuple(one, other)).toBe(false);
  });
});
