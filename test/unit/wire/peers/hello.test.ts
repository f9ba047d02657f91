import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeersStatus } from '../../../../src/wire/peers/hello.js';
import {
  encodePeersHello,
  encodePeersStatus,
  MOST_LINE_BYTES,
  readPeersHello,
  readPeersStatus,
} from '../../../../src/wire/peers/hello.js';

const HELLO = { minor: 1, called: 'nodeB', caller: 'nodeA', pid: 4711 } as const;
const TEXT = 'HAProxyS 2.1\nnodeB\nnodeA 4711 1\n';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

describe('the hello of who dials', () => {
  it('has three lines', () => {
    expect(encodePeersHello(HELLO)).toEqual(bytes(TEXT));
    expect(encodePeersHello({ ...HELLO, minor: 0 })).toEqual(bytes(TEXT.replace('2.1', '2.0')));
  });

  it.each([
    ['our own form', TEXT, HELLO],
    ['carriage returns', TEXT.replaceAll('\n', '\r\n'), HELLO],
    ['version 2.0', TEXT.replace('2.1', '2.0'), { ...HELLO, minor: 0 }],
    ['nothing behind the process', TEXT.replace(' 1\n', '\n'), HELLO],
    ['more behind the process', TEXT.replace(' 1\n', ' 1 shard 3\n'), HELLO],
  ])('is read in %s, and messages may follow at once', (_what, text, greeting) => {
    const read = readPeersHello(bytes(`${text}\u0000\u0004`));
    expect(read).toEqual({ ok: true, value: { greeting, end: text.length } });
  });

  it('is waited for as long as it is too short', () => {
    for (let length = 0; length < TEXT.length; length += 1) {
      expect(readPeersHello(bytes(TEXT.slice(0, length)))).toEqual({ ok: true, value: undefined });
    }
  });

  it.each([
    [
      'another protocol, told by its first line',
      'GET / HTTP/1.1\r\n',
      {
        code: 'not-known',
        where: 'protocol',
        found: '"GET / HTTP/1.1"',
        expected: 'HAProxyS 2.0 or HAProxyS 2.1',
      },
    ],
    [
      'a later version',
      'HAProxyS 2.2\n',
      {
        code: 'not-known',
        where: 'protocol',
        found: '"HAProxyS 2.2"',
        expected: 'HAProxyS 2.0 or HAProxyS 2.1',
      },
    ],
    [
      'an empty name',
      'HAProxyS 2.1\n\n',
      {
        code: 'malformed',
        where: 'name of the called peer',
        found: '""',
        expected: 'a name without white space',
      },
    ],
    [
      'a caller without process',
      'HAProxyS 2.1\nnodeB\nnodeA\n',
      {
        code: 'malformed',
        where: 'line of the caller',
        found: '"nodeA"',
        expected: 'a name and a process',
      },
    ],
    [
      'a line without end',
      `HAProxyS 2.1\n${'x'.repeat(MOST_LINE_BYTES + 1)}`,
      {
        code: 'too-long',
        where: 'line 2',
        found: `"${'x'.repeat(59)}`,
        expected: 'at most 512 bytes',
      },
    ],
    [
      'a line that ends too late',
      `${'x'.repeat(MOST_LINE_BYTES + 1)}\n`,
      {
        code: 'too-long',
        where: 'line 1',
        found: `"${'x'.repeat(59)}`,
        expected: 'at most 512 bytes',
      },
    ],
  ])('is refused: %s', (_what, text, error) => {
    expect(readPeersHello(bytes(text))).toEqual({ ok: false, error });
  });

  it('a name of the longest line is read', () => {
    const called = 'x'.repeat(MOST_LINE_BYTES);
    const read = readPeersHello(encodePeersHello({ ...HELLO, called }));
    expect(read).toMatchObject({ ok: true, value: { greeting: { called } } });
  });

  it.each([
    ['white space', { ...HELLO, called: 'node b' }],
    ['no name', { ...HELLO, caller: '' }],
    ['a long one', { ...HELLO, caller: 'x'.repeat(MOST_LINE_BYTES) }],
  ])('with %s is our mistake', (_what, hello) => {
    expect(() => encodePeersHello(hello)).toThrow('names of peers');
  });
});

describe('the status in answer', () => {
  it.each<[PeersStatus]>([[200], [300], [501], [502], [503], [504]])('%i', (status) => {
    expect(encodePeersStatus(status)).toEqual(bytes(`${String(status)}\n`));
    const read = readPeersStatus(bytes(`${String(status)}\n\u0000\u0000`));
    expect(read).toEqual({ ok: true, value: { greeting: status, end: 4 } });
  });

  it('is waited for, and refused where it is none', () => {
    expect(readPeersStatus(bytes('200'))).toEqual({ ok: true, value: undefined });
    expect(readPeersStatus(bytes('299\n'))).toEqual({
      ok: false,
      error: {
        code: 'not-known',
        where: 'status',
        found: '"299"',
        expected: 'one of 200, 300, 501, 502, 503, 504',
      },
    });
    expect(readPeersStatus(new Uint8Array(MOST_LINE_BYTES + 1))).toMatchObject({
      ok: false,
      error: { code: 'too-long' },
    });
  });
});

it('neither throws, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(40), (noise, cut) => {
      const after = Buffer.concat([bytes(TEXT.slice(0, cut)), noise]);
      for (const read of [readPeersHello(after), readPeersStatus(after)]) {
        expect(!read.ok || read.value === undefined || read.value.end <= after.length).toBe(true);
      }
    }),
  );
});
