/** Both nodes lose their power at once: what was in the snapshots, and has not expired, is back. */
import { describe, expect, it } from 'vitest';
import type { NodeName } from './world.js';
import { NODES, TABLES, TablesWorld } from './world.js';

const FIRST_SEED = Number(process.env['TABLES_SEED'] ?? 1);
const RUNS = Number(process.env['TABLES_RUNS'] ?? 2);
const SEEDS = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);
const EXPIRY_TOLERANCE = 1000;

type Held = ReadonlyMap<string, { readonly mark: number; readonly expiresAt: number }>;

/** Everything is written down on both nodes; what they hold then. */
async function lit(seed: number): Promise<{ world: TablesWorld; held: Held }> {
  const world = new TablesWorld(seed, 'snapshots');
  start(world, 'lb1');
  start(world, 'lb2');
  for (let at = 0; at < 20_000; at += 50) {
    world.visit();
    await world.run(50);
  }
  // The longest that a snapshot may be old, and some.
  await world.run(13_000);
  return { world, held: heldBy(world, 'lb1') };
}

function start(world: TablesWorld, name: NodeName): void {
  world.startReplicator(name);
  world.startHaproxy(name, 'anew');
}

function losePower(world: TablesWorld): void {
  NODES.forEach((name) => {
    world.killReplicator(name);
    world.killHaproxy(name);
  });
}

function heldBy(world: TablesWorld, name: NodeName): Held {
  const rows = TABLES.flatMap((table) =>
    [...world.haproxy(name)!.living(table.name)].map(
      ([key, row]) => [`${table.name} ${key}`, row] as const,
    ),
  );
  return new Map(rows);
}

/** The same values, for as long as before. */
function expectBack(world: TablesWorld, name: NodeName, held: Held): void {
  const back = heldBy(world, name);
  const awaited = [...held].filter(
    ([, { expiresAt }]) => expiresAt > world.scheduler.now + EXPIRY_TOLERANCE,
  );
  expect(awaited.length).toBeGreaterThan(10);
  for (const [key, row] of awaited) {
    expect([key, back.get(key)?.mark]).toEqual([key, row.mark]);
    if (Number.isFinite(row.expiresAt)) {
      expect(Math.abs(back.get(key)!.expiresAt - row.expiresAt)).toBeLessThan(EXPIRY_TOLERANCE);
    }
  }
  expect(back.size).toBeLessThanOrEqual(held.size);
}

describe('both nodes lose their power', () => {
  it.each(SEEDS)('and come back together: seed %i', async (seed) => {
    const { world, held } = await lit(seed);
    losePower(world);
    await world.run(4000);
    NODES.forEach((name) => {
      start(world, name);
    });
    await world.run(30_000);
    NODES.forEach((name) => {
      expectBack(world, name, held);
    });
    world.check();
    expect(world.broken, world.story.join('\n')).toEqual([]);
  });

  it.each(SEEDS)('and one comes back alone, the other much later: seed %i', async (seed) => {
    const { world, held } = await lit(seed);
    losePower(world);
    await world.run(2000);
    start(world, 'lb1');
    await world.run(9000);
    expectBack(world, 'lb1', held);
    for (let visit = 0; visit < 50; visit += 1) {
      world.visit();
      await world.run(10);
    }
    // What the other one had kept is older than what was written meanwhile.
    const newer = heldBy(world, 'lb1');
    start(world, 'lb2');
    await world.run(30_000);
    for (const [key, { mark, expiresAt }] of newer) {
      if (expiresAt > world.scheduler.now) {
        expect([key, heldBy(world, 'lb2').get(key)?.mark]).toEqual([key, mark]);
      }
    }
    world.check();
    expect(world.broken, world.story.join('\n')).toEqual([]);
  });

  it('a HAProxy that is killed while the other node is dark has its rows back, too', async () => {
    const { world, held } = await lit(7);
    losePower(world);
    start(world, 'lb1');
    await world.run(13_000);
    world.killHaproxy('lb1');
    await world.run(500);
    world.startHaproxy('lb1', 'anew');
    await world.run(9000);
    expectBack(world, 'lb1', held);
  });

  it('of a snapshot that is damaged nothing counts, and it is set aside and named', async () => {
    const { world } = await lit(8);
    losePower(world);
    const disk = world.disk('lb1');
    const bytes = disk.kept!;
    bytes[bytes.length >> 1]! ^= 1;
    start(world, 'lb1');
    await world.run(3000);
    expect(heldBy(world, 'lb1').size).toBe(0);
    expect(disk.aside).toBe(1);
    expect(world.replicator('lb1')!.report().refused).toMatchObject([
      { code: 'snapshot', detail: expect.stringContaining('checksum') as string },
    ]);
  });

  it('a disk that is too slow keeps the snapshot before', async () => {
    const { world } = await lit(9);
    const disk = world.disk('lb1');
    const before = disk.keeps;
    disk.mood = 'slow';
    await world.run(12_000);
    expect(disk.keeps).toBe(before);
    expect(world.replicator('lb1')!.report().refused).toMatchObject([{ code: 'snapshot' }]);
  });
});
