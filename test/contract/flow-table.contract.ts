/** What every FlowTable does. */
import { afterEach, describe, expect, it } from 'vitest';
import type { FlowEvent, FlowTable } from '../../src/ports/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../../src/ports/flow-table.js';
import type { Flow, FlowKey } from '../../src/wire/conntrack/flow.js';
import { PROTOCOL } from '../../src/wire/conntrack/protocol.js';
import { tuple } from '../unit/wire/conntrack/given-flows.js';
import { eventually, ip, value } from './expected.js';

export interface FlowTableSetup {
  readonly table: FlowTable;
  /** The same kernel's, as somebody else has it. */
  readonly others: FlowTable;
  readonly elapse: (ms: number) => Promise<void>;
}

/** IPS_SEEN_REPLY, IPS_ASSURED and IPS_CONFIRMED. */
const ASSURED = 14;
const PROGRESS = {
  state: 3,
  original: { windowScale: 7, flags: 0x03 },
  reply: { windowScale: 9, flags: 0x03 },
};

function udp(port: number, fields: Partial<Flow> = {}): Flow {
  return {
    protocol: PROTOCOL.udp,
    zone: 0,
    original: tuple('10.79.0.9', '10.78.0.53', port, 53),
    reply: tuple('10.78.0.53', '10.79.0.9', 53, port),
    status: ASSURED,
    timeout: 300,
    mark: 0,
    ...fields,
  };
}

const TCP: Flow = {
  ...udp(0),
  protocol: PROTOCOL.tcp,
  original: tuple('10.79.0.9', '10.78.0.11', 40_000, 80),
  reply: tuple('10.78.0.11', '10.79.0.9', 80, 40_000),
  timeout: 400_000,
  tcp: PROGRESS,
};

const FLOWS: readonly (readonly [string, Flow])[] = [
  ['routed UDP', udp(40_000)],
  ['routed TCP', TCP],
  ['one with a mark', { ...TCP, mark: 0xffff_fffe }],
  ['one of a zone', { ...TCP, zone: 7 }],
  [
    'one whose destination is translated',
    { ...TCP, reply: tuple('10.78.0.12', '10.79.0.9', 8_080, 40_000) },
  ],
  [
    'one whose source is translated',
    { ...TCP, reply: tuple('10.78.0.11', '10.78.0.100', 80, 50_001) },
  ],
  [
    'one whose ends are both translated',
    { ...TCP, reply: tuple('10.78.0.12', '10.78.0.100', 8_080, 50_001) },
  ],
  [
    'one whose port alone is translated',
    { ...TCP, reply: tuple('10.78.0.11', '10.79.0.9', 8_080, 40_000) },
  ],
  [
    'IPv6, both ends translated',
    {
      ...TCP,
      original: tuple('fd79::9', 'fd77::100', 40_000, 80),
      reply: tuple('fd78::12', 'fd78::100', 8_080, 50_001),
    },
  ],
  [
    'an echo whose identifier is translated',
    {
      ...udp(0),
      protocol: PROTOCOL.icmp,
      original: tuple('10.79.0.9', '10.78.0.11', 700, 0x0800),
      reply: tuple('10.78.0.11', '10.78.0.100', 701, 0),
      timeout: 30,
    },
  ],
  [
    'an echo of IPv6',
    {
      ...udp(0),
      protocol: PROTOCOL.icmpv6,
      original: tuple('fd79::9', 'fd78::11', 700, 0x8000),
      reply: tuple('fd78::11', 'fd79::9', 700, 0x8100),
      timeout: 30,
    },
  ],
  [
    'a protocol without ports',
    {
      ...udp(0),
      protocol: 50,
      original: tuple('10.79.0.9', '10.78.0.11', 0, 0),
      reply: tuple('10.78.0.11', '10.79.0.9', 0, 0),
    },
  ],
];

const SCTP: Flow = {
  ...TCP,
  protocol: PROTOCOL.sctp,
  tcp: undefined,
  sctp: { state: 4, originalTag: 0xdead_beef, replyTag: 7 },
};

/** What must be the same in every kernel. */
function told({ protocol, zone, original, reply, status, mark, tcp, sctp }: Flow): object {
  const progress =
    tcp === undefined ? sctp : [tcp.state, tcp.original.windowScale, tcp.reply.windowScale];
  return { protocol, zone, original, reply, status: status & ASSURED, mark, progress };
}

