/** `vipair lab intent`: what operators want survives whatever happens to a pair. */
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { LabFailure } from '../lab/failure.js';
import type { IntentSeen } from '../lab/intent.js';
import { seeIntent } from '../lab/intent.js';
import type { IntentParties } from '../lab/intent-steps.js';
import { INTENT_STEPS } from '../lab/intent-steps.js';
import type { Lab } from '../lab/lab.js';
import { untilRedundant } from '../lab/readiness.js';
import { takeSteps } from '../lab/steps.js';
import { NODE_NAMES, otherNode } from '../lab/topology.js';
import type { ExitCode } from './exit-codes.js';
import type { MigratePorts } from './migrate.js';
import type { PairLabRequest, Telling } from './pair-lab.js';
import { inPairLab, stepTeller } from './pair-lab.js';
import { renderTable } from './table.js';

export function labIntent(asked: PairLabRequest, ports: MigratePorts): Promise<ExitCode> {
  return inPairLab(
    {
      command: 'intent',
      steps: () => INTENT_STEPS.length,
      run: all,
      json: (steps) => ({ steps }),
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
): Promise<Result<readonly IntentSeen[], LabFailure>> {
  const redundant = await untilRedundant(lab, ports.clock, SETTLES_WITHIN);
  if (!redundant.ok) {
    return redundant;
  }
  const parties = await partiesOf(lab);
  if (parties === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  return takeSteps(INTENT_STEPS, { signal: ports.signal, tell: stepTeller(tell) }, (step) =>
    seeIntent(step, { lab, parties, clock: ports.clock }),
  );
}

async function partiesOf(lab: Lab): Promise<IntentParties | undefined> {
  const here = (await lab.owner())?.name;
  return here === undefined ? undefined : { here, there: otherNode(here) };
}

function report(seen: readonly IntentSeen[]): string {
  const table = renderTable(
    ['AFTER', ...NODE_NAMES, 'STATED ON', 'ADDRESS ON', 'WITHIN ms', ''],
    seen.map(({ step, states, by, owner, afterMs, verdict }) => [
      ...[step, ...NODE_NAMES.map((name) => states[name]), by, owner],
      ...[afterMs.toFixed(0), verdict],
    ]),
  );
  return [
    table,
    '',
    "lb1, lb2: what HAProxy's own socket says of web/web1, a second and a half after the pair was whole again.",
    'within: until both had it so.',
  ].join('\n');
}

const SETTLES_WITHIN = millis(30_000);
