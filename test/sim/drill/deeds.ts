/** The faults of drills, carried out on a simulated machine; each returns how it is undone. */
import type { Millis } from '../../../src/base/time.js';
import { millis, scale, sum } from '../../../src/base/time.js';
import { unreachable } from '../../../src/base/unreachable.js';
import type { DrillFault, DroppedPackets } from '../../../src/core/drill-fault.js';
import { ProxyReloader } from '../../../src/proxy/proxy-reloader.js';
import type { LanPort } from '../lan.js';
import type { SimMachine } from '../machine.js';
import type { World } from '../world.js';
import type { DrillPair } from './pair.js';

export interface Stage {
  readonly world: World;
  readonly pair: DrillPair;
  readonly machine: SimMachine;
  readonly other: SimMachine;
  /** What was said of a fault that is an answer and no state. */
  readonly complain: (problem: string) => void;
}

type Undo = () => void;

const NOTHING: Undo = () => undefined;

export function carryOut(stage: Stage, fault: DrillFault): Undo {
  const { world, machine, other } = stage;
  const { address } = world;
  switch (fault.kind) {
    case 'signal':
      return signal(stage, fault);
    case 'restart-daemon':
      world.handedOver();
      machine.stop('hand-over', () => {
        startLater(stage);
      });
      return NOTHING;
    case 'bad-proxy-config':
      return badReload(stage);
    case 'link-down':
      machine.kernel.setLink('down');
      return () => {
        machine.kernel.setLink('up');
      };
    case 'drop':
      return all(fault.packets.map((each) => drop(stage, each)));
    case 'remove-address':
      machine.kernel.steal(address);
      return NOTHING;
    case 'add-address':
      machine.kernel.assign({ cidr: fault.address, interface: fault.interface });
      for (let copy = 0; copy < ANNOUNCEMENTS; copy += 1) {
        world.scheduler.after(scale(ANNOUNCED_EVERY, copy), () => {
          world.lan.announce(machine.port, address);
          world.announcedBy(machine);
        });
      }
      return () => {
        machine.kernel.unassign(address);
      };
    case 'burn-processors':
      return starve(stage);
    case 'fill-disk':
      machine.disk.fail('full');
      machine.intents.mood = 'full';
      return () => {
        machine.disk.heal();
        machine.intents.wake();
      };
    case 'power-off':
      other.powerLoss();
      return () => {
        other.powerOn();
      };
    default:
      return unreachable(fault);
  }
}

type Signal = Extract<DrillFault, { readonly kind: 'signal' }>;

/** What is killed its service manager or its daemon starts again. */
function signal(stage: Stage, { to, signal: which }: Signal): Undo {
  const { machine } = stage;
  switch (to) {
    case 'daemon': {
      const { process } = machine;
      if (which === 'stop') {
        process.freeze();
        return () => {
          process.thaw();
        };
      }
      machine.crash();
      startLater(stage);
      return NOTHING;
    }
    case 'proxy':
      if (which === 'kill') {
        machine.proxy.die();
        return NOTHING;
      }
      machine.proxy.hang();
      return () => {
        machine.proxy.goOn();
      };
    case 'replicator':
      throw new Error('no replicator is simulated here');
    default:
      return unreachable(to);
  }
}

function startLater({ world, machine, pair }: Stage): void {
  world.scheduler.after(sum(RESTART_REST, pair.restartTakes), () => {
    machine.start();
  });
}

/** As the hand does: of the daemon's own queue of reloads. */
function badReload({ machine, complain }: Stage): Undo {
  const { proxy, process, name } = machine;
  proxy.configuration = 'invalid';
  const log = { tell: () => undefined };
  const reloader = new ProxyReloader(name, { clock: process, log, proxy: proxy.host(process) });
  void reloader.reload().then((reloaded) => {
    if (reloaded.ok) {
      complain('a mistake in haproxy.cfg was not refused');
    }
  });
  return () => {
    proxy.configuration = 'valid';
  };
}

function drop(stage: Stage, packets: DroppedPackets): Undo {
  const { world, machine } = stage;
  const { lan, links } = world;
  switch (packets.what) {
    case 'everything':
      return isolate(stage);
    case 'adverts':
      lan.filterAdverts(machine.port, packets.direction);
      return () => {
        lan.passAdverts(machine.port, packets.direction);
      };
    case 'port':
      links.first.cut();
      links.second.cut();
      return () => {
        links.first.mend();
        links.second.mend();
      };
    case 'server':
      return unreach(stage, packets);
    default:
      return unreachable(packets);
  }
}

function isolate({ world, machine, other }: Stage): Undo {
  const { lan } = world;
  const rest: readonly LanPort[] = [other.port, world.gateway, world.client];
  for (const each of rest) {
    lan.cut(machine.port, each);
    lan.cut(each, machine.port);
  }
  return () => {
    for (const each of rest) {
      lan.mend(machine.port, each);
      lan.mend(each, machine.port);
    }
  };
}

/** Clients notice at once, and the proxy's checks after a while. */
function unreach(
  { world, machine: { name, proxy }, pair }: Stage,
  { address }: Extract<DroppedPackets, { readonly what: 'server' }>,
): Undo {
  const become = (status: 'UP' | 'DOWN'): void => {
    if (status === 'DOWN') {
      proxy.unreachable.add(address);
    } else {
      proxy.unreachable.delete(address);
    }
    world.scheduler.changed();
    world.scheduler.after(pair.checksTake[name] ?? millis(0), () => {
      proxy.servers.find(address, status);
      world.scheduler.changed();
    });
  };
  become('DOWN');
  return () => {
    become('UP');
  };
}

/** It goes first, and still has to wait for a processor now and then. */
function starve({ world, machine, pair }: Stage): Undo {
  let goesOn = true;
  let turns = 0;
  const wait = (): void => {
    const { process } = machine;
    if (!goesOn) {
      return;
    }
    process.freeze();
    turns += 1;
    const waits: Millis = millis((pair.starvedFor * ((turns % WAITS_VARY) + 1)) / WAITS_VARY);
    world.scheduler.after(waits, () => {
      process.thaw();
      world.scheduler.answered();
    });
    world.scheduler.after(sum(waits, RUNS_FOR), wait);
  };
  wait();
  return () => {
    goesOn = false;
  };
}

function all(undos: readonly Undo[]): Undo {
  return () => {
    for (const undo of undos) {
      undo();
    }
  };
}

/** One may be lost, and a master must hear them as clients do. */
const ANNOUNCEMENTS = 3;
const ANNOUNCED_EVERY = millis(100);
/** The unit's RestartSec. */
const RESTART_REST = millis(20);
const RUNS_FOR = millis(7);
const WAITS_VARY = 5;
