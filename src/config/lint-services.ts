/** The rules for services that the kernel passes on to servers. */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Draft, GroupDraft, ServiceDraft } from './draft.js';
import type { Finding, Path } from './problem.js';
import { describe, formatPath, quote } from './problem.js';

export const serviceRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  serviceNamesDiffer,
  servicesDoNotOverlap,
  servicesAreAtAnAddressOfAGroup,
  sourcesAreOfTheSameGroup,
  serverNamesDiffer,
  serversDiffer,
  serversAreOfTheFamily,
  serversAreNoVirtualAddresses,
  somebodyServes,
  trackedServicesAreThere,
  trackedServicesAreChecked,
];

function serviceNamesDiffer({ services }: Draft): readonly Finding[] {
  return services.flatMap(({ name }, index) => {
    const first = services.findIndex((other) => name !== undefined && other.name === name);
    return first === -1 || first === index
      ? []
      : [
          {
            path: ['services', index, 'name'],
            found: describe(name),
            expected: `a name of its own; services[${String(first)}] has this one`,
          },
        ];
  });
}

/** The first of two would get everything, in silence. */
function servicesDoNotOverlap({ services }: Draft): readonly Finding[] {
  return services.flatMap((service, index) => {
    const first = services.findIndex((other) => isAtTheSame(service, other));
    return first === -1 || first >= index
      ? []
      : [
          {
            path: ['services', index, 'port'],
            found: describe(service.port),
            expected: `a port of its own at ${String(service.address)}; services[${String(first)}] has this one`,
          },
        ];
  });
}

function isAtTheSame(a: ServiceDraft, b: ServiceDraft): boolean {
  const isKnown = a.address !== undefined && a.port !== undefined && a.protocol !== undefined;
  return isKnown && a.address === b.address && a.port === b.port && a.protocol === b.protocol;
}

/** Only there does the address move with the group. */
function servicesAreAtAnAddressOfAGroup({ services, groups }: Draft): readonly Finding[] {
  return services.flatMap(({ address }, index) => {
    if (address === undefined) {
      return [];
    }
    const path = ['services', index, 'address'];
    const group = groupWith(groups, address);
    if (group === undefined) {
      return [{ path, found: quote(address), expected: 'a virtual address of one of the groups' }];
    }
    return group.accept === 'yes'
      ? []
      : [
          {
            path,
            found: quote(address),
            expected: `an address that takes packets; group ${group.name ?? ''} has accept: false`,
          },
        ];
  });
}

/** Of another one it might be on the other node, and answers would go there. */
function sourcesAreOfTheSameGroup({ services, groups }: Draft): readonly Finding[] {
  return services.flatMap(({ address, source }, index) => {
    if (address === undefined || source === undefined) {
      return [];
    }
    const path = ['services', index, 'source'];
    const group = groupWith(groups, source);
    if (group === undefined || group !== groupWith(groups, address)) {
      const expected = 'a virtual address of the group that the address of the service is of';
      return [{ path, found: quote(source), expected }];
    }
    return familyOf(source) === familyOf(address)
      ? []
      : [{ path, found: quote(source), expected: FAMILY }];
  });
}

function serverNamesDiffer(draft: Draft): readonly Finding[] {
  return perServer(draft, ({ servers }, { name }, at) => {
    const first = servers.findIndex((other) => name !== undefined && other.name === name);
    return first === -1 || first === at.position
      ? []
      : [
          {
            path: [...at.path, 'name'],
            found: describe(name),
            expected: `a name of its own; ${formatPath([...at.list, first])} has this one`,
          },
        ];
  });
}

function serversDiffer(draft: Draft): readonly Finding[] {
  return perServer(draft, ({ servers }, { address, port }, at) => {
    const first = servers.findIndex(
      (other) => address !== undefined && other.address === address && other.port === port,
    );
    return first === -1 || first === at.position
      ? []
      : [
          {
            path: [...at.path, 'address'],
            found: quote(String(address)),
            expected: `another address or port than ${formatPath([...at.list, first])}; a greater weight gives it more`,
          },
        ];
  });
}

