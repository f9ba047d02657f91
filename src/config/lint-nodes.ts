/** A mapping that has to name both nodes of the pair, and nothing else. */
import type { Finding, Path } from './problem.js';

/** `names` are the nodes; `given` what the mapping at `path` names; `what` each of them needs. */
export function bothNodes(
  path: Path,
  names: readonly string[],
  given: readonly string[],
  what: string,
): readonly Finding[] {
  const expected = `both nodes: ${names.join(' and ')}`;
  const missing = names.filter((name) => !given.includes(name));
  const strange = given.filter((name) => !names.includes(name));
  return [
    ...missing.map((name) => ({ path, found: `no ${what} for ${name}`, expected })),
    ...strange.map((name) => ({ path: [...path, name], found: 'no such node', expected })),
  ];
}
