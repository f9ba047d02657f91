import { expect, it } from 'vitest';
import { acceptKey, FrameReader, frameOf } from '../../../../src/lab/hitless/web-socket.js';

it('proves that it understood, as RFC 6455 §1.3 has it', () => {
  expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

it('writes frames as RFC 6455 §5.7 shows them, but for their type', () => {
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  expect(frameOf(Buffer.from('Hello')).toString('hex')).toBe('820548656c6c6f');
  expect(frameOf(Buffer.from('Hello'), mask).toString('hex')).toBe(
    '818537fa213d7f9f4d5158'.replace('81', '82'),
  );
});

it.each([0, 1, 125, 126, 1_000, 65_535])(
  'reads messages of %i bytes back, in whatever pieces',
  (length) => {
    const message = Buffer.alloc(length, 7);
    const mask = Buffer.from([1, 2, 3, 4]);
    const bytes = Buffer.concat([frameOf(message, mask), frameOf(message)]);
    for (const size of [1, 3, bytes.length]) {
      const reader = new FrameReader();
      const read: Buffer[] = [];
      for (let at = 0; at < Math.min(bytes.length, 4_000); at += size) {
        read.push(...reader.push(bytes.subarray(at, Math.min(at + size, 4_000))));
      }
      read.push(...reader.push(bytes.subarray(4_000)));
      expect(read).toEqual([message, message]);
    }
  },
);
