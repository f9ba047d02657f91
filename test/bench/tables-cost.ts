/** What replicating costs both nodes: of vipair its two replicators, of HAProxy's own peers nothing beside HAProxy itself. */
import { readFileSync } from 'node:fs';
import type { Lab } from '../../src/lab/lab.js';
import { pidsIn } from '../../src/lab/namespace-processes.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { cpuOf, forgetPeak, peakOf } from './process-cost.js';

export interface Cost {
  /** Of all replicators together. */
  readonly replicatorSeconds: number;
  readonly haproxySeconds: number;
  /** The greatest of one replicator. */
  readonly peakMb: number;
}

const KB_PER_MB = 1_024;

/** What is used from now on; called again at the end. A process that ends meanwhile is not counted. */
export function costFrom(lab: Lab): () => Cost {
  const replicators = replicatorPids(lab);
  const proxies = NODE_NAMES.flatMap((name) => lab.nodes[name].processes().proxyPids);
  replicators.forEach(forgetPeak);
  const before = [replicators, proxies].map((pids) => cpuOf(living(pids)).usedSeconds);
  return () => {
    const [replicatorSeconds, haproxySeconds] = [replicators, proxies].map(
      (pids, index) => cpuOf(living(pids)).usedSeconds - (before[index] ?? 0),
    );
    return {
      replicatorSeconds: replicatorSeconds ?? 0,
      haproxySeconds: haproxySeconds ?? 0,
      peakMb: Math.max(0, ...living(replicators).map((pid) => peakOf(pid) / KB_PER_MB)),
    };
  };
}

function replicatorPids(lab: Lab): readonly number[] {
  return NODE_NAMES.flatMap((name) => pidsIn(lab.nodes[name].namespace)).filter((pid) =>
    argumentsOf(pid).includes('replicator'),
  );
}

function living(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => argumentsOf(pid).length > 1);
}

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
