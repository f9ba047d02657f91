/** What `$NAME=VALUE` defines, and how it is put into lines (keepalived.conf(5), Parameter substitution). */
import { MAX_LINE_CHARACTERS, MAX_SUBSTITUTIONS } from './bounds.js';

/** A line as it stands in a file, its comment removed. */
export interface SourceLine {
  readonly line: number;
  readonly text: string;
}

/** One line of text, or several that take the place of a line that names it. */
export type Definition =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'lines'; readonly lines: readonly SourceLine[] };

export type Definitions = ReadonlyMap<string, Definition>;

/** `$NAME=VALUE` */
export function definitionIn(
  text: string,
): { readonly name: string; readonly value: string } | undefined {
  const [, name, value] = /^\$([A-Za-z_]\w*)=(.*)$/su.exec(text) ?? [];
  return name === undefined ? undefined : { name, value: value?.trim() ?? '' };
}

/** The name, where the line is nothing but `$NAME` or `${NAME}`. */
export function nameAlone(text: string): string | undefined {
  const [, braced, plain] = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))$/u.exec(text) ?? [];
  return braced ?? plain;
}

export type Substituted =
  | { readonly kind: 'text'; readonly text: string }
  /** A parameter that names itself, or values that grow with every step. */
  | { readonly kind: 'too long' };

/** Puts values in until nothing is left to put in; a name without a definition stays as it is. */
export function substitute(text: string, definitions: Definitions): Substituted {
  let done = '';
  let rest = text;
  let count = 0;
  for (;;) {
    const found = REFERENCE.exec(rest);
    if (found === null) {
      const whole = done + rest;
      return whole.length > MAX_LINE_CHARACTERS
        ? { kind: 'too long' }
        : { kind: 'text', text: whole };
    }
    const [reference, braced, plain] = found;
    const definition = definitions.get(braced ?? plain ?? '');
    const before = rest.slice(0, found.index);
    const behind = rest.slice(found.index + reference.length);
    if (definition?.kind === 'text') {
      // A value may name parameters in turn, so that it is looked at again.
      done += before;
      rest = definition.text + behind;
      count += 1;
    } else {
      done += before + reference;
      rest = behind;
    }
    if (count > MAX_SUBSTITUTIONS || rest.length > MAX_LINE_CHARACTERS) {
      return { kind: 'too long' };
    }
  }
}

/** Without braces a name ends at white space, a comma or a parenthesis. */
const REFERENCE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)(?=[\s,)]|$))/u;
