/** One file for both nodes out of what each of them asks for: where the two differ, one of them was taken, and that is said. */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { GroupPlan } from './group-plan.js';
import { formatPlace } from './keepalived/place.js';
import type { NodePlan } from './node-plan.js';
import type { Remark, RemarkKind } from './remark.js';
import type { YamlEntry, YamlMap, YamlValue } from './yaml-text.js';
import { entry, isSameValue, listIn, mapOf, shown } from './yaml-text.js';

/** A node of the pair. Without a plan there is no file of it. */
export interface PairNode {
  readonly name: string;
  readonly plan: NodePlan | undefined;
}

export interface PairPlan {
  readonly file: YamlMap;
  readonly remarks: readonly Remark[];
}

/** What stands where a person has to write something; `vipair check` refuses it wherever it stands. */
export const FILL_IN = 'FILL-IN';

/** Undefined where no group can be made. The first of the two has a plan. */
export function planPair(first: PairNode, second: PairNode): PairPlan | undefined {
  const pairing = new Pairing(first, second);
  const groups = pairing.groups();
  return groups.length === 0
    ? undefined
    : {
        file: mapOf(
          entry('pair', mapOf(entry('nodes', mapOf(...pairing.nodes())), ...[])),
          entry('groups', groups),
          ...pairing.hooks(),
        ),
        remarks: pairing.remarks,
      };
}

class Pairing {
  readonly remarks: Remark[] = [];
  readonly #first: PairNode;
  readonly #second: PairNode;

  constructor(first: PairNode, second: PairNode) {
    this.#first = first;
    this.#second = second;
  }

