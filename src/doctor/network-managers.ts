/** What systemd-networkd, NetworkManager and `ip neighbour` say, read: who configures an interface, and who is known on it. */
import { parseIp } from '../base/ip.js';
import { parseMac } from '../base/mac.js';
import type { ManagerFiles, NetworkdFiles } from '../ports/network-managers.js';
import type { NeighbourEntry, NetworkManagerSeen } from './observations.js';

/** Which managers configure the interface, from what they have written down about it. */
export function managersOf({
  interface: name,
  networkd,
  networkManager,
}: ManagerFiles): readonly NetworkManagerSeen[] {
  const file = networkd === undefined ? undefined : networkFileOf(networkd.link);
  const connection = networkManager === undefined ? undefined : connectionOf(networkManager);
  return [
    ...(networkd === undefined || file === undefined
      ? []
      : [
          {
            kind: 'systemd-networkd' as const,
            interface: name,
            file,
            foreign: foreignAddresses(networkd),
          },
        ]),
    ...(connection === undefined
      ? []
      : [{ kind: 'NetworkManager' as const, interface: name, connection }]),
  ];
}

/** The file that networkd's record of a link names; undefined where it leaves the link alone. */
export function networkFileOf(link: string): string | undefined {
  const state = /^ADMIN_STATE=(\S+)$/mu.exec(link)?.[1];
  const file = /^NETWORK_FILE=(\/\S+)$/mu.exec(link)?.[1];
  return state === 'unmanaged' ? undefined : file;
}

/** The drop-ins that networkd's record of a link names, in the order in which they count. */
export function dropInsOf(link: string): readonly string[] {
  const list = /^NETWORK_FILE_DROPINS="?([^"\n]*)"?$/mu.exec(link)?.[1] ?? '';
  return list.split(/\s+/u).filter((each) => each.startsWith('/'));
}

/** The last word of the file and its drop-ins counts. */
function foreignAddresses({ settings }: NetworkdFiles): 'kept' | 'removed' {
  const words = settings.flatMap(({ text }) =>
    [...text.matchAll(/^\s*KeepConfiguration\s*=\s*(\S*)/gmu)].map(([, value]) => value),
  );
  return ['yes', 'true', 'on', '1', 'static'].includes(words.at(-1) ?? '') ? 'kept' : 'removed';
}

/** Undefined where NetworkManager leaves the device alone. */
function connectionOf(record: string): string | undefined {
  const managed = /^managed=(\S+)$/mu.exec(record)?.[1];
  const uuid = /^connection-uuid=(\S+)$/mu.exec(record)?.[1];
  return managed === 'false' ? undefined : uuid;
}

/** `ip -json neighbour show`; entries without an Ethernet address say nothing. */
export function readNeighbours(json: string): readonly NeighbourEntry[] {
  let entries: unknown;
  try {
    entries = JSON.parse(json);
  } catch {
    return [];
  }
  return Array.isArray(entries) ? entries.flatMap(readEntry) : [];
}

function readEntry(entry: unknown): readonly NeighbourEntry[] {
  if (typeof entry !== 'object' || entry === null) {
    return [];
  }
  const { dst, dev, lladdr, state }: Readonly<Record<string, unknown>> = { ...entry };
  const address = typeof dst === 'string' ? parseIp(dst) : undefined;
  const mac = typeof lladdr === 'string' ? parseMac(lladdr) : undefined;
  const isDead = Array.isArray(state) && state.includes('FAILED');
  return address?.ok === true && mac?.ok === true && typeof dev === 'string' && !isDead
    ? [{ interface: dev, address: address.value, mac: mac.value }]
    : [];
}
