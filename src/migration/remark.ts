/** What an operator has to know of a converted configuration: one thing each, with where it stands and why. */
import type { Place, SyntaxProblem } from './keepalived/place.js';
import { formatPlace } from './keepalived/place.js';
import type { Statement } from './keepalived/statements.js';

/**
 * `lost`: it has no counterpart, and what it did is not done. `differs`: it was carried over, and works otherwise.
 * `guessed`: the file does not say it. `needless`: nothing of it is missed. `fill-in`: a person has to say it.
 */
export type RemarkKind = 'lost' | 'differs' | 'guessed' | 'needless' | 'fill-in';

export interface Remark {
  readonly kind: RemarkKind;
  readonly place: Place;
  /** The block it is in, such as VI_1. */
  readonly subject: string;
  /** What stands there. */
  readonly what: string;
  readonly why: string;
}

/** More than anyone reads; a generated file may have thousands of the same. One more says how many are left out. */
export const MAX_REMARKS = 500;

/** `keepalived.conf:12: VI_1: virtual_routes: lost: vipair moves addresses only` */
export function formatRemark({ kind, place, subject, what, why }: Remark): string {
  const about = subject === what ? what : `${subject}: ${what}`;
  return `${formatPlace(place)}: ${about}: ${kind}: ${why}`;
}

export function syntaxRemark({ place, text }: SyntaxProblem): Remark {
  return { kind: 'lost', place, subject: 'syntax', what: 'syntax', why: text };
}

/** Collects what is said about one file. */
export class Remarks {
  readonly #all: Remark[] = [];
  #leftOut = 0;
  /** The worst of what is left out: whether something is lost must not be lost itself. */
  #overflow: Remark | undefined;

  get all(): readonly Remark[] {
    if (this.#overflow === undefined) {
      return this.#all;
    }
    const { kind, place } = this.#overflow;
    const why = `${String(this.#leftOut)} more from here on, which are left out`;
    return [...this.#all, { kind, place, subject: 'remarks', what: 'remarks', why }];
  }

  add(remark: Remark): void {
    if (this.#all.length < MAX_REMARKS) {
      this.#all.push(remark);
      return;
    }
    this.#leftOut += 1;
    const isWorse = this.#overflow?.kind !== 'lost' && remark.kind === 'lost';
    if (this.#overflow === undefined || isWorse) {
      this.#overflow = remark;
    }
  }

  /** About one block of the file. */
  of(subject: string): Said {
    return (kind, statement, why) => {
      this.add({ kind, place: statement.place, subject, what: shownOf(statement), why });
    };
  }
}

/** Says something about a statement. */
export type Said = (kind: RemarkKind, statement: Statement, why: string) => void;

/** A statement as it is shown: short, on one line, and without a password. */
export function shownOf({ words }: Pick<Statement, 'words'>): string {
  const shown = words[0] === 'auth_pass' ? ['auth_pass'] : words;
  return printable(shown.join(' '), SHOWN_CHARACTERS);
}

/** Without what a terminal would obey, and no longer than `atMost`. */
export function printable(text: string, atMost: number): string {
  const clean = text.replaceAll(/\p{C}/gu, '?');
  return clean.length > atMost ? `${clean.slice(0, atMost)}…` : clean;
}

const SHOWN_CHARACTERS = 80;
