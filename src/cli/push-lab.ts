/** `vipair lab push`: files of HAProxy from one node to the other in a lab of its own, good ones and bad ones. */
import type { Result } from '../base/result.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab } from '../lab/lab.js';
import type { NodeFilesSeen, PushSeen } from '../lab/push.js';
import { givenPushes, seePush } from '../lab/push.js';
import { PUSH_STEPS } from '../lab/push-steps.js';
import { takeSteps } from '../lab/steps.js';
import { NODE_NAMES } from '../lab/topology.js';
import type { ExitCode } from './exit-codes.js';
import type { MigratePorts } from './migrate.js';
import type { PairLabRequest, Telling } from './pair-lab.js';
import { inPairLab, stepTeller } from './pair-lab.js';
import { renderTable } from './table.js';

export function labPush(asked: PairLabRequest, ports: MigratePorts): Promise<ExitCode> {
  return inPairLab(
    {
      command: 'push',
      steps: () => PUSH_STEPS.length,
      run: all,
      json: (steps, advertInterval) => ({ advertInterval, steps }),
      text: report,
    },
    asked,
    ports,
  );
}

/** Ends after the step that runs when the operator has had enough. */
async function all(
  lab: Lab,
  { ports, tell }: Telling,
): Promise<Result<readonly PushSeen[], LabFailure>> {
  const given = await givenPushes(lab, ports);
  if (!given.ok) {
    return given;
  }
  tell(`${given.value.owner} owns the address and pushes; a client opens a connection every 5 ms.`);
  const { signal } = ports;
  return takeSteps(PUSH_STEPS, { signal, tell: stepTeller(tell) }, async (step) => {
    const outcome = await seePush(step, given.value, { lab, ports });
    if (outcome.ok) {
      const { outcome: became, said } = outcome.value;
      tell(said === '' ? `  ${became}` : `  ${became}: ${said}`);
    }
    return outcome;
  });
}

function report(seen: readonly PushSeen[]): string {
  const table = renderTable(
    ['PUSH', 'BECAME', ...NODE_NAMES, 'TOOK ms', 'FAILED REQUESTS', ''],
    seen.map((each) => [
      ...[each.step, each.outcome, ...NODE_NAMES.map((name) => inWords(each.runs[name]))],
      String(each.tookMs),
      `${String(each.failedRequests)} of ${String(each.requests)}`,
      each.verdict,
    ]),
  );
  return [
    table,
    '',
    "lb1, lb2: a digest of haproxy.cfg and the certificate on the node's disk, and the pid of HAProxy's worker.",
  ].join('\n');
}

function inWords({ files, worker }: NodeFilesSeen): string {
  return `${files}, pid ${String(worker ?? 'none')}`;
}
