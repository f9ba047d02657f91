/** What the kernel is loaded with, so that it tells of flows in few words. */
import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { flowEventsScript } from '../../../src/os/flow-events-script.js';

const SELECTION = { addresses: ['10.0.0.1' as Ip], networks: [] };

/** The events of the flows that each chain is for, each once, and when a packet goes to that of closed ones. */
function given(timeWait: number, others: readonly number[] = [60, 432_000]) {
  const script = flowEventsScript(SELECTION, { timeWait, others });
  const eventsOf = (chain: string): readonly string[] => {
    const [, rules = ''] = new RegExp(`chain ${chain} \\{\\n([^}]*)\\}`, 'u').exec(script) ?? [];
    return [...new Set([...rules.matchAll(/set (\S+)$/gmu)].map(([, events = '']) => events))];
  };
  const closed = /ct expiration .* goto closed/u.exec(script)?.[0];
  return { closed, events: ['begun', 'closed', 'broken'].map(eventsOf) };
}

it('a closed flow is told when its last packet has led it into TIME_WAIT, and its end is not', () => {
  expect(given(120)).toEqual({
    events: [['assured,destroy'], ['protoinfo'], ['protoinfo,destroy']],
    closed:
      'ct expiration <= 120s ct expiration > 119s ct status assured tcp flags & (fin | syn | rst) == 0 goto closed',
  });
  expect(given(1).closed).toContain('ct expiration <= 1s ct expiration > 0s');
});

it.each([60, 432_000])(
  'its end is told, too, where %i seconds do not tell TIME_WAIT from another state',
  (timeWait) => {
    expect(given(timeWait).events[1]).toEqual(['protoinfo,destroy']);
  },
);

it('nothing is told of closed flows where the kernel keeps none', () => {
  expect(given(0).closed).toBeUndefined();
});
