import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../../src/base/ipv4.js';
import { ipv4FromBytes } from '../../../src/base/ipv4.js';
import type { MacAddress } from '../../../src/base/mac.js';
import { macFromBytes } from '../../../src/base/mac.js';
import { ok } from '../../../src/base/result.js';
import type { GratuitousForm } from '../../../src/wire/arp.js';
import {
  ARP_FRAME_BYTES,
  BROADCAST_MAC,
  decodeArp,
  encodeArpRequest,
  encodeGratuitousArp,
  NO_MAC,
} from '../../../src/wire/arp.js';

const MAC = '02:00:00:00:00:0a' as MacAddress;
const VIP = '10.77.0.100' as Ipv4;
const FORMS: readonly GratuitousForm[] = ['request', 'reply'];

function changed(changes: Readonly<Record<number, number>>): Uint8Array {
  const frame = encodeGratuitousArp({ form: 'request', mac: MAC, address: VIP });
  for (const [at, value] of Object.entries(changes)) {
    frame[Number(at)] = value;
  }
  return frame;
}

describe('a gratuitous ARP', () => {
  it.each<[string, GratuitousForm, string]>([
    [
      'RFC 5227 §2.3 as a request has no target hardware address',
      'request',
      'ffffffffffff02000000000a08060001080006040001' +
        '02000000000a0a4d0064' +
        '0000000000000a4d0064',
    ],
    [
      'RFC 5944 §4.6 as a reply names the new owner twice',
      'reply',
      'ffffffffffff02000000000a08060001080006040002' +
        '02000000000a0a4d0064' +
        '02000000000a0a4d0064',
    ],
  ])('%s', (_name, form, expected) => {
    const frame = encodeGratuitousArp({ form, mac: MAC, address: VIP });
    expect(Buffer.from(frame).toString('hex')).toBe(expected);
    expect(frame).toHaveLength(ARP_FRAME_BYTES);
  });

  it('reads back as it was written, with padding and without', () => {
    const macs = fc.uint8Array({ minLength: 6, maxLength: 6 });
    const addresses = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const padding = fc.constantFrom(0, 18);
    fc.assert(
      fc.property(fc.constantFrom(...FORMS), macs, addresses, padding, (form, six, four, more) => {
        const [mac, address] = [macFromBytes(six, 0), ipv4FromBytes(four, 0)];
        const frame = encodeGratuitousArp({ form, mac, address });
        expect(decodeArp(Uint8Array.from([...frame, ...new Uint8Array(more)]))).toEqual(
          ok({
            operation: form,
            senderMac: mac,
            senderAddress: address,
            targetMac: form === 'request' ? NO_MAC : mac,
            targetAddress: address,
            sourceMac: mac,
            destinationMac: BROADCAST_MAC,
          }),
        );
      }),
    );
  });
});

describe('RFC 826 a frame', () => {
  it('names sender and target apart', () => {
    const frame = Uint8Array.from({ length: 42 }, (_, at) => at);
    frame.set([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 2], 12);
    expect(decodeArp(frame)).toEqual(
      ok({
        operation: 'reply',
        destinationMac: '00:01:02:03:04:05',
        sourceMac: '06:07:08:09:0a:0b',
        senderMac: '16:17:18:19:1a:1b',
        senderAddress: '28.29.30.31',
        targetMac: '20:21:22:23:24:25',
        targetAddress: '38.39.40.41',
      }),
    );
  });

  it('cut short is refused at every length', () => {
    for (let length = 0; length < 42; length += 1) {
      const error = { code: 'truncated', found: length, expected: 42 };
      expect(decodeArp(changed({}).subarray(0, length))).toEqual({ ok: false, error });
    }
  });

  it.each([
    [{ 13: 0x00 }, { code: 'ether-type', found: 0x0800, expected: 0x0806 }],
    [
      { 12: 0x81, 13: 0x00 },
      { code: 'ether-type', found: 0x8100, expected: 0x0806 },
    ],
    [{ 15: 6 }, { code: 'not-ipv4-over-ethernet', found: '0 6 8 0 6 4', expected: '0 1 8 0 6 4' }],
    [
      { 19: 16 },
      { code: 'not-ipv4-over-ethernet', found: '0 1 8 0 6 16', expected: '0 1 8 0 6 4' },
    ],
    [{ 21: 0 }, { code: 'operation', found: 0, expected: '1 or 2' }],
    [{ 21: 3 }, { code: 'operation', found: 3, expected: '1 or 2' }],
    [{ 20: 1 }, { code: 'operation', found: 257, expected: '1 or 2' }],
  ])('with %j is refused', (changes, error) => {
    expect(decodeArp(changed(changes))).toEqual({ ok: false, error });
  });

  it('survives noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        expect(decodeArp(noise).ok).toBe(false);
      }),
    );
  });
});

describe('a question', () => {
  it('RFC 826 asks everyone who has the target, and names the asker', () => {
    const sender = '10.77.0.11' as Ipv4;
    const frame = encodeArpRequest({ mac: MAC, sender, target: VIP });
    expect(decodeArp(frame)).toEqual(
      ok({
        operation: 'request',
        senderMac: MAC,
        senderAddress: sender,
        targetMac: NO_MAC,
        targetAddress: VIP,
        sourceMac: MAC,
        destinationMac: BROADCAST_MAC,
      }),
    );
  });
});
