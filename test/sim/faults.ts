/** What may happen to a simulated pair: each fault, how it is written in a schedule, and what it does. */
import * as fc from 'fast-check';
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
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

export const LONGEST_FAULT: Millis = millis(8000);

/** Faults overlap: the next one may come before the last one is healed. */
export const anyFaults: fc.Arbitrary<readonly Timed[]> = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 6000 }),
    fault: fc.record({
      kind: fc.constantFrom(...FAULT_KINDS),
      node: fc.constantFrom<0 | 1>(0, 1),
      lasting: fc.integer({ min: 1, max: LONGEST_FAULT }),
    }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Does it, and arranges for its healing. */
export function inflict(world: World, { kind, node, lasting }: Fault): void {
  const machine = world.machines[node];
  const other = world.machines[node === 0 ? 1 : 0];
  const heal = (mend: () => void): void => {
    world.scheduler.after(millis(lasting), mend);
  };
  const cut = `${machine.name}>${other.name}`;
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
      world.lan.cuts.add(cut);
      heal(() => {
        world.lan.cuts.delete(cut);
      });
    },
    'cut-both-ways': () => {
      const back = `${other.name}>${machine.name}`;
      world.lan.cuts.add(cut).add(back);
      heal(() => {
        world.lan.cuts.delete(cut);
        world.lan.cuts.delete(back);
      });
    },
    lossy: () => {
      world.lan.loss = 0.3;
      heal(() => {
        world.lan.loss = 0;
      });
    },
    slow: () => {
      world.lan.longestDelay = millis(5);
      world.lan.duplication = 0.3;
      heal(() => {
        world.lan.longestDelay = millis(0.3);
        world.lan.duplication = 0;
      });
    },
    'proxy-crash': () => {
      machine.proxy.die();
    },
    'proxy-hang': () => {
      machine.proxy.hang();
    },
    'kernel-refuses': () => {
      machine.kernel.mood = 'refusing';
      heal(() => {
        machine.kernel.mood = 'willing';
      });
    },
    mute: () => {
      world.lan.mute.add(machine.name);
      heal(() => {
        world.lan.mute.delete(machine.name);
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
  world.lan.cuts.clear();
  world.lan.mute.clear();
  world.lan.loss = 0;
  world.lan.duplication = 0;
  world.lan.longestDelay = millis(0.3);
  for (const machine of world.machines) {
    machine.kernel.mood = 'willing';
    machine.process.thaw();
    if (machine.power === 'off') {
      machine.powerOn();
    } else if (machine.kernel.link !== 'up') {
      machine.kernel.setLink('up');
    }
    machine.start();
  }
}