function keyOf({ protocol, zone, original }: Flow): FlowKey {
  return { protocol, zone, original };
}

export function flowTableContract(name: string, setUp: () => FlowTableSetup): void {
  describe(`${name} as a table of flows`, () => {
    let tables: readonly FlowTable[] = [];

    function begin(): FlowTableSetup & { readonly events: string[] } {
      const setup = setUp();
      tables = [setup.table, setup.others];
      const events: string[] = [];
      const say = ({ kind, flow }: FlowEvent): string =>
        `${kind} ${String(flow.original.sourcePort)} ${String(flow.mark)}`;
      value(
        setup.table.hear({
          happened: (some) => events.push(...some.map(say)),
          lost: () => events.push('lost'),
        }),
      );
      return { ...setup, events };
    }

    async function listed(table: FlowTable): Promise<readonly Flow[]> {
      const flows: Flow[] = [];
      const count = value(await table.list((some) => flows.push(...some)));
      expect(count).toBe(flows.length);
      return flows;
    }

    afterEach(async () => {
      const [table] = tables;
      if (table !== undefined) {
        const all = await listed(table);
        for (let at = 0; at < all.length; at += MOST_FLOWS_AT_ONCE) {
          value(await table.remove(all.slice(at, at + MOST_FLOWS_AT_ONCE)));
        }
      }
      for (const each of tables) {
        each.close();
        each.close();
      }
      tables = [];
    });

    it.each(FLOWS)('puts %s there, and lists it as it was put', async (_what, flow) => {
      const { table } = begin();
      expect(value(await table.put([flow], 'replace'))).toEqual([]);
      const [found, ...more] = await listed(table);
      expect(more).toEqual([]);
      expect(told(found!)).toEqual(told(flow));
      expect(found!.timeout).toBeGreaterThan(flow.timeout - 5);
      expect(found!.timeout).toBeLessThanOrEqual(flow.timeout);
    });

    it('puts SCTP there where the kernel follows it', async () => {
      const { table } = begin();
      const refusals = value(await table.put([SCTP], 'replace'));
      const found = await listed(table);
      if (refusals.length === 0) {
        expect(found.map(told)).toEqual([told(SCTP)]);
      }
    });

    it('replaces what is there, whatever it was', async () => {
      const { table } = begin();
      value(await table.put([TCP], 'create'));
      const [, another] = FLOWS[6]!;
      const changed = { ...another, mark: 5, timeout: 100, status: 8 };
      expect(value(await table.put([changed, udp(1)], 'replace'))).toEqual([]);
      const found = await listed(table);
      expect(new Set(found.map(told))).toEqual(new Set([changed, udp(1)].map(told)));
    });

    it('creates only where there is none', async () => {
      const { table } = begin();
      value(await table.put([udp(1)], 'create'));
      const refusals = value(await table.put([udp(1, { mark: 5 }), udp(2)], 'create'));
      expect(refusals).toEqual([]);
      const found = await listed(table);
      expect(found.map(({ original, mark }) => [original.sourcePort, mark]).toSorted()).toEqual([
        [1, 0],
        [2, 0],
      ]);
    });

    it('tells which of them the kernel did not take', async () => {
      const { table } = begin();
      // Answers to both would look the same.
      const clash = udp(2, { reply: udp(1).reply });
      value(await table.put([udp(1)], 'replace'));
      const refusals = value(await table.put([udp(3), clash, udp(4)], 'replace'));
      expect(refusals).toEqual([{ key: keyOf(clash), errno: 'EEXIST' }]);
      expect((await listed(table)).length).toBe(3);
    });

    it('removes what is there, of that zone only', async () => {
      const { table } = begin();
      value(await table.put([udp(1), udp(1, { zone: 7 }), udp(2)], 'replace'));
      expect(value(await table.remove([udp(1), udp(9)].map(keyOf)))).toEqual([]);
      expect((await listed(table)).map(({ zone }) => zone).toSorted()).toEqual([0, 7]);
    });

    it('takes nothing of nothing', async () => {
      const { table } = begin();
      expect(value(await table.put([], 'replace'))).toEqual([]);
      expect(value(await table.remove([]))).toEqual([]);
    });

    it('tells what others do, in its order, and not what it does itself', async () => {
      const { table, others, events, elapse } = begin();
      value(await table.put([udp(100)], 'replace'));
      value(await others.put([udp(1), udp(2)], 'replace'));
      value(await table.put([udp(1, { mark: 9 })], 'replace'));
      value(await table.remove([udp(100)]));
      value(await others.put([udp(2, { mark: 5 })], 'replace'));
      value(await others.remove([udp(1)]));
      await eventually(() => events.length >= 5, elapse);
      expect(events.filter((each) => !each.startsWith('is 2 0'))).toEqual([
        'is 1 0',
        'gone 2 0',
        'is 2 5',
        'gone 1 9',
      ]);
    });

    it('tells nothing of flows that are not assured', async () => {
      const { others, events, elapse } = begin();
      const fleeting = udp(1, { status: 10 });
      value(await others.put([fleeting, udp(2)], 'replace'));
      value(await others.remove([keyOf(fleeting)]));
      value(await others.put([udp(3)], 'replace'));
      await eventually(() => events.length >= 2, elapse);
      expect(events).toEqual(['is 2 0', 'is 3 0']);
    });

    it.each([
      ['the source of IPv4', ['10.79.0.9'], [2, 3]],
      ['the answering end of IPv4', ['10.78.0.53'], [2, 3]],
      ['the source of IPv6', ['fd79::9'], [1, 3]],
      ['the answering end of IPv6', ['192.0.2.1', '2001:db8::1', 'fd78::11'], [1, 3]],
      ['addresses that differ in their ends', ['10.79.0.10', 'fd79::10', 'fd80::9'], [1, 2, 3]],
      ['nothing any more', [], [1, 2, 3]],
    ])('tells nothing of flows of what is left out: %s', async (_what, ends, ports) => {
      const { table, others, events, elapse } = begin();
      const flows = [
        udp(1),
        udp(2, {
          original: tuple('fd79::9', 'fd78::100', 2, 53),
          reply: tuple('fd78::11', 'fd79::9', 53, 2),
        }),
        udp(3, {
          original: tuple('10.79.0.8', '10.78.0.54', 3, 53),
          reply: tuple('10.78.0.54', '10.79.0.8', 53, 3),
        }),
      ];
      value(table.leaveOut(['10.79.0.8', 'fd79::9'].map(ip)));
      value(table.leaveOut(ends.map(ip)));
      value(await others.put(flows, 'replace'));
      value(await others.remove(flows));
      await eventually(() => events.includes('gone 3 0'), elapse);
      expect(events).toEqual(
        ['is', 'gone'].flatMap((kind) => ports.map((port) => `${kind} ${String(port)} 0`)),
      );
    });

    it('forgets a flow when its time is over', async () => {
      const { table, events, elapse } = begin();
      value(await table.put([udp(1, { timeout: 1 }), udp(2)], 'replace'));
      await elapse(1_500);
      expect((await listed(table)).map(({ original }) => original.sourcePort)).toEqual([2]);
      await eventually(() => events.length > 0, elapse);
      expect(events).toEqual(['gone 1 0']);
    });

    it('puts and lists many, several batches at a time', async () => {
      const { table } = begin();
      const all = Array.from({ length: 640 }, (_each, index) => udp(1_000 + index));
      const batches = Array.from({ length: 10 }, (_each, index) =>
        table.put(
          all.slice(index * MOST_FLOWS_AT_ONCE, (index + 1) * MOST_FLOWS_AT_ONCE),
          'create',
        ),
      );
      expect((await Promise.all(batches)).map((each) => value(each).length)).toEqual(
        batches.map(() => 0),
      );
      const lists = await Promise.all([listed(table), listed(table)]);
      for (const found of lists) {
        const ports = found.map(({ original }) => original.sourcePort);
        expect(ports.toSorted((a, b) => a - b)).toEqual(
          all.map((flow) => flow.original.sourcePort),
        );
      }
      expect(value(table.room()).flows).toBe(640);
      expect(value(table.room()).most).toBeGreaterThan(640);
    });

    it('answers nothing when it is closed', async () => {
      const { table } = begin();
      table.close();
      const answers = await Promise.all([
        table.put([udp(1)], 'replace'),
        table.remove([keyOf(udp(1))]),
        table.list(() => undefined),
      ]);
      expect(answers.map((answer) => (answer.ok ? 'ok' : answer.error.code))).toEqual([
        'no-answer',
        'no-answer',
        'no-answer',
      ]);
      tables = tables.slice(1);
    });
  });
}
