/** Whether a lab's pair is as a healthy pair is: one master, one backup, both proxies serving. */
import { askStatus } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { NodeStatus } from '../telemetry/status.js';
import type { LabFailure } from './failure.js';
import type { Lab } from './lab.js';
import type { LabNode } from './node.js';
import { pause } from './pause.js';
import { NODE_NAMES } from './topology.js';

/** The control socket of a lab node's daemon. */
export function controlSocketOf(node: LabNode): string {
  return `${node.files.runtimeDirectory}/control.sock`;
}

/** Resolves when the pair is redundant again, or says what is missing after `within`. */
export async function untilRedundant(
  lab: Lab,
  clock: Clock,
  within: Millis,
): Promise<Result<undefined, LabFailure>> {
  const giveUpAt = later(clock.now(), within);
  for (;;) {
    const parts = await Promise.all(NODE_NAMES.map((name) => partOf(lab.nodes[name])));
    if (parts.toSorted().join() === 'backup,master') {
      return done;
    }
    if (clock.now() >= giveUpAt) {
      const detail = NODE_NAMES.map((name, index) => `${name}: ${parts[index] ?? ''}`).join(', ');
      return fail({ code: 'not-ready', detail: `the pair is not redundant: ${detail}` });
    }
    await pause(clock, LOOK_EVERY);
  }
}

async function partOf(node: LabNode): Promise<string> {
  const status = await askStatus(controlSocketOf(node));
  return status.ok ? roleIn(status.value) : 'no daemon answers';
}

function roleIn({ groups, proxy }: NodeStatus): string {
  const [group] = groups;
  if (group === undefined) {
    return 'no group';
  }
  return proxy?.state === 'serving' ? group.role : `the proxy is ${proxy?.state ?? 'missing'}`;
}

const LOOK_EVERY = millis(50);
