/** What the figures were measured on. It names no machine. */
import { cpus, release } from 'node:os';
import { millis } from '../../src/base/time.js';
import type { ProcessHost } from '../../src/ports/process-host.js';

export interface Environment {
  readonly kernel: string;
  readonly processors: string;
  readonly node: string;
  readonly keepalived: string;
  readonly haproxy: string;
  readonly conntrackd: string;
}

const WITHIN = millis(5_000);

export async function environment(processes: ProcessHost): Promise<Environment> {
  const [keepalived, haproxy, conntrackd] = await Promise.all(
    ['keepalived', 'haproxy', 'conntrackd'].map(async (program) => {
      const ran = await processes.run(program, ['-v'], { within: WITHIN });
      const said = ran.ok ? `${ran.value.stdout}${ran.value.stderr}` : 'not found';
      return /\d+\.\d+\.\d+\S*/u.exec(said)?.[0].replace(/\.$/u, '') ?? 'unknown';
    }),
  );
  const all = cpus();
  return {
    kernel: release(),
    processors: `${String(all.length)} × ${all[0]?.model.trim() ?? 'unknown'}`,
    node: process.versions.node,
    keepalived: keepalived ?? 'unknown',
    haproxy: haproxy ?? 'unknown',
    conntrackd: conntrackd ?? 'unknown',
  };
}

export function environmentLine(measuredOn: Environment): string {
  const { kernel, processors, node, keepalived, haproxy, conntrackd } = measuredOn;
  return `kernel ${kernel}, ${processors}, node ${node}, keepalived ${keepalived}, haproxy ${haproxy}, conntrackd ${conntrackd}`;
}
