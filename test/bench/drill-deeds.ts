/** How each fault of our catalogue is done to a pair of either engine, and how it is undone. */
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import { formatCidr } from '../../src/base/ip.js';
import type { DrillName } from '../../src/core/drill-catalogue.js';
import { DRILLS } from '../../src/core/drill-catalogue.js';
import type { DrillScene } from '../../src/core/drill-scene.js';
import { signalOne } from '../../src/lab/namespace-processes.js';
import { inNamespace } from '../../src/lab/network.js';
import type { LabNode } from '../../src/lab/node.js';
import { pause } from '../../src/lab/pause.js';
import { LAN_INTERFACE, VIRTUAL_CIDRS, otherNode } from '../../src/lab/topology.js';
import type { DrillStage } from './drill-stage.js';
import { FAULTS } from './faults.js';
import { must } from './labs.js';

export interface Struck {
  readonly stage: DrillStage;
  readonly master: LabNode;
  readonly scene: DrillScene;
  readonly lasts: Millis;
}

type Undo = () => Promise<void>;

export interface BenchDrill {
  readonly label: string;
  /** Whose limits and length it has. */
  readonly drill: DrillName;
  readonly strike: (struck: Struck) => Promise<Undo>;
}

/** In the order of the catalogue; what one of the two engines has nothing of is left out. */
export const BENCH_DRILLS: readonly BenchDrill[] = [
  { label: 'switchover', drill: 'switchover', strike: switchOver },
  { label: 'daemon-restart', drill: 'daemon-restart', strike: restartDaemon },
  byHand('vrrp-filtered-one-way'),
  byHand('vrrp-filtered-both-ways'),
  { label: 'address-stolen', drill: 'address-stolen', strike: stealAddress },
  byHand('duplicate-address'),
  { label: 'proxy-crash', drill: 'proxy-crash', strike: crashProxy },
  { label: 'proxy-hang', drill: 'proxy-hang', strike: hangProxy },
  { label: 'daemon-crash', drill: 'daemon-crash', strike: crashDaemon },
  {
    label: 'daemon-crash, not restarted',
    drill: 'daemon-crash',
    strike: (struck) => unattended(struck, () => crashDaemon(struck)),
  },
  { label: 'daemon-freeze', drill: 'daemon-freeze', strike: freezeDaemon },
  { label: 'link-down', drill: 'link-down', strike: setLinkDown },
  byHand('port-blackhole'),
  byHand('isolated'),
  byHand('backend-down-node'),
  byHand('cpu-starvation'),
  {
    label: 'node-power-loss',
    drill: 'node-power-loss',
    strike: (struck) => unattended(struck, () => cutPower(struck)),
  },
];

/** What a drill's hand does is the same on a node of any engine. */
function byHand(drill: DrillName): BenchDrill {
  const { faults, to } = DRILLS[drill];
  return {
    label: drill,
    drill,
    strike: ({ stage, master, scene, lasts }) => {
      const node = to === 'master' ? master : stage.lab.nodes[otherNode(master.name)];
      return stage.inflict(node, faults(scene), lasts);
    },
  };
}

/** Nobody starts the daemon again before it is undone. */
async function unattended({ stage, master }: Struck, strike: () => Promise<Undo>): Promise<Undo> {
  stage.leftAlone.add(master.name);
  const undo = await strike();
  return async () => {
    await undo();
    stage.leftAlone.delete(master.name);
  };
}

function switchOver(struck: Struck): Promise<Undo> {
  const { stage, master } = struck;
  const kind = FAULTS.switchover;
  return unattended(struck, async () => {
    await kind.strike(stage.lab, master, stage.ports);
    return () => kind.heal(stage.lab, master);
  });
}

/** As `systemctl restart` does it: the daemon of ours is told that another comes, keepalived knows no such word. */
function restartDaemon({ stage, master }: Struck): Promise<Undo> {
  const { enginePid } = master.processes();
  if (enginePid !== undefined) {
    signalOne(enginePid, stage.lab.settings.engine === 'vipair' ? 'SIGUSR2' : 'SIGTERM');
  }
  return Promise.resolve(NOTHING);
}

async function stealAddress({ stage, master }: Struck): Promise<Undo> {
  const words = ['ip', 'address', 'del', formatCidr(VIRTUAL_CIDRS.ipv4), 'dev', LAN_INTERFACE];
  must(await inNamespace(stage.ports.processes, master.namespace, words));
  return NOTHING;
}

/** vipair starts its proxy itself; beside keepalived systemd does, as HAProxy's unit has it. */
async function crashProxy({ stage, master }: Struck): Promise<Undo> {
  master.strikeProxy('kill');
  if (stage.lab.settings.engine === 'keepalived') {
    await pause(stage.ports.clock, UNIT_RESTARTS_AFTER);
    must(await master.startProxy());
  }
  return NOTHING;
}

function hangProxy({ master }: Struck): Promise<Undo> {
  master.strikeProxy('freeze');
  return Promise.resolve(() => {
    master.strikeProxy('thaw');
    return Promise.resolve();
  });
}

function crashDaemon({ master }: Struck): Promise<Undo> {
  master.strikeEngine('kill');
  return Promise.resolve(NOTHING);
}

function freezeDaemon({ master }: Struck): Promise<Undo> {
  master.strikeEngine('freeze');
  return Promise.resolve(() => {
    master.strikeEngine('thaw');
    return Promise.resolve();
  });
}

/** Without the hand of a drill, which would put back keepalived's virtual address with the others. */
async function setLinkDown({ stage, master }: Struck): Promise<Undo> {
  const set = async (state: 'down' | 'up'): Promise<void> => {
    const words = ['ip', 'link', 'set', LAN_INTERFACE, state];
    must(await inNamespace(stage.ports.processes, master.namespace, words));
  };
  await set('down');
  return () => set('up');
}

async function cutPower({ stage, master }: Struck): Promise<Undo> {
  const kind = FAULTS.power;
  await kind.strike(stage.lab, master, stage.ports);
  return () => kind.heal(stage.lab, master);
}

const NOTHING: Undo = () => Promise.resolve();
/** What systemd does by default (RestartSec). */
const UNIT_RESTARTS_AFTER = millis(100);
