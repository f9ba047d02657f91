/** `vipair reload`: the daemon reads its configuration file again, or says what that would come to. */
import { askReload } from '../api/client.js';
import type {
  PeerPlan,
  PlannedChange,
  ReloadReport,
  SharedDifference,
} from '../telemetry/reload.js';
import { formatProblem } from '../config/problem.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain, print, printJson } from './terminal.js';

export async function reload(asked: Asked, mode: 'applied' | 'planned'): Promise<ExitCode> {
  const read = readConfig(asked.config);
  if (!read.ok && asked.socket === undefined && asked.form === 'text') {
    // The daemon would say the same; and where it listens is in that file.
    for (const problem of read.error) {
      complain(formatProblem(problem));
    }
    return EXIT.configuration;
  }
  const answer = await askReload(socketOf(asked), mode);
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(inWords(answer.value));
  }
  return EXIT.ok;
}

function inWords({ node, outcome, changes, peer, differing }: ReloadReport): string {
  const both = peer === undefined ? node : `${node} and ${peer.node}`;
  const headlines = {
    unchanged: 'nothing was changed: the file says what runs',
    applied: `changed on ${node}, as the daemon runs:`,
    switched: `changed on ${both} at the same moment:`,
    planned: changes.length === 0 ? `${node}: nothing would change` : `${node} would change:`,
  };
  return [
    headlines[outcome],
    ...changes.map(changeLine),
    ...(outcome === 'planned' ? [...peerLines(peer), ...agreementLines(differing, peer)] : []),
  ].join('\n');
}

function peerLines(peer: PeerPlan | undefined): readonly string[] {
  if (peer === undefined) {
    return [];
  }
  if ('unknown' in peer) {
    return [`${peer.node}: ${peer.unknown}`];
  }
  return peer.changes.length === 0
    ? [`${peer.node}: nothing would change`]
    : [`${peer.node} would change:`, ...peer.changes.map(changeLine)];
}

/** What stands in the way of a change together. */
function agreementLines(
  differing: readonly SharedDifference[] | undefined,
  peer: PeerPlan | undefined,
): readonly string[] {
  return differing === undefined || differing.length === 0
    ? []
    : [
        'not before both files say the same:',
        ...differing.map(
          ({ path, here, there }) =>
            `  ${path}: ${here ?? 'nothing'} here, ${there ?? 'nothing'} on ${peer?.node ?? 'the other node'}`,
        ),
      ];
}

function changeLine({ path, from, to, takes }: PlannedChange): string {
  return `  ${path}: ${from ?? 'nothing'} → ${to ?? 'nothing'} (${TAKES[takes]})`;
}

const TAKES: Readonly<Record<PlannedChange['takes'], string>> = {
  nothing: 'live',
  agreement: 'both nodes at the same moment',
  restart: 'needs a restart of the daemon',
};
