/** What becomes of the reports of drills: shown, kept, and written where the operator wants them. */
import { keepReport } from '../../drill/kept-reports.js';
import type { Clock } from '../../ports/clock.js';
import type { DrillReports } from '../../ports/drill-reports.js';
import type { DrillReport } from '../../telemetry/drill.js';
import type { DrillRunAsked } from '../commands.js';
import { complain, print } from '../terminal.js';
import { writeForms } from './report-forms.js';
import { renderReport } from './report-text.js';
import type { DrillOutcome } from './outcome.js';

export class DrillOutput {
  readonly #kept: DrillReports;
  readonly #clock: Pick<Clock, 'wallTime'>;

  constructor(kept: DrillReports, clock: Pick<Clock, 'wallTime'>) {
    this.#kept = kept;
    this.#clock = clock;
  }

  /** Of one drill, as soon as it is over. A disk that does not take it is told of, and the report shown all the same. */
  async report(report: DrillReport, { form }: DrillRunAsked): Promise<void> {
    if (form === 'text') {
      print(renderReport(report));
    }
    const kept = await keepReport(report, this.#kept);
    if (!kept.ok) {
      complain(kept.error);
    }
  }

  /** Of all of them, in the end; false where a file could not be written. */
  suite(outcomes: readonly DrillOutcome[], { suite, names, junit, html }: DrillRunAsked): boolean {
    const reports = outcomes.flatMap((each) => (each.kind === 'reported' ? [each.report] : []));
    const title = suite ?? names.join(', ');
    const written = writeForms(reports, { junit, html, title }, this.#clock.wallTime());
    if (!written.ok) {
      written.error.forEach(complain);
    }
    return written.ok;
  }
}
