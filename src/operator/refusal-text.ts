/** Refusals of a node in words: what was found, and what to do. */
import { unreachable } from '../base/unreachable.js';
import type { FailbackRefusal, SwitchoverRefusal } from '../telemetry/operator-refusals.js';
import type { Refusal } from '../telemetry/refusal.js';

/** `node`: who refuses. */
export function explainSwitchover(refusal: SwitchoverRefusal, node: string): Refusal {
  const { code, group } = refusal;
  switch (code) {
    case 'unknown-group':
      return unknownGroup(refusal);
    case 'in-progress':
      return { code, detail: `a switchover of ${group} is in progress` };
    case 'not-ready':
      return {
        code,
        detail: `the other node could not take ${group} over: ${refusal.why}; --force tries it all the same`,
      };
    case 'not-master': {
      const { role, master } = refusal;
      const known = master === undefined ? 'no master is known' : `the master is ${master}`;
      return {
        code,
        detail: `${node} is ${role} for ${group}, and only the master can hand it over; ${known}`,
      };
    }
    default:
      return unreachable(code);
  }
}

export function explainFailback(refusal: FailbackRefusal, node: string): Refusal {
  const { code, group } = refusal;
  switch (code) {
    case 'unknown-group':
      return unknownGroup(refusal);
    case 'never-fails-back':
      return { code, detail: `${group} has \`failback: never\`; run vipair switchover instead` };
    case 'not-backup':
      return {
        code,
        detail: `${node} is ${refusal.role} for ${group}, and only a backup can take it back`,
      };
    case 'not-ready':
      return {
        code,
        detail: `the stick tables of the other node are not on ${node} yet, so users would lose their servers: vipair tables says what is missing; it is waited for no longer than a minute`,
      };
    case 'not-preferred':
      return {
        code,
        detail: `${node} hears no master of ${group} with a lower priority than its own; run vipair switchover instead`,
      };
    default:
      return unreachable(code);
  }
}

function unknownGroup({
  code,
  group,
  known,
}: Extract<SwitchoverRefusal, { readonly code: 'unknown-group' }>): Refusal {
  return { code, detail: `no group is called ${group}; there are: ${known.join(', ')}` };
}
