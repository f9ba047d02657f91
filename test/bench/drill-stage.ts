/** A pair that faults of our catalogue are done to: its service manager, and the hand that a drill has on each node. */
import { availableParallelism } from 'node:os';
import { ok } from '../../src/base/result.js';
import type { Centis } from '../../src/base/time.js';
import { centisToMillis, millis, scale, sum } from '../../src/base/time.js';
import type { DrillFault } from '../../src/core/drill-fault.js';
import type { DrillScene } from '../../src/core/drill-scene.js';
import { ServiceManager } from '../../src/lab/drills/services.js';
import type { Lab, LabPorts } from '../../src/lab/lab.js';
import type { LabNode } from '../../src/lab/node.js';
import { eventually } from '../../src/lab/pause.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import type { NodeName } from '../../src/lab/topology.js';
import {
  HOST_ADDRESSES,
  LAN_INTERFACE,
  VIRTUAL_CIDRS,
  WEB_SERVER_NAMES,
  WEB_SERVER_PORT,
  otherNode,
} from '../../src/lab/topology.js';
import { invariant } from '../../src/base/unreachable.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { identityOf } from '../../src/os/drill-hand/process-identity.js';
import { HandProcesses } from '../../src/os/drill-host.js';
import { must } from './labs.js';

export class DrillStage {
  readonly lab: Lab;
  readonly ports: LabPorts;
  /** Nodes whose daemon nobody starts again. */
  readonly leftAlone = new Set<NodeName>();
  readonly #services: ServiceManager;
  readonly #watching: Promise<void>;
  #hands = 0;

  constructor(lab: Lab, ports: LabPorts) {
    this.lab = lab;
    this.ports = ports;
    this.#services = new ServiceManager(lab, ports.clock, (node) => this.leftAlone.has(node));
    this.#watching = this.#services.watch();
  }

  async close(): Promise<void> {
    this.#services.stop();
    await this.#watching;
  }

  /** Does to that node what a drill does, by the same program. Resolves with what undoes it. */
  async inflict(
    node: LabNode,
    faults: readonly DrillFault[],
    lasts: number,
  ): Promise<() => Promise<void>> {
    this.#hands += 1;
    const id = `bench-${String(this.#hands)}`;
    const host = this.#handOn(node, id);
    const times = { lastsMs: lasts + MARGIN, armedForMs: MARGIN };
    must(await host.arm({ id, drill: 'bench', by: node.name, faults, ...times }));
    must(await host.fire(id));
    await this.#until(async () => (await host.state())?.fired !== undefined, 'does not act');
    return async () => {
      must(await host.undo(id));
      await this.#until(async () => (await host.state())?.phase === 'undone', 'does not undo');
    };
  }

  #handOn(node: LabNode, id: string): HandProcesses {
    const { name, namespace } = node;
    const { vipair, clock } = this.ports;
    const [program, ...words] = vipair;
    invariant(program !== undefined, 'vipair is a command');
    const directory = `${labDirectory(this.lab.settings.name)}/hands/${name}-${id}`;
    const { enginePid } = node.processes();
    const daemon = enginePid === undefined ? undefined : identityOf(enginePid);
    invariant(daemon !== undefined, 'a pair that is whole has daemons');
    return new HandProcesses(
      ['ip', 'netns', 'exec', namespace, ...vipair, 'drill-hand'],
      {
        ...{ node: name, runtimeDirectory: directory, stateDirectory: directory, daemon },
        ...{ controlSocket: `${directory}/none.sock`, proxy: undefined },
        burner: [program, ...words, 'drill-burner'],
      },
      // Of these a hand that lives needs none: they are for undoing in place of one that is gone.
      {
        ...{ processes: this.ports.processes, clock, addresses: must(NetlinkAddressTable.open()) },
        rules: () => Promise.resolve(ok(undefined)),
      },
    );
  }

  async #until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
    if (!(await eventually(this.ports.clock, HAND_PATIENCE, holds))) {
      throw new Error(`a hand ${otherwise}`);
    }
  }
}

/** The lab's pair, as a drill is planned from it. */
export function sceneOf(lab: Lab, master: NodeName, advertInterval: Centis): DrillScene {
  const interval = centisToMillis(advertInterval);
  const { every, timeout } = lab.settings.proxyProbe;
  return {
    ...{ here: otherNode(master), group: 'web', master, backup: otherNode(master) },
    interfaces: [LAN_INTERFACE],
    addresses: [{ address: VIRTUAL_CIDRS.ipv4, interface: LAN_INTERFACE }],
    ...{ advertInterval: interval, masterDown: scale(interval, INTERVALS_AND_SKEW) },
    ...{ channelPorts: [5112, 5113], proxySilence: sum(every, timeout) },
    servers: WEB_SERVER_NAMES.map((name) => ({
      ...{ name, address: HOST_ADDRESSES[name], port: WEB_SERVER_PORT },
    })),
    ...{ backendsLook: BACKENDS_LOOK, processors: availableParallelism(), has: new Set() },
    ...{ failback: 'when asked', serversByName: [] },
  };
}

/** Three adverts missed, and at most one interval of skew (RFC 9568 §6.1). */
const INTERVALS_AND_SKEW = 4;
/** As the lab's vipair.yaml has it: every second, three times, and once more for the moment between. */
const BACKENDS_LOOK = millis(4_000);
/** A hand that nobody ends undoes by itself. In milliseconds. */
const MARGIN = 20_000;
const HAND_PATIENCE = { within: millis(15_000), every: millis(10) } as const;
