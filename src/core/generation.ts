/**
 * What two nodes of a pair should have in common, and whether they do. Each tells the other a short value an item; for
 * whatever differs the lines are looked at.
 */

/** Something that should be the same on both nodes. */
export interface GenerationItem {
  /** Such as `haproxy.cfg`. */
  readonly name: string;
  /** Of a text its digest, and of anything else what people read. */
  readonly value: string;
  readonly kind: 'text' | 'value';
}

/** An item that the nodes do not have in common. */
export interface DifferingItem {
  readonly name: string;
  readonly kind: GenerationItem['kind'];
  /** Undefined where a node has no such thing. */
  readonly here: string | undefined;
  readonly there: string | undefined;
}

/** In the order of our items; what only the other node has comes last. */
export function differingItems(
  ours: readonly GenerationItem[],
  theirs: readonly GenerationItem[],
): readonly DifferingItem[] {
  const there = new Map(theirs.map((each) => [each.name, each]));
  const here = new Set(ours.map(({ name }) => name));
  return [
    ...ours.flatMap(({ name, kind, value }) =>
      there.get(name)?.value === value
        ? []
        : [{ name, kind, here: value, there: there.get(name)?.value }],
    ),
    ...theirs.flatMap(({ name, kind, value }) =>
      here.has(name) ? [] : [{ name, kind, here: undefined, there: value }],
    ),
  ];
}
