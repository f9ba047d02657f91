/** A report as the text that is kept of it, and back; a text may be damaged, or of a later vipair. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  DrillAudit,
  DrillFigures,
  DrillMoment,
  DrillPhase,
  DrillProber,
  DrillReport,
  DrillStretch,
} from '../telemetry/drill.js';

const VERSION: DrillReport['version'] = 1;
/** Of a list: far more than any drill has. */
const MOST_ITEMS = 10_000;

export function encodeDrillReport(report: DrillReport): string {
  return JSON.stringify(report);
}

/** The sentence says what is wrong with it. Whatever stands in a report can be shown on a terminal. */
export function decodeDrillReport(text: string): Result<DrillReport, string> {
  let value: unknown;
  try {
    value = JSON.parse(text, (...[, each]: readonly [string, unknown]) =>
      typeof each === 'string' ? printable(each) : each,
    );
  } catch {
    return fail('damaged: it is no JSON');
  }
  if (!isRecord(value) || typeof value['version'] !== 'number') {
    return fail('damaged: it is no report of a drill');
  }
  if (value['version'] !== VERSION) {
    const [theirs, ours] = [value['version'], VERSION].map(String);
    return fail(`of version ${theirs ?? ''}, and this vipair reads version ${ours ?? ''}`);
  }
  const wrong = Object.entries(REPORT).find(([name, isRight]) => !isRight(value[name]))?.[0];
  return wrong === undefined ? ok(asReport(value)) : fail(`damaged: its ${wrong} makes no sense`);
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;
/** The compiler sees to it that no part is forgotten. */
type Checks<T> = Readonly<Record<keyof T, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isTexts = listOf(isText);
const maybeText = maybe(isText);
const maybeNumber = maybe(isNumber);

const FIGURES: Checks<DrillFigures> = {
  ...{ requests: maybeNumber, failed: maybeNumber, gapMs: maybeNumber, silenceMs: maybeNumber },
  ...{ slowestMs: maybeNumber, streams: maybeNumber, streamsBroken: maybeNumber },
  ...{ twoOwnersMs: maybeNumber, noOwnerMs: maybeNumber, moves: maybeNumber },
};

const LIMITS: Checks<DrillReport['limits']> = {
  ...{ gapMs: maybeNumber, failed: maybeNumber, streamsBroken: maybeNumber },
  ...{ twoOwnersMs: maybeNumber, noOwnerMs: maybeNumber, moves: maybeNumber },
};

const AUDIT: Checks<DrillAudit> = {
  name: isText,
  outcome: oneOf<DrillAudit['outcome']>({ passed: true, failed: true, unknown: true }),
  detail: isText,
};

const MOMENT: Checks<DrillMoment> = {
  atMs: isNumber,
  source: oneOf<DrillMoment['source']>({
    ...{ operator: true, hand: true, history: true, clients: true },
  }),
  node: maybeText,
  text: isText,
  phase: maybe(
    oneOf<DrillPhase>({
      ...{ fault: true, noticed: true, decided: true },
      ...{ claimed: true, announced: true, answered: true },
    }),
  ),
};

const STRETCH: Checks<DrillStretch> = {
  ...{ atMs: isNumber, requests: isNumber, failed: isNumber },
  ...{ medianMs: maybeNumber, slowestMs: maybeNumber, node: maybeText },
};

const PROBER: Checks<DrillProber> = {
  ...{ target: isText, command: isText, everyMs: isNumber },
  ...{ hides: maybeText, clockWithinMs: maybeNumber },
};

const REPORT: Checks<DrillReport> = {
  version: isNumber,
  ...{ id: isText, drill: isText, summary: isText, nodes: isTexts, by: isText, target: isText },
  ...{ release: isText, startedAt: isTime, endedAt: isTime, acts: isTexts, expected: isText },
  verdict: oneOf<DrillReport['verdict']>({ passed: true, failed: true, stopped: true }),
  ...{ why: isTexts, figures: recordOf(FIGURES), limits: recordOf(LIMITS) },
  audits: listOf(recordOf(AUDIT)),
  timeline: listOf(recordOf(MOMENT)),
  plot: listOf(recordOf(STRETCH)),
  prober: maybe(recordOf(PROBER)),
  notes: isTexts,
};

/** Every part was looked at; what is undefined is not written, and reading it gives undefined again. */
function asReport(value: Fields): DrillReport {
  return value as unknown as DrillReport;
}

function maybe(isRight: Check): Check {
  return (value) => value === undefined || isRight(value);
}

function listOf(isRight: Check): Check {
  return (value) => Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isRight);
}

function recordOf<T>(checks: Checks<T>): Check {
  const all = Object.entries<Check>(checks);
  return (value) => isRecord(value) && all.every(([name, isRight]) => isRight(value[name]));
}

function oneOf<Word extends string>(words: Readonly<Record<Word, true>>): Check {
  return (value) => typeof value === 'string' && Object.hasOwn(words, value);
}

/** What a date can be made of. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LATEST;
}

const LATEST = 8.64e15;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A terminal does what it is told: what could tell it something is not kept. */
function printable(words: string): string {
  return words.replaceAll(/[\t\r\n]/gu, ' ').replaceAll(/[\p{Cc}\p{Surrogate}]/gu, '\u{FFFD}');
}
