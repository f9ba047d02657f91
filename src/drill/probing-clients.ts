/** Clients of a drill: an attached prober, started as a program wherever clients are. */
import { fail, ok } from '../base/result.js';
import type { Result } from '../base/result.js';
import type { WireOwners } from '../prober/attached-lines.js';
import { AttachedProbing } from './attached-probing.js';
import type { ProbingPorts } from './attached-probing.js';
import { ownTime } from './attached-prober.js';
import type { ClientsView } from './clients.js';
import type { ClientsSeen, DrillClients, RunningClients } from './ports.js';

/** Commands with all their words. */
export interface ClientsCommand {
  readonly command: readonly [string, ...string[]];
  /** What people call it. */
  readonly shown: string;
  /**
   * Another prober, on another machine, which watches on the wire who answers: questions from the clients' own machine would
   * keep its ARP cache fresh, and hide announcements that are lost. Undefined: the prober watches itself, or nobody does.
   */
  readonly watcher: readonly [string, ...string[]] | undefined;
}

export function probingClients(
  { command, shown, watcher }: ClientsCommand,
  ports: ProbingPorts,
): DrillClients {
  return {
    command: shown,
    start: async () => {
      const probing = new AttachedProbing(command, ports);
      const watching = watcher === undefined ? undefined : new AttachedProbing(watcher, ports);
      const [begun, watches] = await Promise.all([probing.begun(), watching?.begun()]);
      if (!begun.ok || watches?.ok === false) {
        probing.kill();
        watching?.kill();
        return begun.ok
          ? fail(`the watcher: ${watches?.ok === false ? watches.error : ''}`)
          : begun;
      }
      return ok(running(probing, watching));
    },
  };
}

function running(probing: AttachedProbing, watching: AttachedProbing | undefined): RunningClients {
  return {
    seen: () => seenBy(probing),
    finish: async () => {
      const [finished, watched] = await Promise.all([probing.finish(), watching?.finish()]);
      if (!finished.ok) {
        return finished;
      }
      const owners = watched?.ok === true ? watched.value.report?.owners : undefined;
      return viewOf(finished.value, owners ?? finished.value.report?.owners);
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

function viewOf(
  { report, clock }: AttachedProbing['prober'],
  owners: WireOwners | undefined,
): Result<ClientsView, string> {
  if (report === undefined || clock === undefined) {
    return fail('the prober did not say what it saw');
  }
  const { neighbour, probe } = report;
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
