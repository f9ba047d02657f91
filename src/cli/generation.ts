/** `vipair lab generation`: changes that both nodes must agree on, in a lab of its own, and what the wire showed of them. */
import type { Result } from '../base/result.js';
import { centisToMillis } from '../base/time.js';
import type { LabFailure } from '../lab/failure.js';
import type { GenerationSeen } from '../lab/generation.js';
import { seeGeneration } from '../lab/generation.js';
import { generationSteps } from '../lab/generation-steps.js';
import type { Lab } from '../lab/lab.js';
import { takeSteps } from '../lab/steps.js';
import { NODE_NAMES } from '../lab/topology.js';
import type { ExitCode } from './exit-codes.js';
import type { MigratePorts } from './migrate.js';
import type { PairLabRequest, Telling } from './pair-lab.js';
import { inPairLab, stepTeller } from './pair-lab.js';
import { renderTable } from './table.js';

export function labGeneration(asked: PairLabRequest, ports: MigratePorts): Promise<ExitCode> {
  return inPairLab(
    {
      command: 'generation',
      steps: (interval) => generationSteps(interval).length,
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
): Promise<Result<readonly GenerationSeen[], LabFailure>> {
  tell('A client opens a new connection every 5 ms, and a watch asks for the address every 2 ms.');
  return takeSteps(
    generationSteps(centisToMillis(lab.settings.advertInterval)),
    { signal: ports.signal, tell: stepTeller(tell) },
    async (step) => {
      const outcome = await seeGeneration(step, lab, ports);
      if (outcome.ok) {
        tell(`  ${outcome.value.outcome}: ${outcome.value.said}`);
      }
      return outcome;
    },
  );
}

function report(seen: readonly GenerationSeen[]): string {
  const head = ['CHANGE', 'RELOAD', ...NODE_NAMES, 'OWNERS', 'TWO OWNERS ms', 'NO OWNER ms'];
  const table = renderTable(
    [...head, 'FAILED REQUESTS', ''],
    seen.map((each) => [
      ...[each.step, each.outcome, ...NODE_NAMES.map((name) => each.runs[name])],
      ...[each.owners.join(' → '), each.twoOwnersMs.toFixed(0), each.longestNoOwnerMs.toFixed(0)],
      ...[`${String(each.failedRequests)} of ${String(each.requests)}`, each.verdict],
    ]),
  );
  return [
    table,
    '',
    'lb1, lb2: what each daemon runs afterwards; where the channel was cut, before it was healed.',
    'two owners: all of it together; no owner: the longest stretch; by the answers to an ARP question every 2 ms.',
  ].join('\n');
}
