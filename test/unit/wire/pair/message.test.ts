import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../../../src/base/time.js';
import { pack } from '../../../../src/wire/pair/message-pack.js';
import type { PairMessage } from '../../../../src/wire/pair/message.js';
import { readMessage, writeMessage } from '../../../../src/wire/pair/message.js';
import { OWN } from '../../core/given.js';

const GROUP = {
  group: 'web',
  role: 'master',
  priority: 254,
  interval: millis(1000),
  address: OWN,
  lan: 'reachable',
} as const;
const MESSAGES: readonly PairMessage[] = [
  { kind: 'hello', node: 'lb1', release: '0.1.0', oldest: 1, newest: 4 },
  { kind: 'heartbeat', every: millis(100), sequence: 9, echo: 8, groups: [GROUP] },
  { kind: 'heartbeat', every: millis(10), sequence: 1, echo: 0, groups: [] },
  { kind: 'goodbye', why: 'stopping' },
  { kind: 'goodbye', why: 'handing over' },
  { kind: 'question', id: 1, ask: 'status', body: '{}' },
  { kind: 'answer', id: 1, outcome: 'more', body: '{' },
];

function read(type: number, body: unknown): ReturnType<typeof readMessage> {
  return readMessage({ type, version: 1, body: pack(body) });
}

describe('messages of the pair', () => {
  it.each(MESSAGES)('%j is read as it was written', (message) => {
    expect(readMessage(writeMessage(message, 2))).toEqual({ ok: true, value: message });
  });

  it('heartbeats have no numbers in version 1', () => {
    const numbered = { kind: 'heartbeat', every: millis(100), sequence: 9, echo: 8 } as const;
    expect(readMessage(writeMessage({ ...numbered, groups: [GROUP] }, 1))).toEqual({
      ok: true,
      value: { ...numbered, sequence: 0, echo: 0, groups: [GROUP] },
    });
  });

  it('fields of a later version are passed over, and so are types', () => {
    const later = { why: 'stopping', because: 'of an upgrade' };
    expect(read(3, later)).toEqual({ ok: true, value: { kind: 'goodbye', why: 'stopping' } });
    expect(read(200, later)).toEqual({ ok: true, value: undefined });
  });

  it.each<[number, unknown, string]>([
    [1, { node: 'lb1', release: '1', oldest: 0, newest: 1 }, 'hello.oldest'],
    [1, { node: '', release: '1', oldest: 1, newest: 1 }, 'hello.node'],
    [1, { node: 'n'.repeat(65), release: '1', oldest: 1, newest: 1 }, 'hello.node'],
    [1, 'lb1', 'hello'],
    [2, { every: 0, groups: [] }, 'heartbeat.every'],
    [2, { every: 100, sequence: -1, groups: [] }, 'heartbeat.sequence'],
    [2, { every: 100, echo: 1.5, groups: [] }, 'heartbeat.echo'],
    [2, { every: Number.NaN, groups: [] }, 'heartbeat.every'],
    [2, { every: 100, groups: [{ ...GROUP, role: 'king' }] }, 'heartbeat.groups.0.role'],
    [2, { every: 100, groups: [{ ...GROUP, address: '10.77' }] }, 'heartbeat.groups.0.address'],
    [2, { every: 100, groups: [{ ...GROUP, priority: 256 }] }, 'heartbeat.groups.0.priority'],
    [2, { every: 100, groups: Array.from({ length: 65 }, () => GROUP) }, 'heartbeat.groups'],
    [3, { why: 'tired' }, 'goodbye.why'],
    [3, {}, 'goodbye.why'],
    [4, { id: 0, ask: 'status', body: '' }, 'question.id'],
    [4, { id: 1, ask: 'status', body: 'x'.repeat(16_385) }, 'question.body'],
    [5, { id: 1, outcome: 'perhaps', body: '' }, 'answer.outcome'],
  ])('type %i of %j is not believed: %s', (type, body, where) => {
    expect(read(type, body)).toMatchObject({ ok: false, error: { where } });
  });

  it('noise is not believed either, and never throws', () => {
    expect(readMessage({ type: 1, version: 1, body: new Uint8Array() })).toMatchObject({
      ok: false,
      error: { where: 'hello' },
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 }),
        fc.uint8Array({ maxLength: 200 }),
        (type, body) => {
          expect(readMessage({ type, version: 1, body })).toHaveProperty('ok');
        },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.object(), (type, body) => {
        expect(read(type, body)).toHaveProperty('ok');
      }),
    );
  });
});
