/** The lines of a keepalived.conf as statements: words, and what is in the braces behind them. */
import { MAX_BLOCK_DEPTH, MAX_PARSE_PROBLEMS } from './bounds.js';
import type { ExpandedLine } from './expansion.js';
import type { Place, SyntaxProblem } from './place.js';
import { tokensOf } from './words.js';

export interface Statement {
  readonly place: Place;
  /** At least one; the first is the keyword, or, in a list, the first of its words. */
  readonly words: readonly string[];
  /** Undefined where no braces follow. */
  readonly block: readonly Statement[] | undefined;
}

export interface Statements {
  readonly statements: readonly Statement[];
  readonly problems: readonly SyntaxProblem[];
}

/** Never gives up: what cannot be placed is told, and left out. */
export function statementsOf(lines: readonly ExpandedLine[]): Statements {
  const reader = new Reader();
  for (const line of lines) {
    reader.read(line);
  }
  return reader.end();
}

interface OpenBlock {
  /** Of the statement that it belongs to; undefined at the top. */
  readonly place: Place | undefined;
  readonly statements: Growing[];
}

interface Growing {
  readonly place: Place;
  readonly words: string[];
  block: Growing[] | undefined;
}

class Reader {
  readonly #top: OpenBlock = { place: undefined, statements: [] };
  readonly #open: OpenBlock[] = [this.#top];
  readonly #problems: SyntaxProblem[] = [];
  /** Braces that were opened beyond the depth that is read. */
  #tooDeep = 0;

  read({ place, text }: ExpandedLine): void {
    const { tokens, quotes } = tokensOf(text);
    if (quotes === 'open') {
      this.#complain(place, 'a quote without its end');
    }
    let growing: Growing | undefined;
    for (const token of tokens) {
      if (token.kind === 'word' && growing === undefined) {
        growing = { place, words: [token.text], block: undefined };
        this.#add(growing);
      } else if (token.kind === 'word') {
        growing?.words.push(token.text);
      } else {
        growing = undefined;
        if (token.kind === 'open') {
          this.#enter(place);
        } else {
          this.#leave(place);
        }
      }
    }
  }

  end(): Statements {
    const unclosed = this.#open.at(-1)?.place;
    if (unclosed !== undefined) {
      this.#complain(unclosed, 'its { has no }');
    }
    return { statements: this.#top.statements, problems: this.#problems };
  }

  #add(growing: Growing): void {
    if (this.#tooDeep === 0) {
      this.#open.at(-1)?.statements.push(growing);
    }
  }

  /** The braces belong to the statement before them, on the same line or an earlier one. */
  #enter(place: Place): void {
    const owner = this.#open.at(-1)?.statements.at(-1);
    if (this.#tooDeep > 0 || this.#open.length > MAX_BLOCK_DEPTH) {
      this.#tooDeep += 1;
      this.#complain(place, `braces more than ${String(MAX_BLOCK_DEPTH)} deep: left out`);
    } else if (owner === undefined || owner.block !== undefined) {
      this.#complain(place, 'a { that belongs to nothing');
      this.#open.push({ place, statements: [] });
    } else {
      owner.block = [];
      this.#open.push({ place: owner.place, statements: owner.block });
    }
  }

  #leave(place: Place): void {
    if (this.#tooDeep > 0) {
      this.#tooDeep -= 1;
    } else if (this.#open.length > 1) {
      this.#open.pop();
    } else {
      this.#complain(place, 'a } that closes nothing');
    }
  }

  #complain(place: Place, text: string): void {
    if (this.#problems.length < MAX_PARSE_PROBLEMS) {
      this.#problems.push({ place, text });
    }
  }
}
