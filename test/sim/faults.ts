/** What may happen to a simulated pair: each fault, how it is written in a schedule, and what it does. */
import * as fc from 'fast-check';
import type { Millis } from '../../src/base/time.js';
import { later, millis, scale, sum } from '../../src/base/time.js';
import { maintenanceKey, PAUSE_KEY } from '../../src/core/orders.js';
import type { SimMachine } from './machine.js';
import { changeTogether, inTalk } from './change-together.js';
import { isAdopted } from './settings.js';
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
  'failback',
  'address-thief',
  'stalls',
  'duplicate-address',
  'foreign-router',
  'foreign-noise',
  'one-sided-change',
  'change-together',
  'change-unconfirmed',
  'change-asleep',
  'channel-cut',
  'channel-reset',
  'channel-late',
  'second-path-cut',
  'switchover-asked',
  'intent-stated',
  'intents-lost',
  'proxy-broken',
  'proxies-broken',
  'clock-step',
  'disk-full',
  'disk-stuck',
  'pause',
  'maintenance',
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

/** Does it, again and again, until it is healed: by itself, or with everything else. */
function repeatedly(world: World, lasting: number, every: Millis, deed: () => void): void {
  const end = later(world.scheduler.now, millis(lasting));
  const again = (): void => {
    if (!world.healed && world.scheduler.now < end) {
      deed();
      world.scheduler.after(every, again);
    }
  };
  again();
}

