/** One seeded run: visitors come, everything fails, all is healed, and then both nodes must hold the same. */
import { millis } from '../../../src/base/time.js';
import type { NodeName } from './world.js';
import { NODES, otherThan, TablesWorld } from './world.js';

export interface TortureOptions {
  readonly seed: number;
  /** How long things go wrong. */
  readonly forMs: number;
}

export interface TortureOutcome {
  readonly broken: readonly string[];
  readonly story: readonly string[];
  /** Rows that both HAProxies were handed. */
  readonly handed: number;
}

const STEP_MS = 20;
const MOST_VISITS = 12;
/** How likely one is in a step. */
const RUSHES = 0.05;
const LAST_RUSHES = 20;
/** HAProxy dials again. */
const MENDED_WITHIN_MS = 8000;
/** What a divergence takes to be seen and healed, and more. */
const HEALS_WITHIN_MS = 40_000;
const QUIET_MS = 15_000;

export async function torture({ seed, forMs }: TortureOptions): Promise<TortureOutcome> {
  const world = new TablesWorld(seed);
  const { chance } = world;
  for (const name of NODES) {
    world.startReplicator(name);
    world.startHaproxy(name, 'anew');
  }
  let pause = 3000;
  for (let at = 0; at < forMs; at += STEP_MS) {
    const visits = Math.floor(chance.next() ** 4 * MOST_VISITS);
    for (let visit = 0; visit < visits; visit += 1) {
      world.visit();
    }
    if (chance.next() < RUSHES) {
      world.rush();
    }
    pause -= STEP_MS;
    if (pause <= 0) {
      fail(world);
      // Now and then the next thing fails while the last is being mended.
      pause = chance.next() < 0.4 ? chance.next() * 200 : chance.next() * 8000;
    }
    await world.run(STEP_MS);
  }
  mend(world);
  await world.run(MENDED_WITHIN_MS);
  // Nobody touches these rows again.
  for (let rush = 0; rush < LAST_RUSHES; rush += 1) {
    world.rush();
  }
  await world.run(HEALS_WITHIN_MS);
  const handedBefore = handedTo(world);
  await world.run(QUIET_MS);
  if (handedTo(world) !== handedBefore) {
    world.broken.push(`${String(handedTo(world) - handedBefore)} rows go to and fro in silence`);
  }
  world.check();
  return { broken: world.broken, story: world.story, handed: handedBefore };
}

type Fault = (world: TablesWorld, node: NodeName) => void;

const FAULTS: readonly Fault[] = [
  (world, node) => {
    world.killReplicator(node);
    later(world, () => {
      world.startReplicator(node);
    });
  },
  (world, node) => {
    world.killHaproxy(node);
    later(world, () => {
      world.startHaproxy(node, 'anew');
    });
  },
  (world, node) => {
    if (world.haproxy(node) !== undefined) {
      world.startHaproxy(node, 'reload');
    }
  },
  (world) => {
    world.tell('the link is cut');
    world.wire.cut();
    later(world, () => {
      world.tell('the link is mended');
      world.wire.mend();
    });
  },
  (world) => {
    world.tell('connections break');
    world.wire.reset();
  },
  (world) => {
    world.tell('the link is late');
    world.wire.delay(millis(world.chance.next() * 800));
    later(world, () => {
      world.tell('the link is late no more');
      world.wire.hurry();
    });
  },
  (world, node) => {
    // Both at once.
    world.killReplicator(node);
    world.killReplicator(otherThan(node));
    later(world, () => {
      world.startReplicator(node);
    });
    later(world, () => {
      world.startReplicator(otherThan(node));
    });
  },
];

function fail(world: TablesWorld): void {
  const { chance } = world;
  const fault = FAULTS[Math.floor(chance.next() * FAULTS.length)]!;
  fault(world, NODES[chance.next() < 0.5 ? 0 : 1]!);
}

function later(world: TablesWorld, happen: () => void): void {
  const { chance, scheduler } = world;
  scheduler.after(millis(chance.next() < 0.3 ? 10 : chance.next() * 9000), happen);
}

function mend(world: TablesWorld): void {
  world.tell('all is mended');
  world.wire.mend();
  world.wire.hurry();
  for (const name of NODES) {
    world.startReplicator(name);
    world.startHaproxy(name, 'anew');
  }
}

function handedTo(world: TablesWorld): number {
  return NODES.reduce((sum, name) => sum + (world.haproxy(name)?.received ?? 0), 0);
}
