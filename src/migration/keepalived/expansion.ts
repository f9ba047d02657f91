/**
 * The files of a node as the lines that keepalived would act on: comments gone, `@id` lines chosen, parameters and
 * sequences put in, included files in their places (keepalived.conf(5), Advanced configuration).
 */
import {
  MAX_EXPANDED_LINES,
  MAX_EXPANSION_DEPTH,
  MAX_FILE_CHARACTERS,
  MAX_FILES,
  MAX_INCLUDE_DEPTH,
  MAX_LINE_CHARACTERS,
  MAX_PARSE_PROBLEMS,
} from './bounds.js';
import type { Definition, SourceLine } from './parameters.js';
import { definitionIn, nameAlone, substitute } from './parameters.js';
import type { Place, SyntaxProblem } from './place.js';
import { repetitionIn, startsRepetition } from './sequences.js';
import { withoutComment } from './words.js';

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** The files that an `include` in the file `from` names, in their order; empty where there are none. */
export type FindIncluded = (pattern: string, from: string) => readonly SourceFile[];

export interface ExpandedLine {
  readonly place: Place;
  readonly text: string;
}

export interface Expansion {
  readonly lines: readonly ExpandedLine[];
  readonly problems: readonly SyntaxProblem[];
  /** The names behind `@` and `@^`, each once. */
  readonly ids: readonly string[];
}

/** `id` is what keepalived is told with `-i`; undefined: another one than any that the file names. */
export function expand(
  file: SourceFile,
  given: { readonly id: string | undefined; readonly findIncluded: FindIncluded },
): Expansion {
  const expander = new Expander(given.id, given.findIncluded);
  expander.readFile(file, 0);
  return { lines: expander.lines, problems: expander.problems, ids: [...expander.ids] };
}

class Expander {
  readonly lines: ExpandedLine[] = [];
  readonly problems: SyntaxProblem[] = [];
  readonly ids = new Set<string>();
  readonly #id: string | undefined;
  readonly #findIncluded: FindIncluded;
  readonly #definitions: Map<string, Definition>;
  #files = 0;
  #steps = 0;

