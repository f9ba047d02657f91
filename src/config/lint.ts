/** The rules between fields: each looks at the whole file and says what contradicts what. */
import type { Millis } from '../base/time.js';
import type { Draft, GroupDraft } from './draft.js';
import { formatDuration } from './duration.js';
import { addressRules } from './lint-addresses.js';
import type { Finding, Path } from './problem.js';
import { count, describe } from './problem.js';

/** Everything that the rules object to; what is missing from the draft is passed over. */
export function lint(draft: Draft): readonly Finding[] {
  return [...rules, ...addressRules].flatMap((rule) => rule(draft));
}

const rules: readonly ((draft: Draft) => readonly Finding[])[] = [
  exactlyTwoNodes,
  groupNamesDiffer,
  virtualRoutersDiffer,
  preferNamesANode,
  unicastNamesBothNodes,
  refreshComesLast,
  probesDoNotPileUp,
];

function exactlyTwoNodes({ nodes }: Draft): readonly Finding[] {
  return nodes === undefined || nodes.length === 2
    ? []
    : [
        {
          path: ['pair', 'nodes'],
          found: nodes.length > 2 ? 'more than 2' : count(nodes.length, 'node'),
          expected: 'exactly 2 nodes',
        },
      ];
}

function groupNamesDiffer({ groups }: Draft): readonly Finding[] {
  return groups.flatMap(({ name }, index) => {
    const first = groups.findIndex((other) => name !== undefined && other.name === name);
    return first === -1 || first === index
      ? []
      : [
          {
            path: ['groups', index, 'name'],
            found: describe(name),
            expected: `a name of its own; groups[${String(first)}] has this one`,
          },
        ];
  });
}

/** A VRID on a LAN is one virtual router (RFC 9568 §1.7): two groups would take each other for peers. */
function virtualRoutersDiffer({ groups }: Draft): readonly Finding[] {
  return groups.flatMap((group, index) => {
    const first = groups.findIndex((other) => isSameRouter(group, other));
    return first === -1 || first === index
      ? []
      : [
          {
            path: ['groups', index, 'vrid'],
            found: describe(group.vrid),
            expected: `a virtual router id that no other group on ${group.interface ?? ''} has; groups[${String(first)}] has this one`,
          },
        ];
  });
}

function isSameRouter(a: GroupDraft, b: GroupDraft): boolean {
  const isKnown = a.interface !== undefined && a.vrid !== undefined;
  return isKnown && a.interface === b.interface && a.vrid === b.vrid;
}

function preferNamesANode({ nodes, groups }: Draft): readonly Finding[] {
  const names = nodes?.map(({ name }) => name);
  return groups.flatMap(({ prefer }, index) =>
    names === undefined || prefer === undefined || names.includes(prefer)
      ? []
      : [
          {
            path: ['groups', index, 'prefer'],
            found: describe(prefer),
            expected: `a node: ${names.join(' or ')}`,
          },
        ],
  );
}

function unicastNamesBothNodes({ nodes, groups }: Draft): readonly Finding[] {
  const names = nodes?.map(({ name }) => name) ?? [];
  return groups.flatMap(({ unicast }, index) => {
    if (unicast === undefined || names.length === 0) {
      return [];
    }
    const path: Path = ['groups', index, 'unicast'];
    const expected = `both nodes: ${names.join(' and ')}`;
    const missing = names.filter((name) => !unicast.has(name));
    const strange = [...unicast.keys()].filter((name) => !names.includes(name));
    return [
      ...missing.map((name) => ({ path, found: `no address for ${name}`, expected })),
      ...strange.map((name) => ({ path: [...path, name], found: 'no such node', expected })),
    ];
  });
}

/** A refresh that is due before the second burst is no refresh: one of the two was mistyped. */
function refreshComesLast({ groups }: Draft): readonly Finding[] {
  return groups.flatMap(({ burstAgainAfter, refreshEvery }, index) =>
    burstAgainAfter === undefined || refreshEvery === undefined || refreshEvery > burstAgainAfter
      ? []
      : [
          {
            path: ['groups', index, 'announce', 'refresh_every'],
            found: formatDuration(refreshEvery),
            expected: `longer than burst_again_after, ${formatDuration(burstAgainAfter)}`,
          },
        ],
  );
}

/** An answer is awaited at least until the next question, or a healthy proxy would be given up between them. */
function probesDoNotPileUp({ probeEvery, probeTimeout }: Draft): readonly Finding[] {
  return probeEvery === undefined || probeTimeout === undefined || probeTimeout >= probeEvery
    ? []
    : [
        {
          path: ['proxy', 'haproxy', 'probe_timeout'],
          found: formatDuration(probeTimeout),
          expected: notShorterThan('probe_every', probeEvery),
        },
      ];
}

function notShorterThan(key: string, duration: Millis): string {
  return `not shorter than ${key}, ${formatDuration(duration)}`;
}