function serversAreOfTheFamily(draft: Draft): readonly Finding[] {
  return perServer(draft, (service, { address }, { path }) =>
    address === undefined ||
    service.address === undefined ||
    familyOf(address) === familyOf(service.address)
      ? []
      : [{ path: [...path, 'address'], found: quote(address), expected: FAMILY }],
  );
}

function serversAreNoVirtualAddresses(draft: Draft): readonly Finding[] {
  return perServer(draft, (...[, { address }, { path }]) =>
    address === undefined || groupWith(draft.groups, address) === undefined
      ? []
      : [
          {
            path: [...path, 'address'],
            found: quote(address),
            expected: 'the address of a server; this one is virtual, and would lead back here',
          },
        ],
  );
}

function somebodyServes({ services }: Draft): readonly Finding[] {
  return services.flatMap(({ servers }, index) =>
    servers.length === 0 || servers.some(({ weight }) => weight !== 0)
      ? []
      : [
          {
            path: ['services', index, 'servers'],
            found: 'weight 0 for all',
            expected: 'at least one server with another weight',
          },
        ],
  );
}

/** A name that nobody has would fail for ever, on both nodes. */
function trackedServicesAreThere(draft: Draft): readonly Finding[] {
  const names = draft.services.map(({ name }) => name);
  // The one that is mistaken may be the one that is meant.
  return names.includes(undefined)
    ? []
    : perTracked(draft, (name, path) =>
        names.includes(name)
          ? []
          : [
              {
                path,
                found: describe(name),
                expected:
                  names.length === 0
                    ? 'a service in the configuration, under services'
                    : `one of the services: ${names.join(', ')}`,
              },
            ],
      );
}

/** Of one that nobody looks at, the tracked thing would never fail. */
function trackedServicesAreChecked(draft: Draft): readonly Finding[] {
  const { services, groups } = draft;
  const named = perTracked(draft, (name, path) =>
    services.some((each) => each.name === name && each.checked === 'no')
      ? [
          {
            path,
            found: describe(name),
            expected: `a service that is checked; ${name} has no check`,
          },
        ]
      : [],
  );
  const all = groups.flatMap((group, index) => {
    const isThere = services.some(
      ({ address, checked }) =>
        checked === 'yes' && (address === undefined || groupWith([group], address) === group),
    );
    return isThere
      ? []
      : group.trackedServices
          .filter(({ names }) => names === 'all')
          .map(({ position }) => ({
            path: ['groups', index, 'track', position, 'services'],
            found: '"all"',
            expected: 'at least one service that is checked, at an address of the group',
          }));
  });
  return [...named, ...all];
}

function perTracked(
  { groups }: Draft,
  rule: (name: string, path: Path) => readonly Finding[],
): readonly Finding[] {
  return groups.flatMap(({ trackedServices }, index) =>
    trackedServices.flatMap(({ position, names }) =>
      names === 'all'
        ? []
        : names.flatMap((name, place) =>
            name === undefined
              ? []
              : rule(name, ['groups', index, 'track', position, 'services', place]),
          ),
    ),
  );
}

interface ServerPlace {
  readonly position: number;
  readonly path: Path;
  /** Of all servers of the service. */
  readonly list: Path;
}

function perServer(
  { services }: Draft,
  rule: (
    service: ServiceDraft,
    server: ServiceDraft['servers'][number],
    at: ServerPlace,
  ) => readonly Finding[],
): readonly Finding[] {
  return services.flatMap((service, index) => {
    const list = ['services', index, 'servers'];
    return service.servers.flatMap((server, position) =>
      rule(service, server, { position, path: [...list, position], list }),
    );
  });
}

function groupWith(groups: readonly GroupDraft[], address: Ip): GroupDraft | undefined {
  return groups.find((group) =>
    [group, ...group.instances].some(({ addresses }) =>
      addresses.some((each) => each?.address === address),
    ),
  );
}

const FAMILY = 'an address of the same family as the address of the service';
