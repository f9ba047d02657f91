/** An interface is set down and up again: what the kernel forgets meanwhile is noted before, and put back where it is missing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { ProcessHost } from '../../ports/process-host.js';
import type { Cidr } from '../../base/ip.js';
import type { IpEntry, IpLifetime, Undo } from './hand-record.js';

type Processes = Pick<ProcessHost, 'run'>;
type LinkUp = Undo & { readonly kind: 'link-up' };

/** As `ip -json address` shows it; what is undefined is not set. */
interface ShownAddress {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly dynamic?: boolean;
  readonly temporary?: boolean;
  readonly valid_life_time?: number;
  readonly preferred_life_time?: number;
  readonly noprefixroute?: boolean;
  readonly nodad?: boolean;
  readonly label?: string;
  readonly broadcast?: string;
  readonly address?: string;
}

/** As `ip -json -details link` shows it. */
interface ShownVlan {
  readonly ifname: string;
  readonly link?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: { readonly flags?: readonly string[] };
  };
}

/** As `ip -json neigh` shows it. */
interface ShownNeighbour {
  readonly dst: string;
  readonly lladdr?: string;
  readonly router?: unknown;
}

/** As `ip -json route` shows it. */
interface ShownRoute {
  readonly dst: string;
  readonly type?: string;
  readonly gateway?: string;
  readonly via?: { readonly family: string; readonly host: string };
  readonly table?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly flags?: readonly string[];
  readonly nexthops?: unknown;
  readonly nhid?: unknown;
  readonly encap?: unknown;
  readonly tos?: unknown;
  readonly realms?: unknown;
  readonly metrics?: readonly Readonly<Record<string, unknown>>[];
}

