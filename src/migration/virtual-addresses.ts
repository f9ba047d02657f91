/** The lists `virtual_ipaddress` and `virtual_ipaddress_excluded`. */
import type { Cidr } from '../base/ip.js';
import { FAMILY_BITS, familyOf, formatCidr, isIpv6, parseCidr } from '../base/ip.js';
import { unfitness } from '../config/lint-addresses.js';
import type { Statement } from './keepalived/statements.js';
import type { Said } from './remark.js';
import { isInterfaceName } from './tracked.js';

export interface VirtualAddress {
  readonly cidr: Cidr;
  /** Undefined: the instance's own. */
  readonly interface: string | undefined;
  /** Whether adverts name it. */
  readonly advertised: 'yes' | 'no';
  readonly statement: Statement;
}

export function readAddresses(list: Statement, say: Said): readonly VirtualAddress[] {
  const advertised = list.words[0] === 'virtual_ipaddress' ? 'yes' : 'no';
  return (list.block ?? []).flatMap((statement) => {
    const [text = '', ...options] = statement.words;
    const cidr = parseCidr(text);
    if (!cidr.ok) {
      say('lost', statement, 'no address with a prefix length');
      return [];
    }
    const reason = unfitness(cidr.value);
    if (reason !== undefined) {
      say('lost', statement, `no machine can hold ${reason}`);
      return [];
    }
    const onInterface = readOptions(statement, options, say);
    if (onInterface !== undefined && !isInterfaceName(onInterface)) {
      say('lost', statement, 'its dev is no name of an interface');
      return [];
    }
    return [{ cidr: cidr.value, interface: onInterface, advertised, statement }];
  });
}

/** The interface, where one is named. */
function readOptions(
  statement: Statement,
  options: readonly string[],
  say: Said,
): string | undefined {
  let onInterface: string | undefined;
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? '';
    const value = options[at + 1];
    const takes = TAKING.get(option);
    if (option === 'dev') {
      onInterface = value ?? '';
    } else if (takes !== undefined) {
      takes(value ?? '', statement, say);
    } else {
      sayOfFlag(option, statement, say);
    }
    at += option === 'dev' || takes !== undefined ? 1 : 0;
  }
  return onInterface;
}

type Taking = (value: string, statement: Statement, say: Said) => void;

const TAKING: ReadonlyMap<string, Taking> = new Map<string, Taking>([
  [
    'label',
    (...[, statement, say]) => {
      say(
        'needless',
        statement,
        'its label: vipair gives addresses one of its own, such as eth0:vip',
      );
    },
  ],
  [
    'brd',
    (...[, statement, say]) => {
      say(
        'needless',
        statement,
        'its broadcast address: nothing is sent to one from a virtual address',
      );
    },
  ],
  [
    'scope',
    (value, statement, say) => {
      if (value !== 'global') {
        say('lost', statement, `scope ${value}: every address is of global scope`);
      }
    },
  ],
  [
    'peer',
    (...[, statement, say]) => {
      say('lost', statement, 'peer: an address has no far end');
    },
  ],
  [
    'preferred_lft',
    (...[, statement, say]) => {
      say('lost', statement, 'preferred_lft: its lifetime is that of the lease');
    },
  ],
]);

function sayOfFlag(option: string, statement: Statement, say: Said): void {
  if (option === 'use_vmac') {
    say('lost', statement, 'use_vmac: a virtual MAC is a setting of the whole group (virtual_mac)');
  } else if (
    !['no_track', '-nodad', 'noprefixroute', 'home', 'autojoin', 'mngtmpaddr'].includes(option)
  ) {
    say('lost', statement, `${option}: the importer does not know it`);
  } else if (option !== '-nodad') {
    say('lost', statement, `${option}: an address has no such flag`);
  }
}

/** As it is written into our file; keepalived takes one without a length for a single host, too. */
export function textOf({ cidr }: VirtualAddress): string {
  return formatCidr(cidr);
}

export function isHost({ cidr }: VirtualAddress): boolean {
  return cidr.prefixLength === FAMILY_BITS[familyOf(cidr.address)];
}

export function speaksIpv6(addresses: readonly VirtualAddress[]): boolean {
  return addresses.some(({ cidr }) => isIpv6(cidr.address));
}
