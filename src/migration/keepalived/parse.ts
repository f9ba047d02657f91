/** From the texts of a node's keepalived.conf to statements, and to everything in them that cannot be read. */
import type { FindIncluded, SourceFile } from './expansion.js';
import { expand } from './expansion.js';
import type { SyntaxProblem } from './place.js';
import type { Statement } from './statements.js';
import { statementsOf } from './statements.js';

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly problems: readonly SyntaxProblem[];
  /** The names behind `@` and `@^`: the nodes that the file knows. */
  readonly ids: readonly string[];
}

/** `id` is what keepalived is told with `-i` on that node, the first part of its host name if it is told nothing. */
export function parseKeepalived(
  file: SourceFile,
  given: { readonly id: string | undefined; readonly findIncluded: FindIncluded },
): Parsed {
  const { lines, problems, ids } = expand(file, given);
  const read = statementsOf(lines);
  return { statements: read.statements, problems: [...problems, ...read.problems], ids };
}