export interface LinkPorts {
  readonly processes: Processes;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/**
 * What has to be put back. Fails where the interface is not up, or something could not be put back as it was. `ours`: what a
 * daemon holds there for as long as it is master, which is nobody's to put back.
 */
export async function noteLink(
  interfaceName: string,
  ours: readonly Cidr[],
  { processes, clock }: LinkPorts,
): Promise<Result<LinkUp, string>> {
  const carried = await vlansOn(interfaceName, processes);
  if (!carried.ok) {
    return fail(`VLANs on ${interfaceName}: ${carried.error}`);
  }
  if (carried.value.length > 0) {
    return fail(
      `${interfaceName} carries ${carried.value.join(', ')}, which the kernel would set down with it, and whose addresses and routes would not be put back`,
    );
  }
  const shown = await show<{ flags?: readonly string[]; addr_info?: readonly ShownAddress[] }>(
    ['address', 'show', 'dev', interfaceName],
    processes,
  );
  if (!shown.ok) {
    return fail(`${interfaceName}: ${shown.error}`);
  }
  if (shown.value[0]?.flags?.includes('UP') !== true) {
    return fail(`${interfaceName} is down already`);
  }
  const notedAt = clock.wallTime();
  const addresses = (shown.value[0].addr_info ?? []).filter(
    (each) => isForgotten(each) && !ours.some(({ address }) => address === each.local),
  );
  const routes = await routesOf(interfaceName, processes);
  if (!routes.ok) {
    return routes;
  }
  const neighbours = await neighboursOf(interfaceName, processes);
  if (!neighbours.ok) {
    return neighbours;
  }
  return ok({
    kind: 'link-up',
    interface: interfaceName,
    addresses: addresses.map((each) => addressEntry(each, interfaceName, notedAt)),
    routes: routes.value,
    neighbours: neighbours.value,
  });
}

/** Unlike virtual interfaces of other kinds, those of a VLAN go down with what they are on, unless they are bound to it loosely. */
async function vlansOn(
  interfaceName: string,
  processes: Processes,
): Promise<Result<readonly string[], string>> {
  const shown = await show<ShownVlan>(['-details', 'link', 'show'], processes);
  return shown.ok
    ? ok(
        shown.value
          .filter(
            // A kernel that knows no VLANs refuses to show them alone.
            ({ link, linkinfo }) =>
              linkinfo?.info_kind === 'vlan' &&
              link === interfaceName &&
              linkinfo.info_data?.flags?.includes('LOOSE_BINDING') !== true,
          )
          .map(({ ifname }) => ifname),
      )
    : shown;
}

export function setLink(
  interfaceName: string,
  state: 'up' | 'down',
  processes: Processes,
): Promise<Result<undefined, string>> {
  return ip(['link', 'set', interfaceName, state], processes);
}

/** The carrier, and addresses that routes stand on, take a moment to come: what is refused is tried again for a while. */
export async function putLinkUp(
  { interface: name, addresses, routes, neighbours = [] }: LinkUp,
  { processes, clock }: LinkPorts,
): Promise<Result<undefined, string>> {
  const up = await setLink(name, 'up', processes);
  if (!up.ok) {
    return fail(`ip link set ${name} up: ${up.error}`);
  }
  let missing: readonly IpEntry[] = [...addresses, ...routes, ...neighbours];
  let why = '';
  const deadline = performance.now() + PUT_BACK_WITHIN_MS;
  while (missing.length > 0 && performance.now() < deadline) {
    const refused: IpEntry[] = [];
    for (const each of missing) {
      const left = remaining(each.lifetime, clock.wallTime());
      if (left === 'ended') {
        continue;
      }
      const added = await ip([each.family, ...each.args, ...left], processes);
      // Whatever is there for that destination now, somebody wants it so.
      if (!added.ok && !/File exists|already assigned/u.test(added.error)) {
        refused.push(each);
        why = added.error;
      }
    }
    missing = refused;
    await sleep(missing.length > 0 ? TRY_AGAIN_AFTER_MS : 0);
  }
  return missing.length === 0
    ? done
    : fail(
        `put back by hand: ${missing.map(({ family, args }) => `ip ${family} ${args.join(' ')}`).join('; ')} (${why})`,
      );
}

/**
 * Of addresses with an end the kernel keeps those of IPv4 itself, and forgets those of IPv6, which whoever gave them may
 * renew much later (DHCPv6). Temporary ones it makes anew.
 */
function isForgotten({ dynamic, family, temporary }: ShownAddress): boolean {
  return dynamic !== true || (family === 'inet6' && temporary !== true);
}

/** As arguments; what was to end meanwhile has ended. */
function remaining(lifetime: IpLifetime | undefined, now: number): readonly string[] | 'ended' {
  if (lifetime === undefined) {
    return [];
  }
  const gone = Math.max(0, Math.ceil((now - lifetime.notedAt) / 1000));
  const valid = lifetime.validS - gone;
  const preferred = Math.max(0, lifetime.preferredS - gone);
  return valid <= 0 ? 'ended' : ['valid_lft', String(valid), 'preferred_lft', String(preferred)];
}

function lifetimeOf(each: ShownAddress, notedAt: number): IpLifetime | undefined {
  return each.dynamic === true
    ? { validS: each.valid_life_time ?? 0, preferredS: each.preferred_life_time ?? 0, notedAt }
    : undefined;
}

function addressEntry(each: ShownAddress, interfaceName: string, notedAt: number): IpEntry {
  const { family, local, prefixlen, label, broadcast, address: remote } = each;
  const isIpv4 = family === 'inet';
  return {
    family: isIpv4 ? '-4' : '-6',
    args: [
      ...['address', 'add', `${local}${remote === undefined ? `/${String(prefixlen)}` : ''}`],
      ...(remote === undefined ? [] : ['peer', `${remote}/${String(prefixlen)}`]),
      ...(isIpv4 && broadcast !== undefined ? ['broadcast', broadcast] : []),
      ...(isIpv4 && label !== undefined ? ['label', label] : []),
      ...['dev', interfaceName],
      ...(each.noprefixroute === true ? ['noprefixroute'] : []),
      ...(each.nodad === true ? ['nodad'] : []),
    ],
    lifetime: lifetimeOf(each, notedAt),
  };
}

/** Entries that somebody has made, for neighbours and in place of others: with the link down the kernel forgets them all. */
async function neighboursOf(
  interfaceName: string,
  processes: Processes,
): Promise<Result<readonly IpEntry[], string>> {
  const entries: IpEntry[] = [];
  for (const family of ['-4', '-6'] as const) {
    for (const kind of ['permanent', 'proxy'] as const) {
      const which = kind === 'proxy' ? ['proxy'] : ['nud', kind];
      const asked = [family, 'neigh', 'show', ...which, 'dev', interfaceName];
      const shown = await show<ShownNeighbour>(asked, processes);
      if (!shown.ok) {
        return fail(`neighbours of ${interfaceName}: ${shown.error}`);
      }
      entries.push(
        ...shown.value.map((each) => ({ family, args: neighbourArgs(each, kind, interfaceName) })),
      );
    }
  }
  return entries.length > MOST_NEIGHBOURS
    ? fail(`more than ${String(MOST_NEIGHBOURS)} neighbours of ${interfaceName} are permanent`)
    : ok(entries);
}

function neighbourArgs(
  { dst, lladdr, router }: ShownNeighbour,
  kind: 'permanent' | 'proxy',
  interfaceName: string,
): readonly string[] {
  return [
    ...['neigh', 'replace'],
    ...(kind === 'proxy' ? ['proxy', dst] : [dst, 'lladdr', lladdr ?? '', 'nud', kind]),
    ...['dev', interfaceName],
    ...(router === undefined ? [] : ['router']),
  ];
}

async function routesOf(
  interfaceName: string,
  processes: Processes,
): Promise<Result<readonly IpEntry[], string>> {
  const entries: IpEntry[] = [];
  for (const family of ['-4', '-6'] as const) {
    const shown = await show<ShownRoute>(
      [family, 'route', 'show', 'table', 'all', 'dev', interfaceName],
      processes,
    );
    if (!shown.ok) {
      return fail(`routes of ${interfaceName}: ${shown.error}`);
    }
    const own = shown.value.filter(
      ({ protocol, flags }) => !BY_THEMSELVES.includes(protocol ?? '') && !isCached(flags),
    );
    const strange = own.find(({ encap, tos, realms }) =>
      [encap, tos, realms].some((each) => each !== undefined),
    );
    if (strange !== undefined) {
      return fail(
        `the route to ${strange.dst} over ${interfaceName} has an encapsulation, a type of service or a realm, which would not be put back`,
      );
    }
    const several = own.find(({ nexthops, nhid }) => nexthops !== undefined || nhid !== undefined);
    if (several !== undefined) {
      return fail(
        `the route to ${several.dst} over ${interfaceName} has several next hops, which would not be put back as they were`,
      );
    }
    entries.push(...own.map((each) => ({ family, args: routeArgs(each, interfaceName) })));
  }
  return entries.length > MOST_ROUTES
    ? fail(`more than ${String(MOST_ROUTES)} routes go over ${interfaceName}`)
    : ok(entries);
}

function routeArgs(route: ShownRoute, interfaceName: string): readonly string[] {
  const { dst, type, gateway, via, table, protocol, scope, prefsrc, metric } = route;
  const word = (name: string, value: string | number | undefined): readonly string[] =>
    value === undefined ? [] : [name, String(value)];
  return [
    ...['route', 'add'],
    ...(type === undefined || type === 'unicast' ? [] : [type]),
    dst,
    ...(via === undefined ? word('via', gateway) : ['via', via.family, via.host]),
    ...['dev', interfaceName],
    ...word('table', table),
    ...word('proto', protocol),
    ...word('scope', scope),
    ...word('src', prefsrc),
    ...word('metric', metric),
    ...(route.metrics ?? []).flatMap((each) =>
      Object.entries(each).flatMap(([name, value]) => [name, String(value)]),
    ),
    ...(route.flags?.includes('onlink') === true ? ['onlink'] : []),
  ];
}

function isCached(flags: readonly string[] | undefined): boolean {
  return flags?.includes('cache') === true;
}

async function show<T>(
  args: readonly string[],
  processes: Processes,
): Promise<Result<readonly T[], string>> {
  const answer = await processes.run('ip', ['-json', ...args], { within: IP_DEADLINE });
  if (!answer.ok) {
    return fail(said(answer.error));
  }
  try {
    const text = answer.value.stdout.trim();
    return ok(text === '' ? [] : (JSON.parse(text) as readonly T[]));
  } catch {
    return fail('ip did not answer in JSON');
  }
}

async function ip(
  args: readonly string[],
  processes: Processes,
): Promise<Result<undefined, string>> {
  const answer = await processes.run('ip', args, { within: IP_DEADLINE });
  return answer.ok ? done : fail(said(answer.error));
}

function said({ code, detail }: { readonly code: string; readonly detail: string }): string {
  return code === 'no-program'
    ? 'the program ip (iproute2) is not installed'
    : detail.trim().replaceAll(/\s+/gu, ' ');
}

/** The kernel's own come with address and link, and those of router advertisements with the next of them. */
const BY_THEMSELVES = ['kernel', 'ra', 'redirect'];
const IP_DEADLINE = millis(5_000);
const MOST_ROUTES = 256;
const MOST_NEIGHBOURS = 256;
const PUT_BACK_WITHIN_MS = 10_000;
const TRY_AGAIN_AFTER_MS = 200;