  nodes(): readonly YamlEntry[] {
    return [this.#first, this.#second].map((node) => {
      const other = node === this.#first ? this.#second : this.#first;
      const known = ownAddress(node) ?? peerAddress(other);
      if (known === undefined) {
        this.#fillIn(
          node,
          'address',
          "the node's own address, which keepalived.conf does not name",
        );
      }
      const comment =
        known === undefined
          ? "Fill in: the node's own address, on a dedicated link where there is one."
          : "From keepalived's unicast addresses; one on a dedicated link is better where there is one.";
      return entry(
        node.name,
        mapOf(entry('address', known ?? placeholder('ADDRESS', node), comment)),
      );
    });
  }

  groups(): readonly YamlMap[] {
    const of = ({ plan }: PairNode): readonly GroupPlan[] => plan?.groups ?? [];
    const matched = of(this.#first).map((group) => ({
      group,
      other: of(this.#second).find((each) => isCounterpart(group, each)),
    }));
    const strangers = of(this.#second).filter(
      (group) => !matched.some(({ other }) => other === group),
    );
    for (const group of strangers) {
      this.#say(
        'lost',
        group,
        group.source,
        `only ${this.#second.name} has it; both nodes have the same groups`,
      );
    }
    return matched.map(({ group, other }) => this.#group(group, other));
  }

  hooks(): readonly YamlEntry[] {
    const [first, second] = [this.#first.plan?.hooks ?? [], this.#second.plan?.hooks];
    const [at] = [...(this.#first.plan?.groups ?? []), ...(this.#second.plan?.groups ?? [])];
    if (second !== undefined && at !== undefined && !isSameValue(first, second)) {
      this.#say(
        'lost',
        at,
        'notify',
        `${this.#second.name} has ${shown(second)}; the scripts of ${this.#first.name} were taken for both`,
      );
    }
    return first.length === 0 ? [] : [entry('hooks', first)];
  }

  #group(group: GroupPlan, other: GroupPlan | undefined): YamlMap {
    if (this.#second.plan !== undefined && other === undefined) {
      this.#say(
        'lost',
        group,
        group.source,
        `only ${this.#first.name} has it; both nodes have it now`,
      );
    }
    if (other !== undefined) {
      this.#compare(group, other);
    }
    const preferred = preferredOf(group, other);
    return mapOf(
      entry(
        'name',
        group.name,
        `${group.from.kind} ${group.source} (${formatPlace(group.statement.place)})`,
        ...this.#losses(group),
      ),
      ...group.head,
      ...this.#priorities(group, other),
      (preferred === 'second' ? other : group)?.failback ?? group.failback,
      ...this.#unicast(group, other),
      ...group.tail,
    );
  }

  /** What both nodes must have the same. */
  #compare(group: GroupPlan, other: GroupPlan): void {
    const mine = [...group.head, ...group.tail];
    const theirs = [...other.head, ...other.tail];
    const keys = new Set([...mine, ...theirs].map(({ key }) => key));
    for (const key of keys) {
      const [a, b] = [mine, theirs].map((each) => each.find((it) => it.key === key)?.value);
      if (!isSameValue(a, b)) {
        const [onSecond, onFirst] = [onlyIn(b, a), onlyIn(a, b)];
        this.#say(
          'lost',
          other,
          key,
          `${onSecond} on ${this.#second.name}, ${onFirst} on ${this.#first.name}: one file serves both nodes, and ${this.#first.name}'s was taken`,
        );
      }
    }
  }

  #priorities(group: GroupPlan, other: GroupPlan | undefined): readonly YamlEntry[] {
    const [a, b] = [this.#first, this.#second];
    if (other === undefined) {
      this.#fillIn(
        b,
        'priority',
        `the other node's priority of ${group.source}, which is in its own keepalived.conf`,
        group,
      );
    }
    const ranks = entry(
      'priority',
      mapOf(
        entry(a.name, group.priority),
        entry(
          b.name,
          other?.priority ?? placeholder('PRIORITY', b),
          ...(other === undefined
            ? [
                `Fill in: as the other node's keepalived.conf has it. This one says state ${group.initial}.`,
              ]
            : []),
        ),
      ),
    );
    const preferred = preferredOf(group, other);
    return preferred === 'nobody'
      ? [ranks]
      : [entry('prefer', preferred === 'first' ? a.name : b.name), ranks];
  }

  #unicast(group: GroupPlan, other: GroupPlan | undefined): readonly YamlEntry[] {
    const { unicast } = group;
    if (unicast === undefined) {
      if (other?.unicast !== undefined) {
        this.#say(
          'lost',
          other,
          'unicast_peer',
          `only ${this.#second.name} has it: adverts are multicast, as on ${this.#first.name}`,
        );
      }
      return [];
    }
    const { own, far, strangers, minTtl } = ways(unicast, other?.unicast);
    return [
      entry(
        'unicast',
        mapOf(
          entry(this.#first.name, this.#lanAddresses(this.#first, group, own)),
          entry(this.#second.name, this.#lanAddresses(this.#second, group, far)),
        ),
      ),
      ...(strangers.length === 0 ? [] : [entry('unicast_peers', strangers.slice(0, MOST_PEERS))]),
      ...(minTtl === undefined ? [] : [entry('unicast_min_ttl', minTtl)]),
    ];
  }

  /** One for each family that the group has addresses of. */
  #lanAddresses(node: PairNode, group: GroupPlan, known: Ip | undefined): readonly string[] {
    return group.families.map((family) => {
      if (known !== undefined && familyOf(known) === family) {
        return known;
      }
      this.#fillIn(
        node,
        'unicast',
        `its own ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address on ${group.source}'s network`,
        group,
      );
      return placeholder(family === 'ipv4' ? 'IPV4-ADDRESS' : 'IPV6-ADDRESS', node);
    });
  }

  #losses({ subjects, statement }: GroupPlan): readonly string[] {
    const all = [this.#first, this.#second].flatMap(({ plan }) => plan?.remarks ?? []);
    const lost = all.filter(({ kind, subject }) => kind === 'lost' && subjects.includes(subject));
    // What both files say is said once.
    const once = lost.filter(
      ({ what }, index) => lost.findIndex((other) => other.what === what) === index,
    );
    return once.slice(0, MOST_LOSSES).map(({ what, place }) => {
      const at =
        place.file === statement.place.file ? `line ${String(place.line)}` : formatPlace(place);
      return `Not carried over: ${what} (${at})`;
    });
  }

  #fillIn(node: PairNode, what: string, why: string, group?: GroupPlan): void {
    const place = (group ?? this.#first.plan?.groups[0])?.statement.place;
    if (place !== undefined) {
      const subject = group === undefined ? node.name : `${group.name}, ${node.name}`;
      this.remarks.push({ kind: 'fill-in', place, subject, what, why });
    }
  }

  #say(kind: RemarkKind, { statement, source }: GroupPlan, what: string, why: string): void {
    this.remarks.push({ kind, place: statement.place, subject: source, what, why });
  }
}
const MOST_PEERS = 16;
const TTL_ON_LINK = 255;
/** Comments before a group; the whole list is told beside the file. */
const MOST_LOSSES = 8;

