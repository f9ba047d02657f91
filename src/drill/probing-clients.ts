/** Clients of a drill: an attached prober, started as a program wherever clients are. */
import { fail, ok } from '../base/result.js';
import type { Result } from '../base/result.js';
import { AttachedProbing } from './attached-probing.js';
import type { ProbingPorts } from './attached-probing.js';
import { ownTime } from './attached-prober.js';
import type { ClientsView } from './clients.js';
import type { ClientsSeen, DrillClients, RunningClients } from './ports.js';

/** `command` with all its words; `shown`: what people call it. */
export function probingClients(
  { command, shown }: { readonly command: readonly [string, ...string[]]; readonly shown: string },
  ports: ProbingPorts,
): DrillClients {
  return {
    command: shown,
    start: async () => {
      const probing = new AttachedProbing(command, ports);
      const begun = await probing.begun();
      return begun.ok ? ok(running(probing)) : begun;
    },
  };
}

function running(probing: AttachedProbing): RunningClients {
  return {
    seen: () => seenBy(probing),
    finish: async () => {
      const finished = await probing.finish();
      return finished.ok ? viewOf(finished.value) : finished;
    },
  };
}

function seenBy({ prober, end }: AttachedProbing): ClientsSeen {
  const { progress, problems } = prober;
  return {
    requests: progress?.launched ?? 0,
    failed: progress?.failed ?? 0,
    longestGapMs: progress?.longestGap ?? 0,
    gapMs: progress?.gap ?? 0,
    ended: end === undefined ? undefined : [...problems, end].join('; '),
  };
}

function viewOf({ report, clock }: AttachedProbing['prober']): Result<ClientsView, string> {
  if (report === undefined || clock === undefined) {
    return fail('the prober did not say what it saw');
  }
  const { owners, neighbour, probe } = report;
  return ok({
    report: probe,
    startedAt: ownTime(clock, probe.startedAt),
    clockWithinMs: clock.within,
    owners:
      owners === undefined
        ? undefined
        : { twoOwnersMs: owners.twoOwners, noOwnerMs: owners.longestNoOwner },
    neighbour,
  });
}
