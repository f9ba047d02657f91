/** The rules about the second addresses of the nodes, which the pair channel falls back to. */
import { familyOf } from '../base/ip.js';
import type { Draft } from './draft.js';
import type { Finding } from './problem.js';
import { formatPath, quote } from './problem.js';

export const fallbackRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  onBothOrNeither,
  isAnotherAddress,
  isOfOneFamily,
];

function onBothOrNeither({ nodes }: Draft): readonly Finding[] {
  const given = (nodes ?? []).filter(({ fallback }) => fallback !== undefined);
  const [first] = given;
  const [missing] = (nodes ?? []).filter(({ fallback }) => fallback === undefined);
  return first === undefined || missing === undefined || nodes?.length !== 2
    ? []
    : [
        {
          path: pathOf(first.name),
          found: `a second address of ${first.name} alone`,
          expected: `one of ${missing.name} too, or of neither: both ends of a connection need one`,
        },
      ];
}

function isAnotherAddress({ nodes }: Draft): readonly Finding[] {
  return (nodes ?? []).flatMap(({ name, address, fallback }) =>
    fallback !== undefined && fallback === address
      ? [
          {
            path: pathOf(name),
            found: quote(fallback),
            expected: `another address than ${formatPath(['pair', 'nodes', name, 'address'])}, on another link`,
          },
        ]
      : [],
  );
}

/** The preferred addresses may be of the other family. */
function isOfOneFamily({ nodes }: Draft): readonly Finding[] {
  const [first, ...others] = (nodes ?? []).flatMap(({ name, fallback }) =>
    fallback === undefined ? [] : [{ name, fallback }],
  );
  return others.flatMap(({ name, fallback }) =>
    first === undefined || familyOf(first.fallback) === familyOf(fallback)
      ? []
      : [
          {
            path: pathOf(name),
            found: quote(fallback),
            expected: `an address of the family of ${formatPath(pathOf(first.name))}`,
          },
        ],
  );
}

function pathOf(node: string): readonly string[] {
  return ['pair', 'nodes', node, 'fallback'];
}