function placeholder(what: string, { name }: PairNode): string {
  return `${FILL_IN}-${what}-OF-${name.toUpperCase()}`;
}

/** The node whose priority is greater, where both are known and differ. */
function preferredOf(
  group: GroupPlan,
  other: GroupPlan | undefined,
): 'first' | 'second' | 'nobody' {
  if (other === undefined || other.priority === group.priority) {
    return 'nobody';
  }
  return group.priority > other.priority ? 'first' : 'second';
}

/** What of a value the other one has not. */
function onlyIn(value: YamlValue | undefined, other: YamlValue | undefined): string {
  const [mine, theirs] = [listIn(value), listIn(other)];
  if (mine === undefined || theirs === undefined) {
    return shown(value);
  }
  const known = new Set(theirs.map(shown));
  const rest = mine.filter((each) => !known.has(shown(each)));
  return rest.length === 0 ? 'nothing more' : shown(rest);
}

/** By name, or else by virtual router. */
function isCounterpart(a: GroupPlan, b: GroupPlan): boolean {
  const router = ({ head }: GroupPlan): string =>
    head
      .filter(({ key }) => key === 'interface' || key === 'vrid')
      .map(({ value }) => shown(value))
      .join(' ');
  return a.source === b.source || router(a) === router(b);
}

function ownAddress({ plan }: PairNode): Ip | undefined {
  return plan?.groups.find(({ own }) => own !== undefined)?.own;
}

/** Where the only peer is the other node of the pair. */
function peerAddress({ plan }: PairNode): Ip | undefined {
  return plan?.groups.flatMap(({ unicast }) => sole(unicast?.peers) ?? [])[0];
}

interface Ways {
  readonly own: Ip | undefined;
  readonly far: Ip | undefined;
  /** Routers that are of neither node. */
  readonly strangers: readonly Ip[];
  readonly minTtl: number | undefined;
}

/** Between which addresses adverts go, as the files of both nodes have it, or that of the first. */
function ways(mine: OwnUnicast, theirs: OwnUnicast | undefined): Ways {
  const own = mine.own ?? sole(theirs?.peers);
  const far = theirs?.own ?? sole(mine.peers.filter((peer) => peer !== own)) ?? mine.peers[0];
  const peers = new Set([...mine.peers, ...(theirs?.peers ?? [])]);
  const ttls = [mine.minTtl, theirs?.minTtl].flatMap((each) => each ?? []);
  return {
    own,
    far,
    strangers: [...peers].filter((peer) => peer !== own && peer !== far),
    minTtl: ttls.length === 0 ? undefined : Math.min(Math.max(Math.min(...ttls), 1), TTL_ON_LINK),
  };
}
type OwnUnicast = NonNullable<GroupPlan['unicast']>;

function sole(addresses: readonly Ip[] | undefined): Ip | undefined {
  return addresses?.length === 1 ? addresses[0] : undefined;
}
