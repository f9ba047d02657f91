/** What can break between the two nodes of a lab, and what must come of it. */
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { LabFailure } from './failure.js';
import type { Lab } from './lab.js';
import { inNamespace } from './network.js';
import type { NodeName } from './topology.js';
import { HARDWARE_ADDRESSES, LINK_INTERFACE, NODE_NAMES, namespaceOf } from './topology.js';

export interface Parties {
  readonly master: NodeName;
  readonly backup: NodeName;
}

export interface PathFault {
  readonly name: string;
  /** One sentence for the operator who watches. */
  readonly story: string;
  /** What the switch drops meanwhile, as nftables rules of a bridge. */
  readonly drops: (parties: Parties) => readonly string[];
  readonly dedicatedLink: 'whole' | 'cut';
  /** `rejoins`: while it lasts nobody can know, and once it is healed there is one owner again. */
  readonly expected: 'stays' | 'moves' | 'rejoins';
}

const VRRP = 'ip protocol 112';

export const PATH_FAULTS: readonly PathFault[] = [
  {
    name: 'VRRP filtered, master to backup',
    story: 'the switch drops the master’s adverts',
    drops: ({ master }) => [`ether saddr ${HARDWARE_ADDRESSES[master]} ${VRRP}`],
    dedicatedLink: 'whole',
    expected: 'stays',
  },
  {
    name: 'VRRP filtered, backup to master',
    story: 'the switch drops what the backup would advertise',
    drops: ({ backup }) => [`ether saddr ${HARDWARE_ADDRESSES[backup]} ${VRRP}`],
    dedicatedLink: 'whole',
    expected: 'stays',
  },
  {
    name: 'VRRP filtered, both ways',
    story: 'the switch drops every advert',
    drops: () => [VRRP],
    dedicatedLink: 'whole',
    expected: 'stays',
  },
  {
    name: 'dedicated link cut',
    story: 'the cable between the nodes is pulled',
    drops: () => [],
    dedicatedLink: 'cut',
    expected: 'stays',
  },
  {
    name: 'LAN port black-holed',
    story: 'the switch swallows all that the master sends and is sent; its carrier stays up',
    drops: ({ master }) => [
      `ether saddr ${HARDWARE_ADDRESSES[master]}`,
      `ether daddr ${HARDWARE_ADDRESSES[master]}`,
    ],
    dedicatedLink: 'whole',
    expected: 'moves',
  },
  {
    name: 'everything cut, then healed',
    story:
      'the cable is pulled, and the switch drops every advert and every question between the nodes',
    drops: () => [VRRP, ...betweenNodes()],
    dedicatedLink: 'cut',
    expected: 'rejoins',
  },
];

function betweenNodes(): readonly string[] {
  const [a, b] = NODE_NAMES.map((name) => HARDWARE_ADDRESSES[name]);
  return [
    `ether saddr ${a ?? ''} ether daddr ${b ?? ''}`,
    `ether saddr ${b ?? ''} ether daddr ${a ?? ''}`,
    // A question to everybody reaches the other node as well.
    ...NODE_NAMES.map(
      (name) =>
        `ether saddr ${HARDWARE_ADDRESSES[name]} arp operation request oifname { ${ports(name)} }`,
    ),
  ];
}

function ports(of: NodeName): string {
  return NODE_NAMES.filter((name) => name !== of)
    .map((name) => `"port-${name}"`)
    .join(', ');
}

/** The switch begins to drop, and the cable is pulled. */
export async function inflict(
  fault: PathFault,
  parties: Parties,
  { lab, processes }: { readonly lab: Lab; readonly processes: ProcessHost },
): Promise<Result<undefined, LabFailure>> {
  const { name } = lab.settings;
  const drops = fault.drops(parties);
  if (fault.dedicatedLink === 'cut') {
    const pulled = await pullCable(lab, processes);
    if (!pulled.ok) {
      return pulled;
    }
  }
  if (drops.length === 0) {
    return done;
  }
  const rules = drops.map((rule) => `${rule} drop;`).join(' ');
  const chain = `chain cut { type filter hook forward priority 0; ${rules} };`;
  const told = await inNamespace(processes, namespaceOf(name, 'lan'), [
    'nft',
    `table bridge ${TABLE} { ${chain} }`,
  ]);
  return told.ok ? done : told;
}

/** Everything is as it was; what was never broken is left alone. */
export async function healPaths(
  lab: Lab,
  processes: ProcessHost,
): Promise<Result<undefined, LabFailure>> {
  // Declared first, so that deleting it is no error where nothing was dropped.
  const flush = `table bridge ${TABLE}; delete table bridge ${TABLE}`;
  const flushed = await inNamespace(processes, namespaceOf(lab.settings.name, 'lan'), [
    'nft',
    flush,
  ]);
  const plugged = await setLink(lab, processes, 'up');
  return flushed.ok ? plugged : flushed;
}

/** The cable between the nodes; {@link healPaths} puts it back. */
export function pullCable(
  lab: Lab,
  processes: ProcessHost,
): Promise<Result<undefined, LabFailure>> {
  return setLink(lab, processes, 'down');
}

async function setLink(
  lab: Lab,
  processes: ProcessHost,
  state: 'up' | 'down',
): Promise<Result<undefined, LabFailure>> {
  const told = await inNamespace(processes, namespaceOf(lab.settings.name, 'lb1'), [
    ...['ip', 'link', 'set', LINK_INTERFACE, state],
  ]);
  return told.ok ? done : told;
}

const TABLE = 'vipair-lab';
