/** Whether a lab's pair is settled: redundant, and the same on both nodes. */
import { askPair, askTables } from '../../api/client.js';
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import { settledIn } from '../../drill/settled.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import type { Lab } from '../lab.js';
import { eventually } from '../pause.js';
import { controlSocketOf } from '../readiness.js';

/** Resolves when it is, or says what it lacks. */
export async function untilSettled(lab: Lab, clock: Clock): Promise<Result<undefined, LabFailure>> {
  const socket = controlSocketOf(lab.nodes.lb2);
  let lacks: readonly string[] = [];
  const settled = await eventually(clock, PATIENCE, async () => {
    const [report, tables] = await Promise.all([
      askPair(socket),
      askTables(socket, { table: undefined, node: undefined, look: 'as known' }),
    ]);
    lacks = settledIn(
      GROUP,
      report.ok ? report : fail('no daemon answers'),
      tables.ok ? ok(tables.value.nodes) : fail('no tables are told'),
    );
    return lacks.length === 0;
  });
  return settled ? done : fail({ code: 'not-ready', detail: lacks.join('; ') });
}

/** As a lab's vipair.yaml calls it. */
const GROUP = 'web';
const PATIENCE = { within: millis(60_000), every: millis(100) } as const;
