/** A group of ours as one node's file asks for it; what the two nodes need not have in common stands apart. */
import type { Ip } from '../base/ip.js';
import { millis } from '../base/time.js';
import { formatDuration } from '../config/duration.js';
import { announceEntries } from './announcements.js';
import type { Globals } from './global-defs.js';
import type { MovingTogether } from './groups.js';
import type { Instance, Unicast } from './instance.js';
import { BOTH_AT_ONCE } from './instance-keywords.js';
import type { Statement } from './keepalived/statements.js';
import { nameFrom, unusedName } from './names.js';
import type { Planning } from './planning.js';
import { durationOf, MILLIS_PER_SECOND } from './quantity.js';
import type { Remarks, Said } from './remark.js';
import type { Router } from './routers.js';
import { routersOf } from './routers.js';
import type { Tracked } from './tracked.js';
import { speaksIpv6 } from './virtual-addresses.js';
import type { YamlEntry, YamlMap } from './yaml-text.js';
import { entry, entryIf, mapOf } from './yaml-text.js';

export interface GroupPlan {
  /** As keepalived calls it. */
  readonly source: string;
  readonly name: string;
  /** The names of its instances and of its sync group: what remarks about it are of. */
  readonly subjects: readonly string[];
  readonly statement: Statement;
  readonly from: MovingTogether;
  /** What must be the same on both nodes, in the order of our file, without what follows. */
  readonly head: readonly YamlEntry[];
  readonly tail: readonly YamlEntry[];
  readonly priority: number;
  readonly failback: YamlEntry;
  readonly initial: Instance['initial'];
  readonly unicast: (Unicast & { readonly own: Ip | undefined }) | undefined;
  /** An address of the node, where the file names one. */
  readonly own: Ip | undefined;
  readonly families: readonly ('ipv4' | 'ipv6')[];
}

/** Undefined where nothing of it can be carried over; why is said. */
export function planGroup(from: MovingTogether, planning: Planning): GroupPlan | undefined {
  const { globals, remarks } = planning;
  const say = remarks.of(from.name);
  const [lead] = from.members;
  const routers = routersOf(from.members, planning);
  const [first, ...further] = routers;
  if (lead === undefined || first === undefined) {
    say(
      'lost',
      from.statement,
      'without an interface, a virtual router id and an address there is no group',
    );
    return undefined;
  }
  const name = unusedName(nameFrom(from.name) ?? 'group', planning.names);
  planning.names.add(name);
  const version = versionOf(from.members, say);
  differences(from.members, version, remarks);
  return {
    source: from.name,
    name,
    subjects: [from.name, ...from.members.map((each) => each.name)],
    statement: from.statement,
    from,
    head: [
      ...(version === 2 ? [entry('version', 2)] : []),
      ...first.entries,
      entry('advert_interval', intervalOf(lead, version, say)),
      ...first.addresses,
      ...(further.length === 0 ? [] : [entry('instances', further.map(ofRouter))]),
    ],
    tail: [
      ...startHold(globals, say),
      ...passwordOf(lead, { name, version }, say),
      ...trackEntries(from.tracked, { lead, say }),
      ...(lead.virtualMac === 'yes' ? [entry('virtual_mac', true)] : []),
      ...(lead.accept === 'no' ? [entry('accept', false)] : []),
      ...announceEntries(lead.announce, say),
    ],
    priority: lead.priority,
    failback: failbackOf(lead, say),
    initial: lead.initial,
    unicast: lead.unicast === undefined ? undefined : { ...lead.unicast, own: lead.source },
    own: from.members.find(({ source }) => source !== undefined)?.source,
    families: [...new Set(routers.flatMap(({ families }) => families))],
  };
}

function ofRouter({ entries, addresses }: Router): YamlMap {
  return mapOf(...entries, ...addresses);
}

/** A group has one of each; what else its instances say is told. */
function differences(
  [lead, ...others]: readonly Instance[],
  version: 2 | 3,
  remarks: Remarks,
): void {
  const shared = SHARED.filter(([what]) => what !== 'auth_type' || version === 2);
  for (const other of others) {
    const say = remarks.of(other.name);
    for (const [what, of] of shared) {
      const [first, second] = [lead === undefined ? '' : of(lead), of(other)];
      if (first !== second) {
        say(
          'lost',
          other.statement,
          `${what} ${second}: its group moves as one and has ${first}, as ${lead?.name ?? ''} says`,
        );
      }
    }
  }
}

const SHARED: readonly (readonly [string, (instance: Instance) => string])[] = [
  ['advert_int', ({ advertMillis }) => formatDuration(millis(advertMillis))],
  ['priority', ({ priority }) => String(priority)],
  ['nopreempt', ({ nopreempt }) => (nopreempt === undefined ? 'off' : 'on')],
  ['preempt_delay', ({ preemptDelay }) => String(preemptDelay)],
  ['auth_type', ({ password }) => password],
  ['use_vmac', ({ virtualMac }) => virtualMac],
  ['accept', ({ accept }) => accept],
  ['unicast_peer', ({ unicast }) => unicast?.peers.join(' ') ?? 'nobody'],
];

