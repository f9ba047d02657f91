/** A keepalived pair that becomes a vipair pair one node at a time: the steps an operator takes, and what each may move. */
import { askStatus, askSwitchover } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import type { Lab } from './lab.js';
import type { LabNode } from './node.js';
import { eventually } from './pause.js';
import { controlSocketOf, untilRedundant } from './readiness.js';

/** Who is who is settled when the migration begins. */
export interface Migrating {
  readonly lab: Lab;
  readonly clock: Clock;
  /** The master before the migration, and after it. */
  readonly first: LabNode;
  readonly second: LabNode;
}

export interface MigrationStep {
  readonly name: string;
  /** One sentence for the operator who watches. */
  readonly story: string;
  /** Whether the address is meant to move. */
  readonly planned: 'move' | 'stay';
  /** Resolves when the step is done: whatever it started runs in the role it is meant to have. */
  readonly take: (migrating: Migrating) => Promise<Result<undefined, LabFailure>>;
}

export const MIGRATION: readonly MigrationStep[] = [
  {
    name: 'before',
    story: 'both nodes run keepalived and HAProxy',
    planned: 'stay',
    take: () => Promise.resolve(done),
  },
  {
    name: 'backup changes over',
    story: 'on the backup keepalived and HAProxy are stopped, and vipair is started',
    planned: 'stay',
    take: changeBackup,
  },
  {
    name: 'first move',
    story: 'keepalived is stopped on the master: vipair takes over',
    planned: 'move',
    take: stopMaster,
  },
  {
    name: 'master changes over',
    story: 'HAProxy is stopped there too, and vipair is started as the backup',
    planned: 'stay',
    take: changeMaster,
  },
  {
    name: 'second move',
    story: 'vipair switchover brings the address back to where it was',
    planned: 'move',
    take: switchBack,
  },
];

type Outcome = Promise<Result<undefined, LabFailure>>;

async function changeBackup({ second, clock }: Migrating): Outcome {
  const stopped = await second.stopEngine('for-good');
  return stopped.ok ? startVipair(second, clock) : stopped;
}

async function stopMaster({ first, second, clock }: Migrating): Outcome {
  const stopped = await first.stopEngine('for-good');
  return stopped.ok ? untilRole(second, 'master', clock) : stopped;
}

async function changeMaster({ lab, first, clock }: Migrating): Outcome {
  const started = await startVipair(first, clock);
  return started.ok ? untilRedundant(lab, clock, READY_WITHIN) : started;
}

async function switchBack({ lab, second, clock }: Migrating): Outcome {
  const moved = await askSwitchover(controlSocketOf(second), {});
  if (!moved.ok || moved.value.kind !== 'moved') {
    return fail({ code: 'not-ready', detail: `switchover: ${JSON.stringify(moved)}` });
  }
  return untilRedundant(lab, clock, READY_WITHIN);
}

/** vipair supervises a HAProxy of its own and refuses to run beside another. */
async function startVipair(node: LabNode, clock: Clock): Outcome {
  const stopped = await node.stopProxy();
  if (!stopped.ok) {
    return stopped;
  }
  node.changeEngine('vipair');
  const started = await node.startEngine();
  return started.ok ? untilRole(node, 'backup', clock) : started;
}

/** In that role, and its proxy serves. */
async function untilRole(node: LabNode, role: 'master' | 'backup', clock: Clock): Outcome {
  let found = 'no daemon answers';
  const patience = { within: READY_WITHIN, every: LOOK_EVERY };
  const hasIt = await eventually(clock, patience, async () => {
    const status = await askStatus(controlSocketOf(node));
    if (!status.ok) {
      return false;
    }
    const { groups, proxy } = status.value;
    found = `${groups[0]?.role ?? 'no group'}, the proxy is ${proxy?.state ?? 'missing'}`;
    return groups[0]?.role === role && proxy?.state === 'serving';
  });
  return hasIt
    ? done
    : fail({ code: 'not-ready', detail: `${node.name} is not ${role} but: ${found}` });
}

const READY_WITHIN = millis(30_000);
const LOOK_EVERY = millis(20);