/** Does it, and arranges for its healing. */
export function inflict(world: World, { kind, node, lasting }: Fault): void {
  const machine = world.machines[node];
  const other = world.machines[node === 0 ? 1 : 0];
  const heal = (mend: () => void): void => {
    world.scheduler.after(millis(lasting), () => {
      mend();
      // Somebody may have been waiting for it.
      world.scheduler.answered();
    });
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
    'channel-cut': () => {
      world.links.first.cut();
      heal(() => {
        world.links.first.mend();
      });
    },
    // Whatever is under way arrives in half, and both ends learn that the connection is gone.
    'channel-reset': () => {
      world.links.first.reset();
    },
    // What was said on the old connection arrives when a new one has long been opened.
    'channel-late': () => {
      world.links.first.delay(millis(lasting));
      heal(() => {
        world.links.first.hurry();
      });
    },
    'second-path-cut': () => {
      world.links.second.cut();
      heal(() => {
        world.links.second.mend();
      });
    },
    // On whichever node: where it is not the master, it asks the other one over the channel.
    'switchover-asked': () => {
      if (machine.process.fate === 'running') {
        world.switchoverAsked();
        void machine.daemon?.desk.switchover(WHICHEVER);
      }
    },
    // Twice, so that two statements of one node may be on their way.
    'intent-stated': () => {
      for (const [key, value] of [
        ['server/web/web1/admin', lasting % 2 === 0 ? 'drain' : 'ready'],
        // Added and removed, and now and then of another definition.
        [
          'server/web/new/existence',
          lasting % 5 < 2 ? 'remove' : `add 10.0.0.${String(4 + (lasting % 5))}:80 check`,
        ],
        [`server/web/web2/${lasting % 3 === 0 ? 'admin' : 'weight'}`, `${String(lasting % 100)}%`],
      ] as const) {
        void machine.daemon?.intents.give(key, value);
      }
    },
    // Its disk does not survive.
    'intents-lost': () => {
      machine.powerLoss();
      machine.intents.lines.splice(0);
      heal(() => {
        machine.powerOn();
      });
    },
    'proxy-broken': () => {
      machine.proxy.breakDown();
      heal(() => {
        machine.proxy.mend();
      });
    },
    'proxies-broken': () => {
      for (const each of world.machines) {
        each.proxy.breakDown();
        heal(() => {
          each.proxy.mend();
        });
      }
    },
    // Within what nodes that sign put up with, or beyond; forwards or back.
    'clock-step': () => {
      const size = lasting % 3 === 1 ? 2000 : 60_000;
      machine.stepWallClock(millis(lasting % 2 === 0 ? size : -size));
      heal(() => {
        machine.stepWallClock(millis(0));
      });
    },
    'disk-full': () => {
      machine.disk.fail('full');
      heal(() => {
        machine.disk.heal();
      });
    },
    'disk-stuck': () => {
      machine.disk.fail('stuck');
      heal(() => {
        machine.disk.heal();
      });
    },
    // Said on one node; ended on the other, by then whatever has become of the channel between them.
    pause: () => {
      order(world, machine, PAUSE_KEY, 'on');
      heal(() => {
        order(world, other, PAUSE_KEY, 'off');
      });
    },
    // Whatever the other node is: as with --force.
    maintenance: () => {
      order(world, machine, maintenanceKey(machine.name), 'on');
      heal(() => {
        order(world, other, maintenanceKey(machine.name), 'off');
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
      if (isAdopted(world.settings)) {
        heal(() => {
          machine.proxy.restartUnit();
        });
      }
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
      world.switchoverAsked();
      void machine.daemon?.switchover('web');
    },
    failback: () => {
      machine.daemon?.failback('web');
    },
    // A network manager that wants its own idea of the interface, and will not be told.
    'address-thief': () => {
      repeatedly(world, lasting, THIEF_COMES_EVERY, () => {
        machine.kernel.steal(world.address);
      });
    },
    // A node starved of its processor: each time it stands for a little longer than it runs, or than its lease lasts.
    stalls: () => {
      const { interval } = world.settings;
      const standing = scale(interval, lasting % 2 === 0 ? 0.6 : 4.5);
      repeatedly(world, lasting, sum(standing, scale(interval, 0.4)), () => {
        const { process } = machine;
        process.freeze();
        world.scheduler.after(standing, () => {
          process.thaw();
        });
      });
    },
    'duplicate-address': () => {
      world.stranger.takeAddress();
      heal(() => {
        world.stranger.giveUp();
      });
    },
    // The lesser one comes as a backup; the other owns the address. They leave with a word, or without.
    'foreign-router': () => {
      if (!world.isAgreed) {
        return;
      }
      world.foreign.start({ ...world.dialect, manner: 'router', priority: node === 0 ? 100 : 255 });
      heal(() => {
        if (lasting % 2 === 0) {
          world.foreign.leave();
        } else {
          world.foreign.die();
        }
      });
    },
    // Another virtual router's adverts, or another version's: none of this pair's business.
    'foreign-noise': () => {
      const { dialect } = world;
      const other =
        node === 0
          ? { vrid: dialect.vrid + 1 }
          : {
              version: dialect.version === 3 ? (2 as const) : (3 as const),
              interval: WHOLE_SECOND,
            };
      world.foreign.start({ ...dialect, ...other, manner: 'noise', priority: 255 });
      heal(() => {
        world.foreign.die();
      });
    },
    // Both versions 3 learn the interval of whoever is master; version 2 has none to learn.
    'one-sided-change': () => {
      if (world.settings.version === 3 && world.edits !== 'both files') {
        world.edits = 'one file';
        machine.reconfigure({ interval: scale(world.settings.interval, ONE_SIDED_FACTOR) });
      }
      world.handedOver();
      machine.stop('hand-over', () => {
        heal(() => {
          machine.start();
        });
      });
    },
    'change-together': () => {
      changeTogether(world, node, lasting % 2 === 0 ? 'two' : 'one');
    },
    // The channel is cut while they talk of it: before the word, behind it, or when both are about to switch.
    'change-unconfirmed': () => {
      changeTogether(world, node);
      world.scheduler.after(inTalk(lasting), () => {
        world.links.first.cut();
      });
      heal(() => {
        world.links.first.mend();
      });
    },
    // The node that was asked, or the one that asks, stands still meanwhile.
    'change-asleep': () => {
      changeTogether(world, node);
      const { process } = lasting % 2 === 0 ? machine : other;
      world.scheduler.after(inTalk(lasting), () => {
        process.freeze();
      });
      heal(() => {
        process.thaw();
      });
    },
  };
  deeds[kind]();
}

/** An operator orders something of the pair, where a daemon is there to be told. */
function order(
  { scheduler }: World,
  { daemon }: SimMachine,
  key: string,
  value: 'on' | 'off',
): void {
  void daemon?.intents.give(key, value);
  scheduler.answered();
}

const WHICHEVER = { group: 'web', to: undefined, successor: 'ready' } as const;
/** By how much an operator who edits one file only makes its interval longer. */
export const ONE_SIDED_FACTOR = 2;
const THIEF_COMES_EVERY = millis(70);
const WHOLE_SECOND = millis(1000);

/** Heals whatever is still broken. */
export function healAll(world: World): void {
  world.lan.heal();
  world.links.heal();
  world.foreign.leave();
  world.stranger.giveUp();
  for (const machine of world.machines) {
    machine.kernel.feel('willing');
    machine.proxy.mend();
    machine.proxy.restartUnit();
    machine.disk.heal();
    machine.services.heal();
    machine.stepWallClock(millis(0));
    machine.process.thaw();
    if (machine.power === 'off') {
      machine.powerOn();
    } else if (machine.kernel.link !== 'up') {
      machine.kernel.setLink('up');
    }
    machine.start();
  }
}
