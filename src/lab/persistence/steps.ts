/** What happens to a pair whose tables are looked at, one thing after the other. */
import { rmSync } from 'node:fs';
import type { Result } from '../../base/result.js';
import { done } from '../../base/result.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import { giveAway } from '../give-away.js';
import type { LabNode } from '../node.js';

export interface PersistenceStep {
  readonly name: string;
  readonly story: string;
  /**
   * `quiet`: nobody visits while it happens, and afterwards everybody comes once. `busy`: visitors come and go meanwhile,
   * new ones among them, and what is known is what the other node knew the moment before.
   */
  readonly traffic: 'quiet' | 'busy';
  /** Whether both nodes are there afterwards, so that their tables can be compared. */
  readonly leaves: 'both' | 'one';
  act(parties: PersistenceParties): Promise<Result<undefined, LabFailure>>;
}

export interface PersistenceParties {
  readonly owner: LabNode;
  readonly other: LabNode;
  readonly clock: Clock;
}

export const PERSISTENCE_STEPS: readonly PersistenceStep[] = [
  {
    name: 'live',
    story: 'visitors come; then both nodes are compared',
    traffic: 'quiet',
    leaves: 'both',
    act: () => Promise.resolve(done),
  },
  {
    name: 'power loss',
    story: 'the owner loses its power while visitors come, new ones among them',
    traffic: 'busy',
    leaves: 'one',
    act: async ({ owner }) => asDone(await owner.powerOff()),
  },
  {
    name: 'rejoined',
    story: 'it boots with nothing; what it is taught is compared',
    traffic: 'quiet',
    leaves: 'both',
    act: async ({ other }: PersistenceParties): Promise<Result<undefined, LabFailure>> => {
      rmSync(other.files.runtimeDirectory, { recursive: true, force: true });
      return other.powerOn();
    },
  },
  {
    name: 'switchover',
    story: 'the address goes to the node that was taught',
    traffic: 'quiet',
    leaves: 'both',
    act: async (parties: PersistenceParties): Promise<Result<undefined, LabFailure>> => {
      const { owner, other, clock } = parties;
      const given = await giveAway(owner, { to: other.name }, clock);
      return given.ok ? done : given;
    },
  },
  {
    name: 'HAProxy killed there',
    story: 'HAProxy is killed on the backup, and started again by vipair',
    traffic: 'quiet',
    leaves: 'both',
    act: ({ other }) => killProxy(other),
  },
  {
    name: 'HAProxy killed here',
    story: 'then on the owner as well',
    traffic: 'quiet',
    leaves: 'both',
    act: ({ owner }) => killProxy(owner),
  },
];

function killProxy(node: LabNode): Promise<Result<undefined, LabFailure>> {
  node.strikeProxy('kill');
  return Promise.resolve(done);
}

function asDone(outcome: Result<unknown, LabFailure>): Result<undefined, LabFailure> {
  return outcome.ok ? done : outcome;
}
