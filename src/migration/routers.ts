/** The virtual routers of a group: one an interface, with the addresses that it holds there. */
import type { Family } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Instance } from './instance.js';
import type { Planning } from './planning.js';
import type { Said } from './remark.js';
import type { VirtualAddress } from './virtual-addresses.js';
import { isHost, speaksIpv6, textOf } from './virtual-addresses.js';
import type { YamlEntry } from './yaml-text.js';
import { entry } from './yaml-text.js';

export interface Router {
  /** Interface and virtual router id. */
  readonly entries: readonly YamlEntry[];
  readonly addresses: readonly YamlEntry[];
  readonly families: readonly Family[];
}

/** Those of all instances, the first one's own first; what does not fit is said. */
export function routersOf(members: readonly Instance[], planning: Planning): readonly Router[] {
  const growing = new Map<string, Growing>();
  for (const member of members) {
    const say = planning.remarks.of(member.name);
    if (member.interface === undefined || member.vrid === undefined) {
      say(
        'lost',
        member.statement,
        'without an interface and a virtual router id it cannot take part',
      );
      continue;
    }
    for (const address of member.addresses) {
      place(
        address,
        { member, vrid: member.vrid, own: member.interface },
        { growing, planning, say },
      );
    }
  }
  return [...growing.values()].map(routerOf);
}

interface Growing {
  readonly interface: string;
  readonly vrid: number;
  readonly addresses: VirtualAddress[];
}

function place(
  address: VirtualAddress,
  of: { readonly member: Instance; readonly vrid: number; readonly own: string },
  into: { readonly growing: Map<string, Growing>; readonly planning: Planning; readonly say: Said },
): void {
  const { planning, growing, say } = into;
  const held = address.interface ?? of.own;
  const key = `${held} ${String(of.vrid)}`;
  const router = growing.get(key) ?? { interface: held, vrid: of.vrid, addresses: [] };
  const onWire = `${key} ${familyOf(address.cidr.address)}`;
  const isNew = !router.addresses.some(
    (each) => familyOf(each.cidr.address) === familyOf(address.cidr.address),
  );
  if (planning.addresses.has(address.cidr.address)) {
    say('needless', address.statement, 'this address is there already');
  } else if (isNew && planning.routers.has(onWire)) {
    say(
      'lost',
      address.statement,
      `another group has virtual router id ${String(of.vrid)} on ${held}`,
    );
  } else if (
    router.addresses.length >= MOST_ADDRESSES ||
    (!growing.has(key) && growing.size > MOST_FURTHER)
  ) {
    say(
      'lost',
      address.statement,
      `a group has ${String(MOST_ADDRESSES)} addresses a virtual router, and ${String(MOST_FURTHER)} further ones, at the most`,
    );
  } else {
    sayOfPlace(address, of, say);
    planning.routers.add(onWire);
    planning.addresses.add(address.cidr.address);
    router.addresses.push(address);
    growing.set(key, router);
  }
}
const MOST_ADDRESSES = 20;
const MOST_FURTHER = 8;

function sayOfPlace(
  address: VirtualAddress,
  { member, own }: { readonly member: Instance; readonly own: string },
  say: Said,
): void {
  const advertised = member.addresses.filter((each) => each.advertised === 'yes');
  const isOther = speaksIpv6([address]) !== speaksIpv6(advertised) && advertised.length > 0;
  if (address.interface !== undefined && address.interface !== own) {
    say(
      'differs',
      address.statement,
      `it is a virtual router of its own on ${address.interface}, with adverts there. ${BESIDE}`,
    );
  } else if (isOther) {
    say(
      'differs',
      address.statement,
      'it is a virtual router of its own family, which moves along',
    );
  } else if (address.advertised === 'no') {
    say('differs', address.statement, `adverts name it like any other address. ${BESIDE}`);
  }
}
/** keepalived drops an advert with another number of addresses than it has in virtual_ipaddress, or with others. */
const BESIDE =
  'keepalived refuses adverts with other addresses than its own list: change its list before, or both nodes at once';

function routerOf({ interface: held, vrid, addresses }: Growing): Router {
  const hosts = addresses.some(isHost)
    ? [
        'Without a prefix length keepalived takes a single host, as here; the length of the network is usual.',
      ]
    : [];
  return {
    entries: [entry('interface', held), entry('vrid', vrid)],
    addresses: [entry('addresses', addresses.map(textOf), ...hosts)],
    families: [...new Set(addresses.map(({ cidr }) => familyOf(cidr.address)))],
  };
}
