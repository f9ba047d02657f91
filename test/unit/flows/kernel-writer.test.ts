/** Orders for the kernel. */
import { setImmediate as settled } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ok } from '../../../src/base/result.js';
import { KernelWriter } from '../../../src/flows/kernel-writer.js';
import type { KernelOrder } from '../../../src/flows/kernel-writer.js';
import { MOST_FLOWS_AT_ONCE } from '../../../src/ports/flow-table.js';
import { FlowIds } from '../../../src/wire/conntrack/flow-id.js';
import { NATTED } from '../wire/conntrack/given-flows.js';

const ids = new FlowIds();

function orders(count: number): readonly KernelOrder[] {
  return Array.from({ length: count }, (_, sourcePort) => {
    const flow = { ...NATTED, original: { ...NATTED.original, sourcePort } };
    return { kind: 'replace', id: ids.of(flow), flow };
  });
}

function given() {
  const turns: (() => void)[] = [];
  const did = { put: 0, taken: 0, done: 0 };
  const writer = new KernelWriter({
    table: {
      put: (flows) => {
        did.put += flows.length;
        return Promise.resolve(ok([]));
      },
      remove: () => Promise.resolve(ok([])),
    },
    refused: () => undefined,
    taken: () => {
      did.taken += 1;
    },
    chore: () => undefined,
    nextTurn: () =>
      new Promise((resolve) => {
        turns.push(resolve);
      }),
  });
  const add = (count: number): void => {
    writer.add({
      orders: orders(count),
      done: () => {
        did.done += 1;
      },
    });
  };
  return { writer, did, turns, add };
}

/** What is carried out before others have a turn. */
const A_TURN = 16 * MOST_FLOWS_AT_ONCE;

it('lets others have their turn, and tells the end of a long job once', async () => {
  const { did, turns, add } = given();
  add(2 * A_TURN + 1);
  await settled();
  expect(did).toEqual({ put: A_TURN, taken: A_TURN, done: 0 });
  turns.shift()?.();
  await settled();
  turns.shift()?.();
  await settled();
  expect(did).toEqual({ put: 2 * A_TURN + 1, taken: 2 * A_TURN + 1, done: 1 });
});

it('does no more when it is stopped meanwhile', async () => {
  const { writer, did, turns, add } = given();
  add(2 * A_TURN);
  await settled();
  writer.stop();
  turns.shift()?.();
  await settled();
  expect(did).toEqual({ put: A_TURN, taken: A_TURN, done: 0 });
});
