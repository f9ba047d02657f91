/** What strikes a pair at random: whoever carries rows is killed, frozen or cut off, and comes back. */
import { readFileSync } from 'node:fs';
import type { Result } from '../../base/result.js';
import { done } from '../../base/result.js';
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { pidsIn, signalAll } from '../namespace-processes.js';
import type { LabNode } from '../node.js';
import { healPaths, pullCable } from '../path-faults.js';
import { eventually, pause } from '../pause.js';
import { controlSocketOf } from '../readiness.js';
import { askStatus } from '../../api/client.js';

export interface Struck {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly ports: Pick<LabPorts, 'clock' | 'processes'>;
  /** How long it lasts, where that is not up to somebody else. */
  readonly lasting: Millis;
}

export interface Blow {
  readonly name: string;
  /** Whether it makes sense where HAProxy's own peers carry the rows. */
  readonly strikes: 'anybody' | 'vipair';
  /** Resolves when what was done has been undone; what ended by itself is started by whoever watches over it. */
  strike(struck: Struck): Promise<Result<undefined, LabFailure>>;
}

export const BLOWS: readonly [Blow, ...Blow[]] = [
  {
    name: 'HAProxy killed',
    strikes: 'anybody',
    strike: ({ node }: Struck): Promise<Result<undefined, LabFailure>> => {
      node.strikeProxy('kill');
      return Promise.resolve(done);
    },
  },
  {
    name: 'link cut',
    strikes: 'anybody',
    strike: async ({ lab, ports, lasting }: Struck): Promise<Result<undefined, LabFailure>> => {
      const pulled = await pullCable(lab, ports.processes);
      await pause(ports.clock, lasting);
      const healed = await healPaths(lab, ports.processes);
      return pulled.ok ? healed : pulled;
    },
  },
  {
    name: 'daemon killed',
    strikes: 'anybody',
    strike: async ({ node, ports, lasting }: Struck): Promise<Result<undefined, LabFailure>> => {
      node.strikeEngine('kill');
      await pause(ports.clock, lasting);
      const gone = await node.stopEngine('for-good');
      const started = gone.ok ? await node.startEngine() : gone;
      if (!started.ok) {
        return started;
      }
      const answers = async (): Promise<boolean> => (await askStatus(controlSocketOf(node))).ok;
      await eventually(ports.clock, { within: STARTS_WITHIN, every: millis(50) }, answers);
      return done;
    },
  },
  {
    name: 'replicator killed',
    strikes: 'vipair',
    strike: ({ node }: Struck): Promise<Result<undefined, LabFailure>> => {
      signalAll(replicatorsOn(node), 'SIGKILL');
      return Promise.resolve(done);
    },
  },
  {
    name: 'replicator frozen',
    strikes: 'vipair',
    strike: async ({ node, ports, lasting }: Struck): Promise<Result<undefined, LabFailure>> => {
      const pids = replicatorsOn(node);
      signalAll(pids, 'SIGSTOP');
      await pause(ports.clock, lasting);
      signalAll(pids, 'SIGCONT');
      return done;
    },
  },
];

/** The replicator of a node's daemon: none where there is none, and more than one at most for a moment. */
function replicatorsOn(node: LabNode): readonly number[] {
  return pidsIn(node.namespace).filter((pid) => argumentsOf(pid).includes('replicator'));
}

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

const STARTS_WITHIN = millis(10_000);
