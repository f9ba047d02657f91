import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { ok } from '../../../src/base/result.js';
import type { ChecksumForm } from '../../../src/wire/vrrp-checksum.js';
import { checksumFor, checksumForm } from '../../../src/wire/vrrp-checksum.js';

const ENDPOINTS = { source: '198.51.100.10' as Ip, destination: '224.0.0.18' as Ip };
const BLANK = Uint8Array.from(Buffer.from('3133c80100640000c0000264', 'hex'));

describe('RFC 9568 §5.2.8 a checksum', () => {
  it.each<[ChecksumForm, number]>([
    ['without-pseudo-header', 0x4402],
    // Words of the pseudo-header: c633 640a e000 0012 0070 000c.
    ['with-pseudo-header', 0x3935],
  ])('%s is as computed by hand, and recognized', (form, right) => {
    expect(checksumFor(BLANK, ENDPOINTS, form)).toBe(right);
    const message = Uint8Array.from(BLANK);
    message.set([right >>> 8, right & 0xff], 6);
    expect(
      checksumForm(message, ENDPOINTS, ['with-pseudo-header', 'without-pseudo-header']),
    ).toEqual(ok(form));
  });

  it('in a form that nobody asked for is refused, and told both right ones', () => {
    const message = Uint8Array.from(BLANK);
    message.set([0x39, 0x35], 6);
    expect(checksumForm(message, ENDPOINTS, ['without-pseudo-header'])).toEqual({
      ok: false,
      error: {
        found: 0x3935,
        expected: { 'without-pseudo-header': 0x4402, 'with-pseudo-header': 0x3935 },
      },
    });
  });

  it('RFC 8200 §8.1 over IPv6 covers the longer addresses', () => {
    const endpoints = { source: 'fe80::1' as Ip, destination: 'ff02::12' as Ip };
    // fe80 + 1 + ff02 + 12 + 70 + c, and the words of the message.
    expect(checksumFor(BLANK, endpoints, 'with-pseudo-header')).toBe(0x45ef);
  });
});
