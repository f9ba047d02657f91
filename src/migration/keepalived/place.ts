/** Where something stands in the files that were read. */

export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Something in a keepalived.conf that cannot be read as what keepalived.conf(5) describes. */
export interface SyntaxProblem {
  readonly place: Place;
  readonly text: string;
}

/** `keepalived.conf:12` */
export function formatPlace({ file, line }: Place): string {
  return `${file}:${String(line)}`;
}
