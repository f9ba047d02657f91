import { describe, expect, it } from 'vitest';
import type { DrillFault } from '../../../src/core/drill-fault.js';
import {
  LONGEST_FAULT,
  MOST_DROPPED,
  MOST_FAULTS,
  readHandOrder,
} from '../../../src/wire/pair/drill.js';
import { cidr, ip } from '../../contract/expected.js';

const order = { id: 'lb1-1', drill: 'channel-cut', by: 'lb1', armedForMs: 1, lastsMs: 1 };

const EVERY_KIND: Readonly<Record<DrillFault['kind'], DrillFault>> = {
  signal: { kind: 'signal', to: 'proxy', signal: 'stop' },
  'restart-daemon': { kind: 'restart-daemon' },
  'bad-proxy-config': { kind: 'bad-proxy-config' },
  'link-down': { kind: 'link-down', interface: 'eth0' },
  drop: {
    kind: 'drop',
    packets: [
      { what: 'everything', interface: 'eth0' },
      { what: 'adverts', interface: 'eth0', direction: 'in' },
      { what: 'port', port: 4194 },
      { what: 'server', address: ip('fd00::1'), port: 80 },
    ],
  },
  'remove-address': { kind: 'remove-address', address: cidr('10.0.0.1/24'), interface: 'eth0' },
  'add-address': { kind: 'add-address', address: cidr('fd00::1/64'), interface: 'eth0' },
  'burn-processors': { kind: 'burn-processors', processes: 4 },
  'fill-disk': { kind: 'fill-disk' },
  'power-off': { kind: 'power-off', node: 'lb2' },
};

describe('a fault', () => {
  it.each(Object.values(EVERY_KIND))('$kind is told to the other node and read there', (fault) => {
    const told = { ...order, faults: [fault] };
    expect(readHandOrder(JSON.stringify(told))).toEqual({ ok: true, value: told });
  });

  it('is one of a bounded number, for a bounded time', () => {
    const fault = EVERY_KIND['fill-disk'];
    const many = (count: number) => JSON.stringify({ ...order, faults: Array(count).fill(fault) });
    expect(readHandOrder(many(MOST_FAULTS)).ok).toBe(true);
    expect(readHandOrder(many(MOST_FAULTS + 1)).ok).toBe(false);
    const lasting = (lastsMs: number) => JSON.stringify({ ...order, faults: [], lastsMs });
    expect(readHandOrder(lasting(LONGEST_FAULT)).ok).toBe(true);
    expect(readHandOrder(lasting(LONGEST_FAULT + 1)).ok).toBe(false);
    const dropping = (count: number) => {
      const packets = Array(count).fill({ what: 'port', port: 1 });
      return JSON.stringify({ ...order, faults: [{ kind: 'drop', packets }] });
    };
    expect(readHandOrder(dropping(MOST_DROPPED)).ok).toBe(true);
    expect(readHandOrder(dropping(MOST_DROPPED + 1)).ok).toBe(false);
  });
});
