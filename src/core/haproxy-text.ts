/** haproxy.cfg as far as two nodes compare it: what means nothing is left out, and what may be a secret is not shown. */

/** A line that says something. */
export interface TextLine {
  /** In the file, counted from 1; undefined of a text that is in no file. */
  readonly number: number | undefined;
  readonly text: string;
}

/** Without comments and blank lines, with white space folded; what is quoted stays as it is. */
export function haproxyLines(text: string): readonly TextLine[] {
  return text.split('\n').flatMap((line, index) => {
    const folded = fold(line);
    return folded === '' ? [] : [{ number: index + 1, text: folded }];
  });
}

/** The files and directories with certificates that it names, each once, at most so many. */
export function certificatePaths(lines: readonly TextLine[]): readonly string[] {
  const bases = new Map<string, string>();
  const paths = new Set<string>();
  for (const { text } of lines) {
    const words = text.split(' ');
    for (const [index, word] of words.entries()) {
      const value = words[index + 1]?.replaceAll(/^["']|["']$/gu, '');
      const base = BASES.get(word);
      if (value === undefined || value.startsWith('@')) {
        continue;
      }
      if (index === 0 && (word === 'crt-base' || word === 'ca-base')) {
        bases.set(word, value);
      } else if (base !== undefined && paths.size < MOST_CERTIFICATES) {
        paths.add(value.startsWith('/') ? value : `${bases.get(base) ?? ''}/${value}`);
      }
    }
  }
  return [...paths];
}

/** A line as it may be shown: of one that may hold a secret, only what it begins with. */
export function shown(text: string): string {
  return SECRET.test(text) ? `${text.replace(/ .*/u, '')} … (may hold a secret)` : text;
}

/** A comment begins where nothing quotes or escapes the sign (HAProxy's configuration manual, 2.2). */
function fold(line: string): string {
  const words = [...line.matchAll(TOKENS)].map(([word]) => word);
  const comment = words.findIndex((word) => word.startsWith('#'));
  const said = comment === -1 ? words : words.slice(0, comment);
  return said
    .map((word) => (/^\s/u.test(word) ? ' ' : word))
    .join('')
    .trim();
}

const TOKENS = /"(?:\\.|[^"\\])*"?|'[^']*'?|\\.?|#.*|\s+|[^\s"'#\\]+/gu;
/** What a path that is not absolute is under, by the word before it. */
const BASES: ReadonlyMap<string, string> = new Map([
  ['crt', 'crt-base'],
  ['ca-file', 'ca-base'],
]);
/** Passwords of users and of the statistics page, keys, headers that authorise, and what is put into the environment. */
const SECRET = /pass|secret|token|auth|key|setenv/iu;
/** Far more than most sites have. */
const MOST_CERTIFICATES = 40;
