/** The words of a drill's report that every form of it has in common: durations, figures with their limits, moves. */
import type { DrillLimits } from '../../core/drill-limits.js';
import type { DrillFigures, DrillMoment, DrillPhase, DrillReport } from '../../telemetry/drill.js';

/** `unseen`: there is a limit, and nobody could see whether it was kept. */
export type LimitKept = 'kept' | 'exceeded' | 'unseen' | 'no limit';

export interface FigureRow {
  readonly name: string;
  readonly measured: string;
  /** `–` where there is none. */
  readonly limit: string;
  readonly kept: LimitKept;
  /** How much of the limit was used, 1 being all of it; undefined where that makes no sense. */
  readonly used: number | undefined;
}

export const NOTHING = '–';
const NOT_SEEN = 'not seen';

/** As people read them: `0.8 ms`, `312 ms`, `1.25 s`. */
export function durationText(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  if (size >= A_MINUTE) {
    return `${(milliseconds / A_MINUTE).toFixed(1)} min`;
  }
  if (size >= A_SECOND) {
    return `${(milliseconds / A_SECOND).toFixed(2)} s`;
  }
  const text = milliseconds.toFixed(size < 10 ? 1 : 0).replace(/\.0$/u, '');
  return `${text === '-0' ? '0' : text} ms`;
}

const A_SECOND = 1_000;
const A_MINUTE = 60_000;

/** A round duration at an axis: `1 s`, where a measured one is `1.00 s`. */
export function tickText(milliseconds: number): string {
  return durationText(milliseconds).replace(/\.0+(?= )/u, '');
}

/** With a sign: `+312 ms` after the fault, `-1.20 s` before it. */
export function offsetText(milliseconds: number): string {
  const text = durationText(milliseconds);
  return text === '0 ms' || milliseconds < 0 ? text : `+${text}`;
}

/** In UTC, to the second: `2026-03-02 04:11:07`. */
export function wallText(at: number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ');
}

/** Those with limits first, in the order in which an operator cares. */
export function figureRows({
  figures,
  limits,
}: Pick<DrillReport, 'figures' | 'limits'>): readonly FigureRow[] {
  const { requests, streams } = figures;
  const duration = (value: number): string => durationText(value);
  const limited: readonly (readonly [string, keyof DrillLimits, (value: number) => string])[] = [
    ['longest gap', 'gapMs', duration],
    ['failed requests', 'failed', (value) => ofAll(value, requests)],
    ['broken streams', 'streamsBroken', (value) => ofAll(value, streams)],
    ['two owners at once', 'twoOwnersMs', duration],
    ['no owner', 'noOwnerMs', duration],
    ['moves', 'moves', String],
  ];
  return [
    ...limited.map(([name, key, text]) => limitedRow({ name, key, text }, figures, limits)),
    freeRow('slowest answer', figures.slowestMs),
    freeRow('longest silence', figures.silenceMs),
  ];
}

/** The moments of the first move, in order: from the fault to the first answer. Empty where nothing moved. */
export function firstMove(timeline: readonly DrillMoment[]): readonly PhaseMoment[] {
  const phases = timeline
    .flatMap((moment) => (isPhase(moment) ? [moment] : []))
    .toSorted((a, b) => (a.atMs === b.atMs ? ORDER[a.phase] - ORDER[b.phase] : a.atMs - b.atMs));
  const end = phases.findIndex(({ phase }) => phase === 'answered');
  const first = (end === -1 ? phases : phases.slice(0, end + 1)).filter(
    ({ phase }, index, all) => all.findIndex((each) => each.phase === phase) === index,
  );
  return first.some(({ phase }) => phase !== 'fault') ? first : [];
}

export interface PhaseMoment extends DrillMoment {
  readonly phase: DrillPhase;
}

/** Who a moment is told of. */
export function whoOf({ node, source }: DrillMoment): string {
  return node ?? source;
}

const ORDER: Readonly<Record<DrillPhase, number>> = {
  ...{ fault: 0, noticed: 1, decided: 2, claimed: 3, announced: 4, answered: 5 },
};

function isPhase(moment: DrillMoment): moment is PhaseMoment {
  return moment.phase !== undefined;
}

function limitedRow(
  { name, key, text }: { name: string; key: keyof DrillLimits; text: (value: number) => string },
  figures: DrillFigures,
  limits: DrillLimits,
): FigureRow {
  const [value, limit] = [figures[key], limits[key]];
  return {
    name,
    measured: value === undefined ? NOT_SEEN : text(value),
    limit: limit === undefined ? NOTHING : limitText(key, limit),
    kept: keptOf(value, limit),
    used: value === undefined || limit === undefined || limit === 0 ? undefined : value / limit,
  };
}

function freeRow(name: string, value: number | undefined): FigureRow {
  return {
    name,
    measured: value === undefined ? NOT_SEEN : durationText(value),
    limit: NOTHING,
    kept: 'no limit',
    used: undefined,
  };
}

function keptOf(value: number | undefined, limit: number | undefined): LimitKept {
  if (limit === undefined) {
    return 'no limit';
  }
  if (value === undefined) {
    return 'unseen';
  }
  return value <= limit ? 'kept' : 'exceeded';
}

function limitText(key: keyof DrillLimits, limit: number): string {
  const text = key.endsWith('Ms') ? durationText(limit) : String(limit);
  return limit === 0 ? 'none' : `at most ${text}`;
}

function ofAll(value: number, all: number | undefined): string {
  return all === undefined ? String(value) : `${String(value)} of ${String(all)}`;
}
