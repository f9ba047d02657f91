/** `vipair lab reload-storm`: reloads of HAProxy without end, and not a request lost. */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { LabFailure } from '../lab/failure.js';
import type { Storm, StormSeen } from '../lab/reload-storm.js';
import { seeStorm } from '../lab/reload-storm.js';
import { untilRedundant } from '../lab/readiness.js';
import type { LabReloadStormAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { MigratePorts } from './migrate.js';
import { inPairLab } from './pair-lab.js';
import { renderTable } from './table.js';
import { complain } from './terminal.js';

export function labReloadStorm(
  asked: LabReloadStormAsked & { readonly pid: number },
  ports: MigratePorts,
): Promise<ExitCode> {
  const { reloads, seconds, rate } = asked;
  if (!Number.isInteger(reloads) || reloads < 1 || reloads > MOST_RELOADS) {
    complain(
      `vipair lab reload-storm: --reloads ${String(reloads)}: expected 1 to ${String(MOST_RELOADS)}`,
    );
    return Promise.resolve(EXIT.usage);
  }
  if (!(seconds > 0) || seconds > MOST_SECONDS) {
    complain(
      `vipair lab reload-storm: --seconds ${String(seconds)}: expected at most ${String(MOST_SECONDS)}`,
    );
    return Promise.resolve(EXIT.usage);
  }
  if (!Number.isInteger(rate) || rate < 1 || rate > MOST_RATE) {
    complain(`vipair lab reload-storm: --rate ${String(rate)}: expected 1 to ${String(MOST_RATE)}`);
    return Promise.resolve(EXIT.usage);
  }
  const storm = { rate, reloads, within: millis(seconds * MILLIS_PER_SECOND) };
  return inPairLab(
    {
      command: 'storm',
      steps: () => 1,
      run: async (lab, { tell }): Promise<Result<readonly StormSeen[], LabFailure>> => {
        const redundant = await untilRedundant(lab, ports.clock, SETTLES_WITHIN);
        if (!redundant.ok) {
          return redundant;
        }
        tell(`${String(reloads)} reloads are asked for within ${String(seconds)} s.`);
        const seen = await seeStorm(lab, storm, ports.clock);
        return seen.ok ? ok([seen.value]) : seen;
      },
      json: (seen) => ({ storm: seen[0] }),
      text: (seen) => report(seen, storm),
    },
    asked,
    ports,
  );
}

function report(seen: readonly StormSeen[], { within }: Storm): string {
  const rows = seen.map((each) => [
    ...[`${String(each.asked)} in ${(within / MILLIS_PER_SECOND).toFixed(0)} s`],
    ...[String(each.answered), String(each.reloads), String(each.mostWorkers)],
    ...[String(each.workersAfter), String(each.requests), each.perSecond.toFixed(0)],
    ...[String(each.failed), each.refused ?? each.verdict],
  ]);
  return [
    renderTable(
      ['ASKED', 'DONE', 'RELOADS', 'MOST WORKERS', 'AFTER', 'REQUESTS', 'A SECOND', 'FAILED', ''],
      rows,
    ),
    '',
    'asked, done: requests to reload, and those that were told that another worker serves. reloads: workers that took over,',
    'as those who ask meanwhile share one. most workers: at once, of which one takes new connections.',
  ].join('\n');
}

const MOST_RELOADS = 5000;
const MOST_SECONDS = 300;
const MOST_RATE = 2000;
const MILLIS_PER_SECOND = 1000;
const SETTLES_WITHIN = millis(30_000);
