/** A line as wide as the screen at the most: colours are kept, and nothing else that would steer a terminal. */

const ESCAPE = '\u001b';

/** What is cut off is marked. */
export function fitted(line: string, columns: number): string {
  const pieces = piecesOf(line);
  const visible = pieces.filter(({ kind }) => kind === 'visible');
  const isWide = visible.length > columns;
  let left = isWide ? columns - 1 : columns;
  let fits = '';
  for (const { kind, text } of pieces) {
    if (kind === 'colour') {
      // Also behind the cut: they end what began before it.
      fits += text;
    } else if (left > 0) {
      fits += text;
      left -= 1;
      fits += isWide && left === 0 ? '…' : '';
    }
  }
  return fits;
}

interface Piece {
  readonly kind: 'visible' | 'colour';
  readonly text: string;
}

function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const characters = Array.from(line);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    const colour = character === ESCAPE ? colourAt(characters, at) : undefined;
    if (colour !== undefined) {
      pieces.push({ kind: 'colour', text: colour });
      at += colour.length - 1;
    } else if (!isControl(character)) {
      pieces.push({ kind: 'visible', text: character });
    }
  }
  return pieces;
}

/** `ESC [ 1 ; 31 m`, as far as our own paint goes. */
function colourAt(characters: readonly string[], at: number): string | undefined {
  const [found] = /^\[[0-9;]{1,8}m/u.exec(characters.slice(at + 1, at + LONGEST).join('')) ?? [];
  return found === undefined ? undefined : `${ESCAPE}${found}`;
}

const LONGEST = 12;

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < FIRST_VISIBLE || (code >= DELETE && code < FIRST_BEHIND);
}

const FIRST_VISIBLE = 0x20;
const DELETE = 0x7f;
/** C1 controls are below. */
const FIRST_BEHIND = 0xa0;
