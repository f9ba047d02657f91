/** `vipair lab servers`: servers are added and removed at run time, under load, and outlive what happens to a pair. */
import type { ServersSeen } from '../lab/servers.js';
import { seeServers } from '../lab/servers.js';
import { SERVERS_STEPS } from '../lab/servers-steps.js';
import { NODE_NAMES } from '../lab/topology.js';
import type { ExitCode } from './exit-codes.js';
import type { MigratePorts } from './migrate.js';
import type { PairLabRequest } from './pair-lab.js';
import { inPairLab, stepTeller } from './pair-lab.js';
import { renderTable } from './table.js';

export function labServers(asked: PairLabRequest, ports: MigratePorts): Promise<ExitCode> {
  return inPairLab(
    {
      command: 'servers',
      steps: () => SERVERS_STEPS.length,
      run: (lab, { tell }) =>
        seeServers(lab, {
          ...{ ports, signal: ports.signal },
          tell: stepTeller(tell),
        }),
      json: (steps, advertInterval) => ({ advertInterval, steps }),
      text: report,
    },
    asked,
    ports,
  );
}

function report(seen: readonly ServersSeen[]): string {
  const table = renderTable(
    ['AFTER', ...NODE_NAMES, 'ADDRESS ON', 'WITHIN ms', 'REQUESTS', 'FAILED', ''],
    seen.map(({ step, servers, owner, afterMs, requests, failed, verdict, wrong }) => [
      ...[step, ...NODE_NAMES.map((name) => servers[name]), owner, afterMs.toFixed(0)],
      ...[String(requests), String(failed), [verdict, ...wrong].join(': ')],
    ]),
  );
  return [
    table,
    '',
    'lb1, lb2: the servers of each HAProxy, by its own socket, when the pair was whole again.',
    'within: until both had what they should. failed: a death costs requests, which are shown; nothing else may.',
  ].join('\n');
}
