/** Failovers to rehearse in a lab: each does one thing to the node that owns the address, and heals it. */
import { askSwitchover } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import type { Fault } from './fault.js';
import type { LabNode } from './node.js';
import { controlSocketOf } from './readiness.js';

export interface Rehearsal {
  readonly name: string;
  /** One sentence for the operator who watches. */
  readonly story: string;
  /** How long it lasts before it is healed: enough for the other node to notice and to serve. */
  readonly lasting: Millis;
  strike(owner: LabNode, clock: Clock): Promise<Result<Fault, LabFailure>>;
  heal(owner: LabNode): Promise<Result<undefined, LabFailure>>;
}

/** In the order in which an operator would dare to try them. */
export const REHEARSALS: readonly Rehearsal[] = [
  {
    name: 'planned switchover',
    story: 'vipair switchover, on the master',
    lasting: millis(1500),
    strike: switchOver,
    heal: nothingToHeal,
  },
  {
    name: 'proxy kill -9',
    story: 'HAProxy, master process and workers, is killed on the master',
    lasting: millis(1500),
    strike: (owner) => Promise.resolve(ok(owner.strikeProxy('kill'))),
    heal: nothingToHeal,
  },
  {
    name: 'daemon kill -9, restarted',
    story: 'the daemon is killed on the master and started again, as a service manager does',
    lasting: millis(4000),
    strike: async (owner: LabNode): Promise<Result<Fault, LabFailure>> => {
      const fault = owner.strikeEngine('kill');
      const started = await owner.startEngine();
      return started.ok ? ok(fault) : started;
    },
    heal: nothingToHeal,
  },
  {
    name: 'daemon freeze',
    story: 'the daemon is stopped with SIGSTOP on the master for six seconds',
    lasting: millis(6000),
    strike: (owner) => Promise.resolve(ok(owner.strikeEngine('freeze'))),
    heal: (owner: LabNode): Promise<Result<undefined, LabFailure>> => {
      owner.strikeEngine('thaw');
      return Promise.resolve(done);
    },
  },
  {
    name: 'node power loss',
    story: 'all links and all processes of the master are gone at once',
    lasting: millis(6000),
    strike: (owner) => owner.powerOff(),
    heal: (owner) => owner.powerOn(),
  },
];

async function switchOver(owner: LabNode, clock: Clock): Promise<Result<Fault, LabFailure>> {
  const earliest = clock.now();
  const outcome = await askSwitchover(controlSocketOf(owner), {});
  if (!outcome.ok) {
    const { error } = outcome;
    const detail = error.code === 'refused' ? error.refusal.detail : error.detail;
    return fail({ code: 'not-ready', detail });
  }
  return outcome.value.kind === 'moved'
    ? ok({ earliest, latest: clock.now() })
    : fail({ code: 'not-ready', detail: `switchover: ${JSON.stringify(outcome.value)}` });
}

function nothingToHeal(): Promise<Result<undefined, LabFailure>> {
  return Promise.resolve(done);
}
