/** Two reports beside each other: what got worse from one to the other, and what got better. */
import type { DrillFigures, DrillReport } from '../telemetry/drill.js';
import { durationText } from './render/words.js';

export type Change = 'better' | 'worse' | 'same' | 'unknown';

export interface ComparedFigure {
  readonly name: string;
  readonly key: keyof DrillFigures;
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** After by before; undefined where one is not known, or there was nothing before. */
  readonly ratio: number | undefined;
  readonly change: Change;
}

export interface ComparedAudit {
  readonly name: string;
  /** Undefined: it was not looked at. */
  readonly before: DrillReport['audits'][number]['outcome'] | undefined;
  readonly after: DrillReport['audits'][number]['outcome'] | undefined;
  readonly change: Change;
}

export type ComparedSide = Pick<
  DrillReport,
  'id' | 'drill' | 'target' | 'release' | 'startedAt' | 'verdict'
>;

export interface DrillComparison {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  readonly verdict: Change;
  readonly figures: readonly ComparedFigure[];
  /** Those whose outcome is another. */
  readonly audits: readonly ComparedAudit[];
  /** What got worse, a sentence each; empty where nothing did. */
  readonly worse: readonly string[];
  /** Why the two may not be alike, a sentence each. */
  readonly caveats: readonly string[];
}

/** Less than a tenth more or less is what one run differs from the next by. */
const NOTABLE = 1.1;
/** Nor is anything notable that is less than two requests of the prober apart; this, where nobody knows how often it asked. */
const USUAL_EVERY_MS = 5;

/** `before` is measured against: usually the earlier one. */
export function compareDrills(before: DrillReport, after: DrillReport): DrillComparison {
  const grain = 2 * Math.max(everyOf(before), everyOf(after));
  const figures = FIGURES.map((each) => comparedFigure(each, { before, after, grain }));
  const audits = comparedAudits(before, after).filter(({ change }) => change !== 'same');
  const verdict = comparedVerdict(before.verdict, after.verdict);
  return {
    ...{ before: sideOf(before), after: sideOf(after), verdict, figures, audits },
    worse: [
      ...(verdict === 'worse' ? [`It ${before.verdict} before, and ${after.verdict} now.`] : []),
      ...figures.filter(({ change }) => change === 'worse').map(figureSentence),
      ...audits
        .filter(({ change }) => change === 'worse')
        .map(({ name, after: now }) => `Audit "${name}": ${now ?? 'not looked at'} now.`),
    ],
    caveats: caveatsOf(before, after),
  };
}

/** As people read a value of a figure. */
export function figureText(key: keyof DrillFigures, value: number | undefined): string {
  if (value === undefined) {
    return 'not seen';
  }
  return key.endsWith('Ms') ? durationText(value) : String(value);
}

interface Compared {
  readonly before: DrillReport;
  readonly after: DrillReport;
  readonly grain: number;
}

interface FigureKind {
  readonly name: string;
  readonly key: keyof DrillFigures;
  /** `duration`: small differences are chance. `count`: each is one more. `clients`: a duration, counted in requests. */
  readonly kind: 'duration' | 'count' | 'clients';
}

const FIGURES: readonly FigureKind[] = [
  { name: 'longest gap', key: 'gapMs', kind: 'duration' },
  { name: 'failed requests', key: 'failed', kind: 'clients' },
  { name: 'broken streams', key: 'streamsBroken', kind: 'count' },
  { name: 'two owners at once', key: 'twoOwnersMs', kind: 'duration' },
  { name: 'no owner', key: 'noOwnerMs', kind: 'duration' },
  { name: 'moves', key: 'moves', kind: 'count' },
  { name: 'slowest answer', key: 'slowestMs', kind: 'duration' },
  { name: 'longest silence', key: 'silenceMs', kind: 'duration' },
];

function comparedFigure({ name, key, kind }: FigureKind, compared: Compared): ComparedFigure {
  const [before, after] = [compared.before.figures[key], compared.after.figures[key]];
  const isKnown = before !== undefined && after !== undefined;
  return {
    ...{ name, key, before, after },
    ratio: isKnown && before > 0 ? after / before : undefined,
    change: isKnown ? changeOf(before, after, leastNotable(kind, compared.grain)) : 'unknown',
  };
}

/** So much has to lie between two values, and be more than a tenth. */
function leastNotable(kind: FigureKind['kind'], grain: number): number {
  switch (kind) {
    case 'duration':
      return grain;
    case 'clients':
      return 2;
    case 'count':
    default:
      return 0;
  }
}

function changeOf(before: number, after: number, least: number): Change {
  const [less, more] = before < after ? [before, after] : [after, before];
  if (more - less <= least || (least > 0 && more < less * NOTABLE)) {
    return 'same';
  }
  return after > before ? 'worse' : 'better';
}

function figureSentence({ name, key, before, after, ratio }: ComparedFigure): string {
  const [was, is] = [figureText(key, before), figureText(key, after)];
  const times = ratio === undefined ? '' : `, ${ratio.toFixed(2)} times as much`;
  return `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}: ${was} before, ${is} now${times}.`;
}

function comparedVerdict(before: DrillReport['verdict'], after: DrillReport['verdict']): Change {
  if (before === after) {
    return 'same';
  }
  // What was stopped has shown nothing, neither before nor now.
  if (before === 'stopped' || after === 'stopped') {
    return 'unknown';
  }
  return after === 'failed' ? 'worse' : 'better';
}

function comparedAudits(before: DrillReport, after: DrillReport): readonly ComparedAudit[] {
  const names = new Set([...before.audits, ...after.audits].map(({ name }) => name));
  const outcomeIn = ({ audits }: DrillReport, name: string): ComparedAudit['before'] =>
    audits.find((each) => each.name === name)?.outcome;
  return [...names].map((name) => {
    const [was, is] = [outcomeIn(before, name), outcomeIn(after, name)];
    return { name, before: was, after: is, change: auditChange(was, is) };
  });
}

function auditChange(was: ComparedAudit['before'], is: ComparedAudit['after']): Change {
  if (was === is) {
    return 'same';
  }
  if (is === 'failed') {
    return 'worse';
  }
  return was === 'failed' && is === 'passed' ? 'better' : 'unknown';
}

function caveatsOf(before: DrillReport, after: DrillReport): readonly string[] {
  const differing = (what: string, was: string, is: string): readonly string[] =>
    was === is ? [] : [`They differ in ${what}: ${was} before, ${is} now.`];
  return [
    ...differing('the drill', before.drill, after.drill),
    ...differing('the node it was done to', before.target, after.target),
    ...differing('the release', before.release, after.release),
    ...differing('where it was measured', proberOf(before), proberOf(after)),
    ...differing('how often', durationText(everyOf(before)), durationText(everyOf(after))),
  ];
}

function proberOf({ prober }: DrillReport): string {
  return prober === undefined ? 'nowhere' : `${prober.command} of ${prober.target}`;
}

function everyOf({ prober }: DrillReport): number {
  return prober?.everyMs ?? USUAL_EVERY_MS;
}

function sideOf({ id, drill, target, release, startedAt, verdict }: DrillReport): ComparedSide {
  return { id, drill, target, release, startedAt, verdict };
}
