import { describe, expect, it } from 'vitest';
import {
  AddressReader,
  MOST_REMEMBERED_ADDRESSES,
  Remembered,
} from '../../../../src/wire/conntrack/addresses.js';
import { ipBytes } from '../../../../src/base/ip.js';
import type { Ip } from '../../../../src/base/ip.js';

describe('addresses', () => {
  it.each(['10.77.0.100', '255.255.255.255', '0.0.0.0'])('%s is read again and again', (text) => {
    const reader = new AddressReader();
    const bytes = Uint8Array.of(9, ...ipBytes(text as Ip), 9);
    expect([reader.ipv4(bytes, 1), reader.ipv4(bytes, 1)]).toEqual([text, text]);
  });

  it.each(['fd77::100', '::', 'ffff::ffff'])('%s is read again and again', (text) => {
    const reader = new AddressReader();
    const bytes = Uint8Array.of(9, ...ipBytes(text as Ip), 9);
    expect([reader.ipv6(bytes, 1), reader.ipv6(bytes, 1)]).toEqual([text, text]);
  });
});

describe('what is remembered', () => {
  it('is bounded, and what is asked for stays', () => {
    const made: number[] = [];
    const memory = new Remembered<number, string>();
    const ask = (key: number) =>
      memory.of(key, (each) => {
        made.push(each);
        return String(each);
      });
    const answers: string[] = [];
    for (let key = 1; key <= 3 * MOST_REMEMBERED_ADDRESSES; key += 1) {
      answers.push(ask(key));
      ask(0);
    }
    expect(answers).toEqual(answers.map((_each, index) => String(index + 1)));
    expect(made.filter((key) => key === 0)).toEqual([0]);
    const before = made.length;
    ask(1);
    expect(made.length).toBe(before + 1);
  });
});
