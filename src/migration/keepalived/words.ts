/** One line of a keepalived.conf as words and braces (keepalived.conf(5), Quoted strings). */

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'close' };

/** The line up to its comment: `#` or `!` outside quotes, wherever it stands. */
export function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\') {
      at += 1;
    } else if (quote !== '') {
      quote = character === quote ? '' : quote;
    } else if (QUOTES.includes(character)) {
      quote = character;
    } else if (COMMENTS.includes(character)) {
      return line.slice(0, at);
    }
  }
  return line;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  /** Whether every quoted string ends on the line. */
  readonly quotes: 'closed' | 'open';
}

/** A line without its comment. Quotes hold white space together and are removed; a brace counts outside of them. */
export function tokensOf(line: string): Tokens {
  const pieces = piecesOf(line, 'configuration');
  return {
    tokens: pieces.pieces.flatMap(({ text, quoted }) =>
      quoted === 'partly' ? [{ kind: 'word' as const, text }] : bracesOf(text),
    ),
    quotes: pieces.quotes,
  };
}

/** The arguments of a command in one text: what is in quotes is one of them (keepalived.conf(5), Quoted strings). */
export function argumentsOf(command: string): readonly string[] {
  return piecesOf(command, 'command').pieces.map(({ text }) => text);
}

interface Piece {
  readonly text: string;
  readonly quoted: 'not' | 'partly';
}

/** Of a configuration the other kind of quotes inside of quotes is text, because a command may be in it. */
function piecesOf(
  line: string,
  of: 'configuration' | 'command',
): { readonly pieces: readonly Piece[]; readonly quotes: Tokens['quotes'] } {
  const pieces: Piece[] = [];
  let text = '';
  let quoted: Piece['quoted'] = 'not';
  let quote = '';
  const end = (): void => {
    if (text !== '' || quoted === 'partly') {
      pieces.push({ text, quoted });
    }
    text = '';
    quoted = 'not';
  };
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && quote !== '' && at + 1 < line.length) {
      at += 1;
      text += of === 'command' ? line.charAt(at) : escaped(line.charAt(at));
    } else if (quote !== '' && character === quote) {
      quote = '';
    } else if (quote === '' && QUOTES.includes(character)) {
      quote = character;
      quoted = 'partly';
    } else if (quote === '' && /\s/u.test(character)) {
      end();
    } else {
      text += character;
    }
  }
  end();
  return { pieces, quotes: quote === '' ? 'closed' : 'open' };
}

/** A brace is one where it stands alone, and where it ends a word, as in `VI_1{`; `${NAME}` is left as it is. */
function bracesOf(text: string): readonly Token[] {
  if (/^[{}]+$/u.test(text)) {
    return Array.from(text, (brace) => ({ kind: brace === '{' ? 'open' : 'close' }));
  }
  const opens = text.endsWith('{') && !text.includes('$');
  return opens
    ? [{ kind: 'word', text: text.slice(0, -1) }, { kind: 'open' }]
    : [{ kind: 'word', text }];
}

/** As the shell's `$'…'`; a character without a meaning of its own stands for itself. */
function escaped(character: string): string {
  return ESCAPES.get(character) ?? character;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const QUOTES = `"'`;
const COMMENTS = '#!';