function versionOf(members: readonly Instance[], say: Said): 2 | 3 {
  const second = members.find(({ version }) => version === 2);
  const sixth = members.find(({ addresses }) => speaksIpv6(addresses));
  const third = members.find(({ version }) => version === 3);
  if (second === undefined) {
    return 3;
  }
  if (sixth === undefined && third === undefined) {
    return 2;
  }
  const why =
    sixth === undefined
      ? 'another instance of the group speaks version 3'
      : 'of IPv6 there is version 3 only';
  say(
    'differs',
    second.statement,
    `${second.name} speaks version 2, the group version 3, because ${why}. Say vrrp_version 3 in keepalived on both nodes before: two nodes of different versions do not hear each other, and both would be master`,
  );
  return 3;
}

/** Version 2 counts whole seconds (RFC 3768 §5.3.7). */
function intervalOf({ advertMillis, statement }: Instance, version: 2 | 3, say: Said): string {
  const least = version === 2 ? MILLIS_PER_SECOND : 1;
  const rounded = Math.max(Math.floor(advertMillis / least) * least, least);
  if (rounded !== advertMillis) {
    say(
      'lost',
      { ...statement, words: ['advert_int'] },
      `whole seconds in version 2. ${BOTH_AT_ONCE}`,
    );
  }
  return formatDuration(millis(rounded));
}

/** keepalived preempts unless it is told not to. */
function failbackOf(lead: Instance, say: Said): YamlEntry {
  if (lead.nopreempt !== undefined) {
    return entry('failback', 'never');
  }
  const { text, exact } = durationOf(lead.preemptDelay, {
    from: MILLIS_PER_SECOND,
    to: LONGEST_DELAY,
  });
  if (exact) {
    return entry('failback', `after ${text}`);
  }
  say(
    'differs',
    lead.statement,
    `a node that comes back takes over after ${text} of being well, which is the least; keepalived does at once`,
  );
  return entry(
    'failback',
    `after ${text}`,
    'keepalived preempts at once, this is the least. Each move breaks connections: consider never.',
  );
}
const LONGEST_DELAY = 1000 * MILLIS_PER_SECOND;

function startHold({ startupDelay }: Globals, say: Said): readonly YamlEntry[] {
  if (startupDelay === undefined) {
    return [];
  }
  const { text, exact } = durationOf(startupDelay.seconds, { from: 0, to: LONGEST_HOLD });
  if (!exact) {
    say('differs', startupDelay.statement, `the nearest that there is: ${text}`);
  }
  return [entry('start_hold', text)];
}
const LONGEST_HOLD = 600 * MILLIS_PER_SECOND;

/** The password itself goes into no file that more than root may read. */
function passwordOf(
  { password, statement, version }: Instance,
  group: { readonly name: string; readonly version: 2 | 3 },
  say: Said,
): readonly YamlEntry[] {
  if (password === 'none') {
    return [];
  }
  if (group.version === 3) {
    const kind = version === 3 ? 'needless' : 'differs';
    say(kind, { ...statement, words: ['authentication'] }, 'version 3 of VRRP has no passwords');
    return [];
  }
  const file = `/etc/vipair/${group.name}.password`;
  say(
    'differs',
    { ...statement, words: ['authentication'] },
    `write the first 8 characters of auth_pass into ${file}, with mode 0600`,
  );
  return [
    entry(
      'authentication',
      mapOf(entry('mode', 'password'), entry('file', file)),
      'The first 8 characters of auth_pass, in a file of root with mode 0600.',
    ),
  ];
}

function trackEntries(
  tracked: readonly Tracked[],
  { lead, say }: { readonly lead: Instance; readonly say: Said },
): readonly YamlEntry[] {
  const things = [...new Map(tracked.map((each) => [each.identity, each])).values()].filter(
    ({ identity, weight }) => identity !== `interface ${lead.interface ?? ''}` || weight !== 0,
  );
  const names = new Set<string>();
  const all = things.slice(0, MOST_TRACKED).map((each) => {
    const name = unusedName(nameFrom(each.name) ?? 'thing', names);
    names.add(name);
    const [thing, ...rest] = each.entries;
    const first = thing === undefined ? [] : [thing];
    const failure = each.weight === 0 ? entry('fault', true) : entry('weight', each.weight);
    // As it is called anyway, where the thing itself is its name (config/schema/track.ts).
    const named = thing?.value === name ? [] : [entry('name', name)];
    return mapOf(...first, ...rest, ...named, failure);
  });
  for (const { statement } of things.slice(MOST_TRACKED)) {
    say('lost', statement, `a group tracks ${String(MOST_TRACKED)} things at the most`);
  }
  return all.length === 0 ? [] : entryIf('track', all);
}
const MOST_TRACKED = 32;
