/** What may happen to a simulated pair: each fault, how it is written in a schedule, and what it does. */
import * as fc from 'fast-check';
import type { Millis } from '../../src/base/time.js';
import { millis, scale, sum } from '../../src/base/time.js';
import type { World } from './world.js';

export interface Fault {
  readonly kind: FaultKind;
  readonly node: 0 | 1;
  /** Milliseconds until it is healed; some heal by themselves. */
  readonly lasting: number;
}

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Timed {
  /** Milliseconds after the fault before it. */
  readonly after: number;
  readonly fault: Fault;
}

export const FAULT_KINDS = [
  'power-loss',
  'daemon-crash',
  'daemon-stop',
  'daemon-restart',
  'freeze',
  'link-down',
  'cut-one-way',
  'cut-both-ways',
  'lossy',
  'slow',
  'proxy-crash',
  'proxy-hang',
  'kernel-refuses',
  'mute',
  'address-stolen',
  'switchover',
] as const;

/**
 * How far apart faults are, and how long they last. What happens at intervals of 100 ms happens ten times as fast, but
 * for what has a time of its own: a boot, a hung proxy, a refused daemon's rest, a hand-over. After four intervals and
 * a little, a pair is at rest; a fault that comes later finds nothing else.
 */
export interface Spans {
  readonly longestPause: Millis;
  readonly longestFault: Millis;
}

export function spansFor(interval: Millis): Spans {
  return {
    longestPause: sum(scale(interval, 4), millis(1000)),
    longestFault: sum(scale(interval, 4), millis(3000)),
  };
}

/** Faults overlap: the next one may come before the last one is healed. */
export function anyFaults({ longestPause, longestFault }: Spans): fc.Arbitrary<readonly Timed[]> {
  return fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: longestPause }),
      fault: fc.record({
        kind: fc.constantFrom(...FAULT_KINDS),
        node: fc.constantFrom<0 | 1>(0, 1),
        lasting: fc.integer({ min: 1, max: longestFault }),
      }),
    }),
    { minLength: 1, maxLength: 6 },
  );
}

/** Does it, and arranges for its healing. */
export function inflict(world: World, { kind, node, lasting }: Fault): void {
  const machine = world.machines[node];
  const other = world.machines[node === 0 ? 1 : 0];
  const heal = (mend: () => void): void => {
    world.scheduler.after(millis(lasting), mend);
  };
  const deeds: Record<FaultKind, () => void> = {
    'power-loss': () => {
      machine.powerLoss();
      heal(() => {
        machine.powerOn();
      });
    },
    'daemon-crash': () => {
      machine.crash();
      heal(() => {
        machine.start();
      });
    },
    'daemon-stop': () => {
      machine.stop('release', () => {
        heal(() => {
          machine.start();
        });
      });
    },
    'daemon-restart': () => {
      world.handedOver();
      machine.stop('hand-over', () => {
        heal(() => {
          machine.start();
        });
      });
    },
    freeze: () => {
      const { process } = machine;
      process.freeze();
      heal(() => {
        process.thaw();
      });
    },
    'link-down': () => {
      machine.kernel.setLink('down');
      heal(() => {
        if (machine.power === 'on') {
          machine.kernel.setLink('up');
        }
      });
    },
    'cut-one-way': () => {
      world.lan.cut(machine.port, other.port);
      heal(() => {
        world.lan.mend(machine.port, other.port);
      });
    },
    'cut-both-ways': () => {
      world.lan.cut(machine.port, other.port);
      world.lan.cut(other.port, machine.port);
      heal(() => {
        world.lan.mend(machine.port, other.port);
        world.lan.mend(other.port, machine.port);
      });
    },
    lossy: () => {
      world.lan.lose(0.3);
      heal(() => {
        world.lan.lose(0);
      });
    },
    slow: () => {
      world.lan.dawdle({ longestDelay: millis(5), duplication: 0.3 });
      heal(() => {
        world.lan.hurry();
      });
    },
    'proxy-crash': () => {
      machine.proxy.die();
    },
    'proxy-hang': () => {
      machine.proxy.hang();
    },
    'kernel-refuses': () => {
      machine.kernel.feel('refusing');
      heal(() => {
        machine.kernel.feel('willing');
      });
    },
    mute: () => {
      world.lan.muffle(machine.port);
      heal(() => {
        world.lan.unmuffle(machine.port);
      });
    },
    'address-stolen': () => {
      machine.kernel.steal(world.address);
    },
    switchover: () => {
      void machine.daemon?.switchover('web');
    },
  };
  deeds[kind]();
}

/** Heals whatever is still broken. */
export function healAll(world: World): void {
  world.lan.heal();
  for (const machine of world.machines) {
    machine.kernel.feel('willing');
    machine.process.thaw();
    if (machine.power === 'off') {
      machine.powerOn();
    } else if (machine.kernel.link !== 'up') {
      machine.kernel.setLink('up');
    }
    machine.start();
  }
}
