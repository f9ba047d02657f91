/** Two flow replicators, their kernels and the link between them. */
import { describe, expect, it } from 'vitest';
import { torture } from './torture.js';
import type { Cidr, Ip } from '../../../src/base/ip.js';
import type { Flow } from '../../../src/wire/conntrack/flow.js';
import { PROTOCOL } from '../../../src/wire/conntrack/protocol.js';
import type { FlowsWorldOptions } from './world.js';
import { FlowsWorld, INSIDE, nameOf, NODES, VIP } from './world.js';

const FIRST_SEED = Number(process.env['FLOWS_SEED'] ?? 1);
const RUNS = Number(process.env['FLOWS_RUNS'] ?? 6);

describe('flows under torture', () => {
  it.each(Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index))(
    'seed %i: both kernels come to hold the same',
    async (seed) => {
      const { broken, story } = await torture(seed, 40_000);
      expect(broken, story.join('\n')).toEqual([]);
    },
  );
});

async function given(options: Omit<FlowsWorldOptions, 'seed'> = {}) {
  const world = new FlowsWorld({ seed: 1, ...options });
  for (const name of NODES) {
    world.start(name);
  }
  await world.run(1000);
  return world;
}

describe('flows on two nodes', () => {
  it('are in the other kernel within some milliseconds, and gone from it as soon', async () => {
    const world = await given();
    const flow = world.begin();
    await world.run(5);
    expect(world.selected('lb2').get(nameOf(flow))).toMatchObject({ reply: flow.reply, mark: 1 });
    world.kernel('lb1').removed(flow);
    await world.run(5);
    expect(world.kernel('lb2').size).toBe(0);
    const { received } = world.replicator('lb2')!.report();
    // The two clocks go apart by a thousandth.
    expect(received.lag?.samples).toBe(2);
    expect(received.lag?.p99Ms).toBeLessThan(5);
  });

  it('are not copied where nobody asked for them', async () => {
    const world = await given();
    for (const flow of world.strangers('lb1')) {
      world.kernel('lb1').seen(flow);
    }
    await world.run(20_000);
    expect([world.kernel('lb1').size, world.kernel('lb2').size]).toEqual([4, 0]);
    expect(world.replicator('lb2')!.report().refused).toEqual([]);
  });

  it('live on when the owner loses its power, and go back when it returns', async () => {
    const world = await given();
    const flows = Array.from({ length: 200 }, () => world.begin());
    await world.run(50);
    world.losePower('lb1');
    expect(world.selected('lb2').size).toBe(200);
    await world.run(3000);
    world.start('lb1');
    await world.run(8000);
    expect(world.selected('lb1').size).toBe(200);
    world.move();
    await world.run(200);
    expect(flows.every((flow) => world.selected('lb1').has(nameOf(flow)))).toBe(true);
    await world.run(8000);
    world.check();
    expect(world.broken, world.story.join('\n')).toEqual([]);
  });

  it.each(['a move', 'a power loss'])(
    'are in no kernel as living where they were closed before %s, although the owner’s keeps them',
    async (what) => {
      const world = await given();
      Array.from({ length: 60 }, () => world.begin());
      await world.run(1000);
      const closed = world.living.filter(({ tcp }) => tcp !== undefined).slice(0, 20);
      closed.forEach((flow) => {
        world.close(flow);
      });
      await world.run(5);
      expect([world.kernel('lb1').size, world.kernel('lb2').size]).toEqual([60, 40]);
      if (what === 'a move') {
        world.move();
      } else {
        world.losePower('lb1');
      }
      await world.run(12_000);
      world.start('lb1');
      await world.run(12_000);
      expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([40, 40]);
      world.check();
      expect(world.broken, world.story.join('\n')).toEqual([]);
    },
  );

  it('are over where they were closed while the link was down, although the former owner tells of them', async () => {
    const world = await given();
    Array.from({ length: 60 }, () => world.begin());
    await world.run(1000);
    world.wire.cut();
    world.move();
    await world.run(500);
    const closed = world.living.filter(({ tcp }) => tcp !== undefined).slice(0, 20);
    closed.forEach((flow) => {
      world.close(flow);
    });
    await world.run(10_000);
    world.wire.mend();
    await world.run(12_000);
    expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([40, 40]);
    world.check();
    expect(world.broken, world.story.join('\n')).toEqual([]);
  });

  it('stay on the standby for as long as the owner has them, and no longer', async () => {
    const world = await given();
    const flows = Array.from({ length: 40 }, () => world.begin());
    for (let minute = 0; minute < 10; minute += 1) {
      world.packets();
      await world.run(60_000);
      expect(world.selected('lb2').size).toBe(flows.length);
    }
    // Nobody sends packets any more: UDP ends after 120 s.
    await world.run(125_000);
    const tcp = flows.filter(({ tcp: is }) => is !== undefined).length;
    expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([tcp, tcp]);
  });

  it('are told anew after a burst for which there was no room', async () => {
    const world = await given({ roomForEvents: 50 });
    for (let at = 0; at < 400; at += 1) {
      world.begin();
    }
    await world.run(10_000);
    expect(world.replicator('lb1')!.report().drops).toBeGreaterThan(0);
    world.check();
    expect([world.broken, world.selected('lb2').size]).toEqual([[], 400]);
  });

  it('that the standby’s kernel has lost are put there again', async () => {
    const world = await given();
    Array.from({ length: 60 }, () => world.begin());
    await world.run(3000);
    for (const flow of world.selected('lb2').values()) {
      world.kernel('lb2').removed(flow);
    }
    await world.run(100);
    expect(world.selected('lb2').size).toBe(60);
    expect(world.selected('lb1').size).toBe(60);
  });

  it('do not fill the other kernel’s table, and that is said', async () => {
    const world = await given({ most: 100 });
    for (let at = 0; at < 99; at += 1) {
      world.begin();
      await world.run(100);
    }
    await world.run(10_000);
    expect(world.kernel('lb2').size).toBeLessThan(99);
    expect(world.replicator('lb2')!.report().refused).toMatchObject([
      { code: 'the table is full' },
    ]);
    const { sent } = world.replicator('lb1')!.report();
    expect(sent.verified.verdict).toBe('differs');
    expect(sent.refused).toBeGreaterThan(0);
  });

  it('age while the link is down, and are compared when it is up again', async () => {
    const world = await given();
    Array.from({ length: 60 }, () => world.begin());
    await world.run(1000);
    world.wire.cut();
    for (const flow of world.living.splice(0, 30)) {
      world.kernel('lb1').removed(flow);
    }
    await world.run(20_000);
    expect(world.selected('lb2').size).toBe(60);
    world.wire.mend();
    await world.run(12_000);
    expect(world.selected('lb2').size).toBe(30);
    world.check();
    expect(world.broken).toEqual([]);
  });

  it('of a former life, that no owner has any more, are swept', async () => {
    const world = await given();
    Array.from({ length: 60 }, () => world.begin());
    await world.run(1000);
    world.kill('lb2');
    for (const flow of world.living.splice(0, 30)) {
      world.kernel('lb1').removed(flow);
    }
    await world.run(1000);
    world.start('lb2');
    await world.run(12_000);
    expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([30, 30]);
    expect(world.replicator('lb2')!.report().sent.flows).toBe(0);
  });
});

