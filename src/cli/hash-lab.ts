/** `vipair lab hash`: how even a service is, and who moves when a server comes or goes. */
import type { HashSeen } from '../lab/hash/hash-lab.js';
import { seeHash } from '../lab/hash/hash-lab.js';
import { runHashClients } from '../lab/hash/hash-clients.js';
import { runHashServers } from '../lab/hash/hash-servers.js';
import { HASH_STEPS } from '../lab/hash/hash-steps.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { MigratePorts } from './migrate.js';
import type { PairLabRequest } from './pair-lab.js';
import { inPairLab, stepTeller } from './pair-lab.js';
import { renderTable } from './table.js';
import { complain } from './terminal.js';

export function labHash(asked: PairLabRequest, ports: MigratePorts): Promise<ExitCode> {
  return inPairLab(
    {
      command: 'hash',
      steps: () => HASH_STEPS.length,
      run: (lab, { tell }) =>
        seeHash(lab, { ...{ ports, signal: ports.signal }, tell: stepTeller(tell) }),
      json: (steps, advertInterval) => ({ advertInterval, steps }),
      text: report,
    },
    asked,
    ports,
  );
}

/** The lab's own program, at one end of the service; it ends when it is killed. */
export async function labHashPart(
  { part, socket }: { readonly part: string; readonly socket: string },
  { clock }: Pick<MigratePorts, 'clock'>,
): Promise<ExitCode> {
  const begun = await (part === 'servers' ? runHashServers(socket) : runHashClients(socket, clock));
  if (!begun.ok) {
    complain(begun.error.detail);
    return EXIT.failed;
  }
  await new Promise(() => undefined);
  return EXIT.ok;
}

function report(seen: readonly HashSeen[]): string {
  const table = renderTable(
    ['AFTER', 'NEW', 'χ²', 'MOST', 'MOVED %', 'OF OTHERS', 'OPEN KEPT', 'WITHIN ms', ''],
    seen.map((each) => [
      each.step,
      Object.values(each.counts).join(' '),
      each.chiSquare.toFixed(1),
      each.greatest.toFixed(2),
      each.movedPercent.toFixed(1),
      String(each.movedOfOthers),
      `${String(each.held.kept)}, ${String(each.held.broken)} broken`,
      each.afterMs.toFixed(0),
      [each.verdict, ...each.wrong].join(': '),
    ]),
  );
  return [
    table,
    '',
    'new: 2,000 connections from the same ports each time (by source: 10 from each of 100 addresses), by server.',
    'χ²: against the weights, at most 27.9. most: of its share, the most that a server got.',
    'moved: go elsewhere than after the step before. of others: of servers that neither came nor went.',
    'open: 200 connections that stay. Those of s7 end 1 s after it was drained, as its drain_timeout says.',
  ].join('\n');
}