  constructor(id: string | undefined, findIncluded: FindIncluded) {
    this.#id = id;
    this.#findIncluded = findIncluded;
    this.#definitions = new Map<string, Definition>([
      ['_HASH', { kind: 'text', text: '#' }],
      ['_BANG', { kind: 'text', text: '!' }],
      ...(id === undefined ? [] : [['_INSTANCE', { kind: 'text', text: id }] as const]),
    ]);
  }

  readFile(file: SourceFile, depth: number): void {
    const start: Place = { file: file.name, line: 1 };
    this.#files += 1;
    if (this.#files > MAX_FILES || depth > MAX_INCLUDE_DEPTH) {
      this.#complain(
        start,
        `more than ${String(MAX_FILES)} files, or included more than ${String(MAX_INCLUDE_DEPTH)} deep: left out`,
      );
      return;
    }
    if (file.text.length > MAX_FILE_CHARACTERS) {
      this.#complain(start, `more than ${String(MAX_FILE_CHARACTERS)} characters: left out`);
      return;
    }
    const directory: Definition = { kind: 'text', text: directoryOf(file.name) };
    const source = { name: file.name, depth };
    this.#definitions.set('_PWD', directory);
    const all = linesOf(file.text);
    for (let at = 0; at < all.length; at += 1) {
      const line = all[at];
      const body = line === undefined ? [] : continuedFrom(all, at);
      if (line !== undefined && body.length > 1) {
        this.#define(line, body);
        at += body.length - 1;
      } else if (line !== undefined) {
        this.#read(line, source, 0);
      }
      this.#definitions.set('_PWD', directory);
    }
  }

  /** Several lines that end in a backslash are one definition, or else lines like any other. */
  #define(first: SourceLine, body: readonly SourceLine[]): void {
    const name = definitionIn(first.text.trim())?.name;
    const opening = definitionIn(withoutBackslash(first.text).trim())?.value ?? '';
    const lines = [{ ...first, text: opening }, ...body.slice(1)].map((each) => ({
      ...each,
      text: withoutBackslash(each.text),
    }));
    if (name !== undefined) {
      this.#definitions.set(name, {
        kind: 'lines',
        lines: lines.filter(({ text }) => text.trim() !== ''),
      });
    }
  }

  #read(source: SourceLine, from: Source, depth: number): void {
    const place: Place = { file: from.name, line: source.line };
    this.#steps += 1;
    if (this.#steps > MAX_EXPANDED_LINES || depth > MAX_EXPANSION_DEPTH) {
      this.#complain(
        place,
        `more than ${String(MAX_EXPANDED_LINES)} lines, or definitions more than ${String(MAX_EXPANSION_DEPTH)} deep: left out`,
      );
      return;
    }
    if (source.text.length > MAX_LINE_CHARACTERS) {
      this.#complain(place, `more than ${String(MAX_LINE_CHARACTERS)} characters: left out`);
      return;
    }
    const text = this.#chosen(source.text.trim());
    const defined = definitionIn(text);
    const alone = this.#definitions.get(nameAlone(text) ?? '');
    if (text === '') {
      return;
    }
    if (defined !== undefined) {
      this.#definitions.set(defined.name, { kind: 'text', text: defined.value });
    } else if (alone?.kind === 'lines') {
      for (const line of alone.lines) {
        this.#read(line, from, depth + 1);
      }
    } else if (startsRepetition(text)) {
      this.#repeat({ ...source, text }, from, depth);
    } else {
      this.#substituted({ ...source, text }, from, depth);
    }
  }

  #substituted(source: SourceLine, from: Source, depth: number): void {
    const place: Place = { file: from.name, line: source.line };
    const result = substitute(source.text, this.#definitions);
    if (result.kind === 'too long') {
      this.#complain(place, 'its parameters make it endless, or longer than a line may be');
      return;
    }
    const text = result.text.trim();
    if (text !== source.text && /^[@$~]/u.test(text)) {
      this.#read({ ...source, text }, from, depth + 1);
      return;
    }
    const [, pattern] = /^include[rmwba]?\s+(\S.*)$/u.exec(text) ?? [];
    if (pattern !== undefined) {
      this.#include(pattern, place, from);
    } else if (text !== '') {
      this.lines.push({ place, text });
    }
  }

  #include(pattern: string, place: Place, from: Source): void {
    const files = this.#findIncluded(pattern.replaceAll(/^["']|["']$/gu, ''), from.name);
    if (files.length === 0) {
      this.#complain(place, `include ${pattern}: no such file, or none that can be read`);
    }
    for (const file of files) {
      if (this.#files <= MAX_FILES) {
        this.readFile(file, from.depth + 1);
      }
    }
  }

  #repeat(source: SourceLine, from: Source, depth: number): void {
    const put = (text: string): string => {
      const result = substitute(text, this.#definitions);
      return result.kind === 'text' ? result.text : text;
    };
    const repetition = repetitionIn(source.text, put);
    if (repetition === undefined) {
      this.#complain(
        { file: from.name, line: source.line },
        'a ~SEQ or ~LST that cannot be read, or is too long',
      );
      return;
    }
    for (const round of repetition.rounds) {
      if (this.#steps > MAX_EXPANDED_LINES) {
        return;
      }
      for (const [name, text] of round) {
        this.#definitions.set(name, { kind: 'text', text });
      }
      this.#read({ ...source, text: repetition.rest }, from, depth + 1);
    }
  }

  /** What is left of a line that begins with `@id` or `@^id`; nothing where it is for another node. */
  #chosen(line: string): string {
    let text = line;
    while (text.startsWith('@')) {
      const [, not = '', name = '', rest = ''] = /^@(\^?)(\S*)\s*(.*)$/su.exec(text) ?? [];
      this.ids.add(name);
      if ((name === this.#id) === (not === '^')) {
        return '';
      }
      text = rest;
    }
    return text;
  }

  #complain(place: Place, text: string): void {
    const last = this.problems.at(-1);
    const repeats = last?.text === text && last.place.file === place.file;
    if (!repeats && this.problems.length < MAX_PARSE_PROBLEMS) {
      this.problems.push({ place, text });
    }
  }
}

interface Source {
  readonly name: string;
  /** How many files include it. */
  readonly depth: number;
}

function linesOf(text: string): readonly SourceLine[] {
  return text
    .split(/\r?\n/u)
    .map((line, index) => ({ line: index + 1, text: withoutComment(line).trimEnd() }));
}

/** The lines from `at` on of which all but the last end in a backslash; empty ones between them do not count. */
function continuedFrom(all: readonly SourceLine[], at: number): readonly SourceLine[] {
  const first = all[at];
  if (
    first === undefined ||
    !first.text.endsWith('\\') ||
    definitionIn(first.text.trim()) === undefined
  ) {
    return first === undefined ? [] : [first];
  }
  let end = at + 1;
  while (end < all.length && /(?:^|\\)$/u.test(all[end]?.text ?? '')) {
    end += 1;
  }
  return all.slice(at, end + 1);
}

function withoutBackslash(text: string): string {
  return text.replace(/\s*\\$/u, '');
}

function directoryOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? '.' : file.slice(0, slash);
}