/** Without an address of a group. */
const NETWORKS: readonly Cidr[] = [{ address: '10.78.0.0' as Ip, prefixLength: 24 }];
const routed = (timeout = 120): Flow => {
  const [source, destination] = ['10.78.0.11' as Ip, '192.0.2.7' as Ip];
  return {
    ...{ protocol: PROTOCOL.udp, zone: 0, status: 0b110, timeout, mark: 0 },
    original: { source, destination, sourcePort: 4000, destinationPort: 53 },
    reply: { source: destination, destination: source, sourcePort: 53, destinationPort: 4000 },
    ...{ tcp: undefined, sctp: undefined },
  };
};

describe('flows that are only routed', () => {
  it('end on both nodes where each has an address', async () => {
    const world = await given({ networks: NETWORKS });
    world.own({ lb1: [VIP], lb2: [INSIDE] });
    await world.run(1000);
    world.kernel('lb1').seen(routed());
    await world.run(1000);
    expect(world.selected('lb2').size).toBe(1);
    world.kernel('lb1').removed(routed());
    await world.run(1000);
    // All of the table is read every ten minutes.
    await world.run(620_000);
    expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([0, 0]);
  });

  it.each(['lb1', 'lb2'] as const)(
    'live where their packets go, with the addresses on %s',
    async (owner) => {
      const world = await given({ networks: NETWORKS });
      if (owner === 'lb2') {
        world.move();
      }
      await world.run(1000);
      for (let second = 0; second < 900; second += 30) {
        world.kernel('lb1').seen(routed());
        await world.run(30_000);
        expect([second, world.selected('lb1').size, world.selected('lb2').size]).toEqual([
          second,
          1,
          1,
        ]);
      }
      world.kernel('lb1').removed(routed());
      await world.run(700_000);
      expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([0, 0]);
    },
  );

  it('go with the addresses', async () => {
    const world = await given({ networks: NETWORKS });
    world.kernel('lb1').seen(routed());
    await world.run(1000);
    world.move();
    for (let second = 0; second < 300; second += 30) {
      await world.run(30_000);
      world.kernel('lb2').seen(routed());
    }
    expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([1, 1]);
    world.kernel('lb2').removed(routed());
    await world.run(700_000);
    expect([world.selected('lb1').size, world.selected('lb2').size]).toEqual([0, 0]);
  });
});
