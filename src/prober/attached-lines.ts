/**
 * What an attached prober and whoever started it say to each other: a line of JSON each. Its instants are those of the
 * prober's machine; the answers to `clock N` tell by how much its clock differs from the asker's.
 */
import type { Instant, Millis, WallTime } from '../base/time.js';
import { instant, millis, wallTime } from '../base/time.js';
import type { Ownership, Tenure } from './ownership.js';
import type { ProbeProgress } from './live-figures.js';
import { decodeReportValue, encodeReport } from './report-text.js';
import type { ProbeReport } from './sample.js';

/** Said in the first line; a reader refuses others. */
export const ATTACHED_VERSION = 1;

export type AttachedLine =
  | {
      readonly kind: 'started';
      readonly version: number;
      readonly target: string;
      readonly every: Millis;
      /** It ends by itself then. */
      readonly lasting: Millis;
      readonly at: Instant;
      readonly wall: WallTime;
    }
  | ({
      readonly kind: 'progress';
      readonly at: Instant;
      readonly streamsBroken: number;
    } & ProbeProgress)
  | {
      readonly kind: 'clock';
      readonly id: number;
      readonly at: Instant;
      readonly wall: WallTime;
    }
  /** It goes no further. */
  | { readonly kind: 'failed'; readonly problem: string }
  | {
      readonly kind: 'report';
      /** When it began. */
      readonly wall: WallTime;
      /** The hardware address that its machine has for the target; undefined: none, as behind a router. */
      readonly neighbour: string | undefined;
      /** Undefined: nobody watched. */
      readonly owners: WireOwners | undefined;
      readonly probe: ProbeReport;
    };

/** Who answered for the address on the wire. */
export interface WireOwners extends Pick<
  Ownership,
  'twoOwners' | 'longestTwoOwners' | 'noOwner' | 'longestNoOwner' | 'contestedAsks'
> {
  readonly every: Millis;
  /** The first ones, at most {@link MOST_TENURES}. */
  readonly tenures: readonly Tenure[];
}

/** More changes of owner than any drill has; the durations count them all. */
export const MOST_TENURES = 1_000;

/** A report of a million probes has some 40 million characters. */
export const MOST_ATTACHED_CHARACTERS: number = 64 * 1024 * 1024;

/** The question that an answer of kind `clock` answers. */
export function clockQuestion(id: number): string {
  return `clock ${String(id)}`;
}

/** The number of a question; undefined: it is none. */
export function readClockQuestion(line: string): number | undefined {
  const id = /^clock (\d{1,15})$/u.exec(line.trim())?.[1];
  return id === undefined ? undefined : Number(id);
}

export function encodeAttachedLine(line: AttachedLine): string {
  if (line.kind !== 'report') {
    return JSON.stringify(line);
  }
  const { probe, ...rest } = line;
  // Last, and as it is: it may be long.
  return `${JSON.stringify(rest).slice(0, -1)},"probe":${encodeReport(probe)}}`;
}

/** Undefined where it is none of them: another program's output, or a line that was cut. */
export function decodeAttachedLine(text: string): AttachedLine | undefined {
  if (text.length > MOST_ATTACHED_CHARACTERS) {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRecord(value) ? readLine(value) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function readLine(fields: Fields): AttachedLine | undefined {
  switch (fields['kind']) {
    case 'started':
      return hasNumbers(fields, ['version', 'every', 'lasting', 'at', 'wall']) &&
        typeof fields['target'] === 'string'
        ? {
            kind: 'started',
            version: fields.version,
            target: fields['target'],
            every: millis(fields.every),
            lasting: millis(fields.lasting),
            at: instant(fields.at),
            wall: wallTime(fields.wall),
          }
        : undefined;
    case 'progress':
      return readProgress(fields);
    case 'clock':
      return hasNumbers(fields, ['id', 'at', 'wall'])
        ? { kind: 'clock', id: fields.id, at: instant(fields.at), wall: wallTime(fields.wall) }
        : undefined;
    case 'failed':
      return typeof fields['problem'] === 'string'
        ? { kind: 'failed', problem: fields['problem'] }
        : undefined;
    case 'report':
      return readReport(fields);
    default:
      return undefined;
  }
}

function readProgress(fields: Fields): AttachedLine | undefined {
  const durations = ['longestGap', 'gap', 'silence'] as const;
  return hasNumbers(fields, ['at', 'launched', 'failed', 'streamsBroken', ...durations])
    ? {
        kind: 'progress',
        at: instant(fields.at),
        launched: fields.launched,
        failed: fields.failed,
        streamsBroken: fields.streamsBroken,
        longestGap: millis(fields.longestGap),
        gap: millis(fields.gap),
        silence: millis(fields.silence),
      }
    : undefined;
}

function readReport(fields: Fields): AttachedLine | undefined {
  const { neighbour, owners } = fields;
  const probe = decodeReportValue(fields['probe']);
  const isKnown = neighbour === undefined || typeof neighbour === 'string';
  if (probe === undefined || !hasNumbers(fields, ['wall']) || !isKnown) {
    return undefined;
  }
  const wall = wallTime(fields.wall);
  if (owners === undefined) {
    return { kind: 'report', wall, neighbour, owners, probe };
  }
  return isOwners(owners) ? { kind: 'report', wall, neighbour, owners, probe } : undefined;
}

function isOwners(value: unknown): value is WireOwners {
  const durations = ['twoOwners', 'longestTwoOwners', 'noOwner', 'longestNoOwner'] as const;
  return (
    isRecord(value) &&
    hasNumbers(value, ['every', 'contestedAsks', ...durations]) &&
    Array.isArray(value['tenures']) &&
    value['tenures'].length <= MOST_TENURES &&
    value['tenures'].every(
      (each) =>
        isRecord(each) &&
        hasNumbers(each, ['from', 'to', 'answers']) &&
        typeof each['hardwareAddress'] === 'string',
    )
  );
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function hasNumbers<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): fields is Fields & Readonly<Record<Name, number>> {
  return names.every((name) => typeof fields[name] === 'number' && Number.isFinite(fields[name]));
}
