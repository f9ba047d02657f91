/** What the kernel is told of which flows are followed. */
import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { Result } from '../../../src/base/result.js';
import { done, fail } from '../../../src/base/result.js';
import { EventLimits } from '../../../src/flows/event-limits.js';
import type { LeaseRefusal } from '../../../src/ports/lease-table.js';
import { HandClock, settled } from '../engine/fakes.js';

const selection = (address: string) => ({ addresses: [address as Ip], networks: [] });
const REFUSED = fail<LeaseRefusal>({ code: 'refused', detail: 'no nftables' });

function given() {
  const clock = new HandClock();
  const did: string[] = [];
  const answers: ((answer: Result<undefined, LeaseRefusal>) => void)[] = [];
  const limits = new EventLimits({
    clock,
    events: {
      select: ({ addresses }) => {
        did.push(`select ${addresses.join()}`);
        return new Promise((resolve) => {
          answers.push(resolve);
        });
      },
      dismantle: () => {
        did.push('dismantle');
        return Promise.resolve(done);
      },
    },
    refused: (detail) => {
      did.push(`refused: ${detail}`);
    },
  });
  const answer = async (with_: Result<undefined, LeaseRefusal> = done): Promise<void> => {
    await settled();
    answers.shift()?.(with_);
    await settled();
  };
  return { limits, did, answer, clock };
}

it('is loaded once, and again after a minute, whether or not it was taken', async () => {
  const { limits, did, answer, clock } = given();
  limits.set(selection('10.0.0.1'));
  limits.set(selection('10.0.0.1'));
  await answer(REFUSED);
  expect(did).toEqual(['select 10.0.0.1', 'refused: no nftables']);
  for (let minute = 0; minute < 2; minute += 1) {
    const before = clock.now();
    clock.ringNext();
    expect(clock.now() - before).toBe(60_000);
    await answer();
  }
  expect(did.slice(2)).toEqual(['select 10.0.0.1', 'select 10.0.0.1']);
});

it('is taken away behind the load that is under way, and not loaded any more', async () => {
  const { limits, did, answer, clock } = given();
  limits.set(selection('10.0.0.1'));
  await settled();
  limits.set(selection('10.0.0.2'));
  const ended = limits.end();
  await settled();
  expect(did).toEqual(['select 10.0.0.1']);
  await answer();
  await ended;
  expect(did).toEqual(['select 10.0.0.1', 'dismantle']);
  expect(clock.pending()).toEqual([]);
});
