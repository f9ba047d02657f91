/**
 * Which files haproxy.cfg and its lists of certificates name: each word that can be a path is one. Nothing else has to
 * be known of HAProxy's keywords, so a path in an expression, such as of a map, is found like that of a certificate.
 */

/** What a word of the text may name, and how. */
export interface NamedPath {
  readonly path: string;
  /** `list`: itself a text that names certificates. */
  readonly as: 'file' | 'list';
}

/** Directories that a word may be under which is no absolute path. */
export type Bases = readonly string[];

/** Of haproxy.cfg in `directory`: what `crt-base` and `ca-base` say, and its own directory with `default-path config`. */
export function basesIn(text: string, directory: string): Bases {
  const bases = new Set<string>();
  for (const line of text.split('\n')) {
    const [keyword, value = ''] = wordsOf(line);
    if ((keyword === 'crt-base' || keyword === 'ca-base') && value.startsWith('/')) {
      bases.add(value.replace(/\/+$/u, ''));
    }
    if (keyword === 'default-path' && value === 'config') {
      bases.add(directory);
    }
  }
  return [...bases].slice(0, MOST_BASES);
}

/**
 * The text with another word wherever `other` knows one. It is asked for each path that a word can mean, in order, until
 * it answers; who only wants to know what is named never does.
 */
export function withPaths(
  text: string,
  bases: Bases,
  other: (named: NamedPath) => string | undefined,
): string {
  return text
    .split('\n')
    .map((line) => (namesNothing(line) ? line : withPathsInLine(line, bases, other)))
    .join('\n');
}

function withPathsInLine(
  line: string,
  bases: Bases,
  other: (named: NamedPath) => string | undefined,
): string {
  let before = '';
  return line.replaceAll(WORD, (word) => {
    const as = before === 'crt-list' ? 'list' : 'file';
    before = word;
    const paths = word.startsWith('/') ? [word] : bases.map((base) => `${base}/${word}`);
    for (const path of paths) {
      const found = other({ path: path.replace(/\/+$/u, ''), as });
      if (found !== undefined) {
        return found;
      }
    }
    return word;
  });
}

function namesNothing(line: string): boolean {
  const [keyword] = wordsOf(line);
  return keyword === undefined || keyword.startsWith('#') || NAMES_NO_FILE.has(keyword);
}

function wordsOf(line: string): readonly string[] {
  return line.match(WORD) ?? [];
}

/** HAProxy looks for these beside a certificate without being told ("crt" in its configuration manual). */
export const COMPANIONS: readonly string[] = ['.key', '.ocsp', '.sctl', '.issuer'];

/** Between white space, quotes, and what expressions are made of. */
const WORD = /[^\s"'(),;[\]{}]+/gu;
/** Their words are directories that say where others are, what HAProxy writes itself, or no files at all. */
const NAMES_NO_FILE: ReadonlySet<string> = new Set([
  'crt-base',
  'ca-base',
  'chroot',
  'default-path',
  'description',
  'group',
  'log',
  'pidfile',
  'presetenv',
  'server-state-base',
  'server-state-file',
  'setenv',
  'stats',
  'user',
]);
const MOST_BASES = 4;
