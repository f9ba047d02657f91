/** Packets on protocol 112 that must not be believed, and how a stranger on the LAN sends them. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { centis } from '../../src/base/time.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import { HOST_ADDRESSES, VIRTUAL_ADDRESS, VIRTUAL_ROUTER_ID } from '../../src/lab/topology.js';
import type { ChecksumForm } from '../../src/wire/vrrp-checksum.js';

import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import { encodeAdvert, VRRP_PROTOCOL, VRRP_TTL } from '../../src/wire/vrrp.js';
import { parseIpv4 } from '../../src/base/ipv4.js';
import type { Salvo, Volley } from './packet-sender.js';
import type { Rig } from './rig.js';
import { value } from './rig.js';

const SENDER = resolve(import.meta.dirname, 'packet-sender.ts');
const IPV4_HEADER_BYTES = 20;

export interface AdvertShape {
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  readonly vrid?: number;
  readonly priority?: number;
  readonly checksum?: ChecksumForm;
  /** In hundredths of a second. */
  readonly interval?: number;
  /** Spoils the message once it is complete. */
  readonly spoil?: (message: Buffer) => Buffer;
}

/** A whole packet; what is not said is as it should be. */
export function packet(shape: AdvertShape = {}): Buffer {
  const source = value(parseIpv4(shape.source ?? HOST_ADDRESSES.client));
  const destination = value(parseIpv4(shape.destination ?? VRRP_GROUPS.ipv4));
  const message = Buffer.from(
    encodeAdvert(
      {
        version: 3,
        vrid: shape.vrid ?? VIRTUAL_ROUTER_ID,
        priority: shape.priority ?? 100,
        maxAdvertInterval: centis(shape.interval ?? 10),
        addresses: [VIRTUAL_ADDRESS],
      },
      { checksum: shape.checksum ?? 'with-pseudo-header', source, destination },
    ),
  );
  const body = shape.spoil?.(message) ?? message;
  const header = Buffer.alloc(IPV4_HEADER_BYTES);
  // The kernel fills in the length and the checksum.
  header.set([0x45, 0xc0, 0, 0, 0, 0, 0, 0, shape.ttl ?? VRRP_TTL, VRRP_PROTOCOL]);
  header.set(source.split('.').map(Number), 12);
  header.set(destination.split('.').map(Number), 16);
  return Buffer.concat([header, body]);
}

export interface Shots {
  readonly packets: readonly Buffer[];
  readonly count: number;
  readonly perSecond: number;
  readonly destination?: string;
  readonly form?: Volley['form'];
}

let volleys = 0;

/** Sends them from the client's machine, which has no business with VRRP. */
export async function send(rig: Rig, shots: Shots): Promise<Salvo> {
  const volley: Volley = {
    interface: 'eth0',
    form: shots.form ?? 'whole',
    source: HOST_ADDRESSES.client,
    destination: shots.destination ?? VRRP_GROUPS.ipv4,
    packets: shots.packets.map((each) => each.toString('hex')),
    count: shots.count,
    perSecond: shots.perSecond,
  };
  volleys += 1;
  const file = `${labDirectory(rig.lab.settings.name)}/volley-${String(volleys)}.json`;
  writeFileSync(file, JSON.stringify(volley));
  const said = await rig.told('client', process.execPath, '--import', 'tsx', SENDER, file);
  return JSON.parse(said) as Salvo;
}

/** One of each kind, by the counter it must move. */
export const GARBAGE: Readonly<Record<string, Buffer>> = {
  truncated: packet({ spoil: (message) => message.subarray(0, 5) }),
  version: packet({ spoil: (message) => Buffer.from([0x21, ...message.subarray(1)]) }),
  type: packet({ spoil: (message) => Buffer.from([0x32, ...message.subarray(1)]) }),
  length: packet({ spoil: (message) => Buffer.concat([message, Buffer.alloc(40)]) }),
  checksum: packet({
    priority: 255,
    spoil: (message) => Buffer.from(message.map((byte, at) => (at === 6 ? byte ^ 0x55 : byte))),
  }),
  ttl: packet({ priority: 255, ttl: 254 }),
  vrid: packet({ priority: 255, vrid: VIRTUAL_ROUTER_ID + 1 }),
  destination: packet({ priority: 255, destination: HOST_ADDRESSES.lb1 }),
};
