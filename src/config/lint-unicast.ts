/** The rules about adverts that go from address to address. */
import type { Family } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Draft, GroupDraft } from './draft.js';
import { bothNodes } from './lint-nodes.js';
import type { Finding, Path } from './problem.js';
import { describe } from './problem.js';

export const unicastRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  unicastNamesBothNodes,
  unicastHasEachFamily,
  unicastKeysNeedUnicast,
];

function unicastNamesBothNodes({ nodes, groups }: Draft): readonly Finding[] {
  const names = nodes?.map(({ name }) => name) ?? [];
  return groups.flatMap(({ unicast }, index) =>
    unicast === undefined || unicast === 'pair' || names.length === 0
      ? []
      : bothNodes(['groups', index, 'unicast'], names, [...unicast.keys()], 'address'),
  );
}

/** A virtual router of a family sends its adverts from an address of that family. */
function unicastHasEachFamily({ nodes, groups }: Draft): readonly Finding[] {
  return groups.flatMap((group, index) => {
    const own = ownFamilies(group, nodes);
    const path: Path = ['groups', index, 'unicast'];
    return familiesOf(group).flatMap((family) =>
      own
        .filter(({ families }) => !families.includes(family))
        .map(({ name }) => ({
          path: group.unicast === 'pair' ? path : [...path, name],
          found: `no ${WORDS[family]} address of ${name}`,
          expected: `one, because the group has ${WORDS[family]} addresses`,
        })),
    );
  });
}

const WORDS: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** Of the nodes whose addresses are all known. */
function ownFamilies(
  { unicast }: GroupDraft,
  nodes: Draft['nodes'],
): readonly { readonly name: string; readonly families: readonly Family[] }[] {
  if (unicast === undefined) {
    return [];
  }
  const named =
    unicast === 'pair'
      ? (nodes ?? []).map(
          ({ name, address }) => [name, address === undefined ? undefined : [address]] as const,
        )
      : [...unicast];
  return named.flatMap(([name, addresses]) =>
    addresses === undefined ? [] : [{ name, families: addresses.map(familyOf) }],
  );
}

function familiesOf(group: GroupDraft): readonly Family[] {
  const all = [group, ...group.instances].flatMap(({ addresses }) =>
    addresses.flatMap((cidr) => (cidr === undefined ? [] : [familyOf(cidr.address)])),
  );
  return [...new Set(all)];
}

function unicastKeysNeedUnicast({ groups }: Draft): readonly Finding[] {
  return groups.flatMap(({ unicast, unicastExtras }, index) =>
    unicast === undefined
      ? unicastExtras.map((key) => ({
          path: ['groups', index, key],
          found: describe(key),
          expected: 'unicast beside it: adverts are multicast without it',
        }))
      : [],
  );
}
