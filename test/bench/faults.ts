/** The faults that are measured: how each strikes, how long it is watched, how it is healed. */
import { rmSync } from 'node:fs';
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type { Fault } from '../../src/lab/fault.js';
import type { Lab, LabPorts } from '../../src/lab/lab.js';
import type { LabNode } from '../../src/lab/node.js';
import { must } from './labs.js';

export const FAULT_IDS = ['power', 'kill', 'freeze', 'switchover'] as const;
export type FaultId = (typeof FAULT_IDS)[number];

export interface FaultKind {
  readonly title: string;
  /**
   * `fault`: a gap begins with the deed. `first-failure`: with the first failed probe, for where the deed
   * is a command, what passes before anything happens is nobody's gap.
   */
  readonly countsFrom: 'fault' | 'first-failure';
  strike(lab: Lab, master: LabNode, ports: LabPorts): Promise<Fault>;
  /** From the deed on; longer than the slowest contender needs. */
  watchedFor(interval: Millis): Millis;
  heal(lab: Lab, struck: LabNode): Promise<void>;
}

/** Three intervals and a Skew_Time, which is less than one, and the time to settle. */
const SETTLES = 600;
const AN_ELECTION = 4;
/** keepalived runs the script that checks the proxy once a second, then gives up the address, then elects. */
const SCRIPT_NOTICES = 1_000;
const FROZEN_WATCH = millis(6_000);
const COMMAND_WITHIN = millis(15_000);

export const FAULTS: Readonly<Record<FaultId, FaultKind>> = {
  power: {
    title: 'node power loss',
    countsFrom: 'fault',
    strike: async (_lab, master) => must(await master.powerOff()),
    watchedFor: (interval) => millis(interval * AN_ELECTION + SETTLES),
    heal: async (_lab, struck) => {
      // keepalived refuses to start over the files of its former life, of which no boot leaves any.
      for (const file of [struck.files.keepalivedPid, struck.files.keepalivedVrrpPid]) {
        rmSync(file, { force: true });
      }
      must(await struck.powerOn());
    },
  },
  kill: {
    title: 'proxy kill -9',
    countsFrom: 'fault',
    strike: (_lab, master) => Promise.resolve(master.strikeProxy('kill')),
    watchedFor: (interval) => millis(interval + SCRIPT_NOTICES + SETTLES),
    heal: restartProxy,
  },
  freeze: {
    title: 'proxy frozen',
    countsFrom: 'fault',
    strike: (_lab, master) => Promise.resolve(master.strikeProxy('freeze')),
    watchedFor: () => FROZEN_WATCH,
    heal: (_lab, struck) => {
      struck.strikeProxy('thaw');
      return Promise.resolve();
    },
  },
  switchover: {
    title: 'planned switchover',
    countsFrom: 'first-failure',
    strike: handOver,
    watchedFor: (interval) => millis(interval + SETTLES),
    heal: async (lab, struck) => {
      if (lab.settings.engine === 'keepalived') {
        must(await struck.stopEngine('for-good'));
        must(await struck.startEngine());
      }
    },
  },
};

/** vipair restarts its proxy itself. */
async function restartProxy(lab: Lab, struck: LabNode): Promise<void> {
  if (lab.settings.engine === 'keepalived') {
    must(await struck.startProxy());
  }
}

/** vipair is told by its command; keepalived hands over when it is stopped. */
async function handOver(lab: Lab, master: LabNode, ports: LabPorts): Promise<Fault> {
  if (lab.settings.engine === 'keepalived') {
    return must(await master.stopEngine('for-good'));
  }
  const [program = '', ...before] = ports.vipair;
  const command = [...before, 'switchover', '--yes', '-c', master.files.vipairConfig];
  const earliest = ports.clock.now();
  const ran = await ports.processes.run(program, command, { within: COMMAND_WITHIN });
  must(ran);
  return { earliest, latest: ports.clock.now() };
}
