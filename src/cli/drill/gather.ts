/** What a drill is planned from, gathered on the node on which the operator is. */
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Config } from '../../config/config.js';
import type { DrillDaemons } from '../../drill/ports.js';
import type { Gathered } from '../../drill/scene.js';
import type { KeptReports } from '../../drill/kept-reports.js';
import { allReports } from '../../drill/kept-reports.js';
import type { Clock } from '../../ports/clock.js';
import type { DrillReports } from '../../ports/drill-reports.js';

export interface GatherPorts {
  readonly config: Config;
  readonly daemons: DrillDaemons;
  readonly reports: DrillReports;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** `group`: undefined names the only one. A failure is a sentence. */
export async function gather(
  group: string | undefined,
  { config, daemons, reports, clock }: GatherPorts,
): Promise<Result<Gathered, string>> {
  const names = config.groups.map(({ name }) => name).join(', ');
  const [only, second] = config.groups;
  const found =
    group === undefined && second === undefined
      ? only
      : config.groups.find(({ name }) => name === group);
  if (found === undefined) {
    return fail(
      group === undefined
        ? `which group? There are ${names}: --group NAME`
        : `no group is called ${group}; there are: ${names}`,
    );
  }
  const [report, drills, tables] = await Promise.all([
    daemons.report(),
    daemons.state(),
    daemons.tables('as known'),
  ]);
  const kept = config.drills?.budget === undefined ? ok(NONE_KEPT) : await allReports(reports);
  const missing = [report, drills, tables].find((each) => !each.ok);
  if (!report.ok || !drills.ok || !tables.ok) {
    return fail(missing?.ok === false ? missing.error : 'the daemon gives no answer');
  }
  return ok({
    config,
    group: found,
    report: report.value,
    drills: drills.value,
    tables: tables.value,
    haproxy: config.proxy === undefined ? undefined : textOf(config.proxy.config),
    kept: kept.ok ? kept.value.reports : [],
    processors: availableParallelism(),
    stateDisk: diskOf(config.runtime.stateDirectory),
    now: new Date(clock.wallTime()),
  });
}

/** What drills have cost before is asked for only where it counts. */
const NONE_KEPT: Pick<KeptReports, 'reports'> = { reports: [] };

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function diskOf(directory: string): Gathered['stateDisk'] {
  try {
    return statSync(directory).dev === statSync(dirname(directory)).dev ? 'shared' : 'own';
  } catch {
    return 'shared';
  }
}
