/** The rules between fields: each looks at the whole file and says what contradicts what. */
import type { Millis } from '../base/time.js';
import type { Family } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Draft, GroupDraft, InstanceDraft } from './draft.js';
import { formatDuration } from './duration.js';
import { addressRules } from './lint-addresses.js';
import { connectionRules } from './lint-connections.js';
import { fallbackRules } from './lint-fallback.js';
import { bothNodes } from './lint-nodes.js';
import { protocolRules } from './lint-protocol.js';
import { replicateRules } from './lint-replicate.js';
import { serviceRules } from './lint-services.js';
import { unicastRules } from './lint-unicast.js';
import type { Finding, Path } from './problem.js';
import { count, describe, formatPath } from './problem.js';

/** Everything that the rules object to; what is missing from the draft is passed over. */
export function lint(draft: Draft): readonly Finding[] {
  return [
    ...rules,
    ...addressRules,
    ...connectionRules,
    ...fallbackRules,
    ...protocolRules,
    ...replicateRules,
    ...serviceRules,
    ...unicastRules,
  ].flatMap((rule) => rule(draft));
}

const rules: readonly ((draft: Draft) => readonly Finding[])[] = [
  exactlyTwoNodes,
  groupNamesDiffer,
  virtualRoutersDiffer,
  preferNamesANode,
  priorityNamesBothNodes,
  trackedProxyIsConfigured,
  refreshComesLast,
  probesDoNotPileUp,
  theSocketIsHeeded,
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

/** A VRID on a LAN is one virtual router a family (RFC 9568 §1.7): two would take each other for peers. */
function virtualRoutersDiffer({ groups }: Draft): readonly Finding[] {
  const routers = groups.flatMap(routersOf);
  return routers.flatMap((router, index) => {
    const first = routers.findIndex((other) => isSameRouter(router, other));
    const earlier = routers[first];
    return earlier === undefined || first >= index
      ? []
      : [
          {
            path: [...router.path, 'vrid'],
            found: describe(router.vrid),
            expected: `a virtual router id that nothing else on ${router.interface ?? ''} has; ${formatPath(earlier.path)} has this one`,
          },
        ];
  });
}

interface PlacedRouter extends InstanceDraft {
  readonly path: Path;
}

function routersOf(group: GroupDraft, index: number): readonly PlacedRouter[] {
  return [
    { ...group, path: ['groups', index] },
    ...group.instances.map((each, position) => ({
      ...each,
      path: ['groups', index, 'instances', position],
    })),
  ];
}

function isSameRouter(a: InstanceDraft, b: InstanceDraft): boolean {
  const isKnown = a.interface !== undefined && a.vrid !== undefined;
  return isKnown && a.interface === b.interface && a.vrid === b.vrid && sharesFamily(a, b);
}

/** IPv4 and IPv6 have VRIDs of their own. */
function sharesFamily(a: InstanceDraft, b: InstanceDraft): boolean {
  const families = (draft: InstanceDraft): readonly Family[] =>
    draft.addresses.flatMap((cidr) => (cidr === undefined ? [] : [familyOf(cidr.address)]));
  const [ofA, ofB] = [families(a), families(b)];
  return ofA.length === 0 || ofB.length === 0 || ofA.some((family) => ofB.includes(family));
}

/** A node without one would have none to advertise. */
function priorityNamesBothNodes({ nodes, groups }: Draft): readonly Finding[] {
  const names = nodes?.map(({ name }) => name) ?? [];
  return groups.flatMap(({ priority }, index) =>
    priority === undefined || names.length === 0
      ? []
      : bothNodes(['groups', index, 'priority'], names, priority, 'priority'),
  );
}

function trackedProxyIsConfigured({ groups, proxy }: Draft): readonly Finding[] {
  return proxy === 'configured'
    ? []
    : groups.flatMap(({ trackedProxies }, index) =>
        trackedProxies.map(({ position, key }) => ({
          path: ['groups', index, 'track', position, key],
          found: 'a proxy to track',
          expected: 'a proxy in the configuration, under proxy',
        })),
      );
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

/** A setting that nothing heeds would be believed to be in force. */
function theSocketIsHeeded({ proxyRun, runtimeSocket }: Draft): readonly Finding[] {
  return proxyRun === 'systemd' || runtimeSocket === 'default'
    ? []
    : [
        {
          path: ['proxy', 'haproxy', 'runtime_socket'],
          found: 'a runtime socket for a HAProxy that vipair starts',
          expected: 'run: systemd beside it; a supervised HAProxy gets a socket of its own',
        },
      ];
}

function notShorterThan(key: string, duration: Millis): string {
  return `not shorter than ${key}, ${formatDuration(duration)}`;
}
