/** The reports that a node keeps: put there, found again, and read as far as they make sense. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { DrillReports } from '../ports/drill-reports.js';
import type { DrillReport } from '../telemetry/drill.js';
import { decodeDrillReport, encodeDrillReport } from './report-file.js';

export interface KeptReports {
  /** The latest first. */
  readonly reports: readonly DrillReport[];
  /** What lies there and cannot be read, with the sentence that says why. */
  readonly skipped: readonly SkippedReport[];
}

export interface SkippedReport {
  readonly id: string;
  readonly why: string;
}

/** Where it cannot be kept the sentence says so; the drill itself is over by then, and its report can still be shown. */
export async function keepReport(
  report: DrillReport,
  kept: DrillReports,
): Promise<Result<undefined, string>> {
  const written = await kept.keep(report.id, encodeDrillReport(report));
  return written.ok
    ? written
    : fail(`the report of ${report.id} is not kept: ${written.error.detail}`);
}

export async function allReports(kept: DrillReports): Promise<Result<KeptReports, string>> {
  const ids = await kept.list();
  if (!ids.ok) {
    return fail(ids.error.detail);
  }
  const reports: DrillReport[] = [];
  const skipped: SkippedReport[] = [];
  for (const id of ids.value) {
    const read = await readReport(id, kept);
    if (read.ok) {
      reports.push(read.value);
    } else {
      skipped.push({ id, why: read.error });
    }
  }
  return ok({ reports: reports.toSorted((a, b) => b.startedAt - a.startedAt), skipped });
}

/** `last`: of those that can be read, the one that began last. */
export async function findReport(
  id: string,
  kept: DrillReports,
): Promise<Result<DrillReport, string>> {
  if (id !== LAST) {
    const read = await readReport(id, kept);
    return read.ok ? read : fail(`${id}: ${read.error}`);
  }
  const all = await allReports(kept);
  const [latest] = all.ok ? all.value.reports : [];
  if (latest !== undefined) {
    return ok(latest);
  }
  return fail(
    all.ok ? 'no drill was run on this node, or none whose report can be read' : all.error,
  );
}

const LAST = 'last';

async function readReport(id: string, kept: DrillReports): Promise<Result<DrillReport, string>> {
  const text = await kept.read(id);
  if (text.ok) {
    return decodeDrillReport(text.value);
  }
  return fail(text.error.code === 'missing' ? 'this node keeps no such report' : text.error.detail);
}
