/** One mistake in the configuration file: where it is, what was found there and what was expected. */

/** The way from the top of the file to a value: mapping keys and list positions. */
export type Path = readonly (string | number)[];

/** A mistake by its path; its line is looked up later. */
export interface Finding {
  readonly path: Path;
  readonly found: string;
  readonly expected: string;
}

/** A mistake as the operator reads it. */
export interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Such as `groups[0].vrid`; empty where the whole file is meant. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** `FILE:LINE: groups[0].vrid: found 0, expected a virtual router id from 1 to 255` */
export function formatProblem(problem: Problem): string {
  const where = `${problem.file}:${String(problem.line)}:`;
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  return harmless(`${where}${path} found ${problem.found}, expected ${problem.expected}`);
}

/** `['groups', 0, 'vrid']` as `groups[0].vrid`. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./u, '');
}

/** Says what a value is: texts in quotes, lists and mappings by their size. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'string') {
    return quote(value);
  }
  if (Array.isArray(value)) {
    return `a list of ${count(value.length, 'item')}`;
  }
  if (typeof value === 'object') {
    return `a mapping of ${count(Object.keys(value).length, 'key')}`;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

/** A text in quotes, short enough for one line and harmless to a terminal. */
export function quote(text: string): string {
  const shown = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
  return harmless(JSON.stringify(shown));
}

/** `1 item`, `3 items` */
export function count(amount: number, noun: string): string {
  return `${String(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Control characters and direction marks of any kind, which a terminal would obey, as escapes. */
function harmless(text: string): string {
  return text.replaceAll(
    /\p{C}/gu,
    (control) => `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** What a problem shows of a text that may be as long as the file. */
const QUOTED_CHARACTERS = 80;

function formatStep(step: string | number): string {
  if (typeof step === 'number') {
    return `[${String(step)}]`;
  }
  return /^[\w-]{1,64}$/u.test(step) ? `.${step}` : `[${quote(step)}]`;
}
