/** `~SEQ(…)` and `~LST(…)` at the beginning of a line, which repeat what follows them (keepalived.conf(5), Sequence blocks). */
import { MAX_EXPANDED_LINES } from './bounds.js';

/** What follows is read once for each round, with the names defined as it says. */
export interface Repetition {
  readonly rounds: readonly ReadonlyMap<string, string>[];
  readonly rest: string;
}

export function startsRepetition(text: string): boolean {
  return /^~(?:SEQx?|LST)\s*\(/u.test(text);
}

/** Undefined where it is none that can be read. `substitute` puts parameters into the limits of a sequence. */
export function repetitionIn(
  text: string,
  substitute: (text: string) => string,
): Repetition | undefined {
  const [, word = '', inside = '', rest = ''] =
    /^~(SEQx?|LST)\s*\(([^)]*)\)\s*(.*)$/su.exec(text) ?? [];
  const rounds = word === 'LST' ? listed(inside) : counted(substitute(inside), word);
  return rounds === undefined || rounds.length === 0 ? undefined : { rounds, rest };
}

/** `name, start, step, end`, of which start and step may be left out. */
function counted(inside: string, word: string): Repetition['rounds'] | undefined {
  const [name = '', ...limits] = inside.split(',').map((part) => part.trim());
  const numbers = limits.map(wholeNumber);
  const range = rangeOf(numbers);
  if (!NAME.test(name) || range === undefined || numbers.some(Number.isNaN)) {
    return undefined;
  }
  const { start, step, end } = range;
  const amount = Math.floor((end - start) / step) + 1;
  if (!Number.isFinite(amount) || amount < 1 || amount > MAX_EXPANDED_LINES) {
    return undefined;
  }
  return Array.from({ length: amount }, (...[, index]) => {
    const value = start + index * step;
    return new Map([[name, word === 'SEQx' ? value.toString(16) : String(value)]]);
  });
}

function rangeOf(
  limits: readonly number[],
): { readonly start: number; readonly step: number; readonly end: number } | undefined {
  const [one, two, three] = limits;
  if (one === undefined || limits.length > 3) {
    return undefined;
  }
  if (two === undefined) {
    return { start: one < 0 ? -1 : 1, step: one < 1 ? -1 : 1, end: one };
  }
  return three === undefined
    ? { start: one, step: one <= two ? 1 : -1, end: two }
    : { start: one, step: two, end: three };
}

/** `name, a, b` or `{name, other}, {a, b}, {c, d}`. */
function listed(inside: string): Repetition['rounds'] | undefined {
  const items = Array.from(inside.matchAll(/\{([^{}]*)\}|([^,{}]+)/gu), ([, several, one = '']) =>
    (several ?? one).split(several === undefined ? '\u0000' : ',').map((part) => part.trim()),
  ).filter((item) => item.some((part) => part !== ''));
  const [names = [], ...values] = items;
  return names.every((name) => NAME.test(name))
    ? values.map((value) => new Map(names.map((name, index) => [name, value[index] ?? ''])))
    : undefined;
}

function wholeNumber(text: string): number {
  return /^-?(?:0x[\da-f]+|\d+)$/iu.test(text)
    ? Number(text.replace('-', '')) * (text.startsWith('-') ? -1 : 1)
    : Number.NaN;
}

const NAME = /^[A-Za-z_]\w*$/u;
