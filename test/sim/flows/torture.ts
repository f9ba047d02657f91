/** One seeded run: clients come and go, everything fails, all is healed, and then both kernels must hold the same. */
import { millis } from '../../../src/base/time.js';
import type { NodeName } from './world.js';
import { FlowsWorld, nameOf, NODES, otherThan } from './world.js';

export interface TortureOutcome {
  readonly broken: readonly string[];
  readonly story: readonly string[];
}

const STEP_MS = 20;
const MOST_VISITS = 6;
const HEALS_WITHIN_MS = 40_000;
const PACKETS_EVERY_MS = 5000;

export async function torture(seed: number, forMs: number): Promise<TortureOutcome> {
  const world = new FlowsWorld({ seed, roomForEvents: seed % 3 === 0 ? 20 : 10_000 });
  const { chance } = world;
  for (const name of NODES) {
    world.start(name);
    world.strangers(name).forEach((flow) => {
      world.kernel(name).seen(flow);
    });
  }
  let pause = 3000;
  for (let at = 0; at < forMs; at += STEP_MS) {
    const visits = Math.floor(chance.next() ** 4 * MOST_VISITS);
    for (let visit = 0; visit < visits; visit += 1) {
      world.visit();
    }
    if (at % PACKETS_EVERY_MS === 0) {
      world.packets();
    }
    pause -= STEP_MS;
    if (pause <= 0) {
      fault(world);
      // Now and then the next thing fails while the last is being mended.
      pause = chance.next() < 0.4 ? chance.next() * 200 : chance.next() * 8000;
    }
    await world.run(STEP_MS);
  }
  mend(world);
  const fresh = Array.from({ length: 20 }, () => world.begin());
  await world.run(HEALS_WITHIN_MS);
  world.check();
  for (const flow of fresh) {
    for (const name of NODES) {
      if (!world.selected(name).has(nameOf(flow))) {
        world.broken.push(`${name} has not ${nameOf(flow)}`);
      }
    }
  }
  return { broken: world.broken, story: world.story };
}

type Fault = (world: FlowsWorld, node: NodeName) => void;

const FAULTS: readonly Fault[] = [
  (world, node) => {
    world.kill(node);
    soon(world, () => {
      world.start(node);
    });
  },
  (world) => {
    world.move();
  },
  (world) => {
    world.tell('the link is cut');
    world.wire.cut();
    soon(world, () => {
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
    soon(world, () => {
      world.wire.hurry();
    });
  },
  (world, node) => {
    world.losePower(node);
    soon(world, () => {
      world.start(node);
    });
  },
  (world, node) => {
    world.kill(node);
    world.kill(otherThan(node));
    soon(world, () => {
      world.start(node);
    });
    soon(world, () => {
      world.start(otherThan(node));
    });
  },
  (world, node) => {
    world.tell(`${node}: somebody removes every third flow`);
    [...world.selected(node).values()].forEach((flow, index) => {
      if (index % 3 === 0) {
        world.kernel(node).removed(flow);
      }
    });
  },
];

function fault(world: FlowsWorld): void {
  const { chance } = world;
  const happen = FAULTS[Math.floor(chance.next() * FAULTS.length)]!;
  happen(world, NODES[chance.next() < 0.5 ? 0 : 1]!);
}

function soon(world: FlowsWorld, happen: () => void): void {
  const { chance, scheduler } = world;
  scheduler.after(millis(chance.next() < 0.3 ? 10 : chance.next() * 9000), happen);
}

function mend(world: FlowsWorld): void {
  world.tell('all is mended');
  world.wire.mend();
  world.wire.hurry();
  for (const name of NODES) {
    world.start(name);
  }
}
