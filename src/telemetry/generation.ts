/** What the nodes of a pair have in common, and what they have not. */

/** `unknown`: the other node cannot be asked, or has not been asked yet. */
export interface GenerationStatus {
  readonly peer: string;
  readonly state: 'in sync' | 'differs' | 'unknown';
  /** Why it is unknown. */
  readonly why: string | undefined;
  readonly differences: readonly ItemDifference[];
  /** `changed`: the file on this node's disk says something else than what runs; `wrong`: it could not be loaded. */
  readonly file: 'runs' | 'changed' | 'wrong';
}

/** Something that one node has otherwise than the other. */
export interface ItemDifference {
  /** Such as `haproxy.cfg`. */
  readonly item: string;
  /** Of what has no lines; undefined where a node has no such thing. */
  readonly here: string | undefined;
  readonly there: string | undefined;
  /** Those that differ, this node's first, a bounded number. */
  readonly lines: readonly DifferingLine[];
  /** So many lines more differ. */
  readonly more: number;
}

export interface DifferingLine {
  readonly on: 'here' | 'there';
  /** In the file; undefined of vipair.yaml, whose lines say for themselves where they stand. */
  readonly number?: number | undefined;
  readonly text: string;
}

/** What the item of a backend's servers begins with. */
export const SERVERS_OF = 'servers of backend ';

/** Whether users would be served otherwise; releases and kernel settings may differ while a pair is upgraded. */
export function isServedBy({ item }: ItemDifference): boolean {
  return (
    item === 'vipair.yaml' ||
    item === 'haproxy.cfg' ||
    item.startsWith('certificate ') ||
    item.startsWith(SERVERS_OF)
  );
}

/** One line for each difference, as short as it can be said. */
export function differencesInWords(
  differences: readonly ItemDifference[],
  peer: string,
): readonly string[] {
  return differences.map((each) => differenceInWords(each, peer));
}

function differenceInWords({ item, here, there, lines }: ItemDifference, peer: string): string {
  const [first] = lines;
  if (first !== undefined) {
    const where = first.number === undefined ? '' : ` line ${String(first.number)}`;
    const rest = lines.length > 1 ? ` and ${String(lines.length - 1)} more` : '';
    return `${item}${where}: ${first.text} (${first.on === 'here' ? 'here' : `on ${peer}`})${rest}`;
  }
  return here === undefined && there === undefined
    ? item
    : `${item}: ${here ?? 'nothing'} here, ${there ?? 'nothing'} on ${peer}`;
}
