/** What each keyword of a `vrrp_instance` says, and why some of them say nothing to us. */
import type { Ip } from '../base/ip.js';
import { parseIp } from '../base/ip.js';
import type { InstanceContext, InstanceDraft } from './instance.js';
import type { Statement } from './keepalived/statements.js';
import { isOn, MILLIS_PER_SECOND, numberOf, readNumber, wholeNumberOf } from './quantity.js';
import type { Said } from './remark.js';
import { isInterfaceName } from './tracked.js';

/** Returns what it changes of what was read before. */
type Reader = (
  statement: Statement,
  context: InstanceContext,
  draft: InstanceDraft,
) => Partial<InstanceDraft>;

const readState: Reader = ({ words }) => ({
  initial: words[1]?.toUpperCase() === 'MASTER' ? 'master' : 'backup',
});

const readInterface: Reader = (statement, { say }) => {
  const name = statement.words[1] ?? '';
  return isInterfaceName(name)
    ? { interface: name }
    : refused(statement, 'no name that an interface can have', say);
};

const readVrid: Reader = (statement, { say }) => {
  const vrid = wholeNumberOf(statement, { from: 1, to: 255 });
  return vrid === undefined ? refused(statement, 'no number from 1 to 255', say) : { vrid };
};

const readPriority: Reader = (statement, { say }) => {
  const priority = wholeNumberOf(statement, { from: 1, to: 255 });
  if (priority === undefined) {
    return refused(statement, 'no number from 1 to 255', say);
  }
  if (priority > MOST_PRIORITY) {
    say('differs', statement, 'there is no address owner: the greatest priority is 254');
  }
  return { priority: Math.min(priority, MOST_PRIORITY) };
};
const MOST_PRIORITY = 254;

const readAdvertInterval: Reader = (statement, { say }) => {
  const wanted = Math.round((numberOf(statement) ?? Number.NaN) * MILLIS_PER_SECOND);
  if (Number.isNaN(wanted)) {
    return refused(statement, 'no number of seconds', say);
  }
  const bounded = Math.min(Math.max(wanted, SHORTEST_INTERVAL), LONGEST_INTERVAL);
  const advertMillis = Math.round(bounded / SHORTEST_INTERVAL) * SHORTEST_INTERVAL;
  if (advertMillis !== wanted) {
    say('lost', statement, `from 10ms to 40.95s, in hundredths of a second. ${BOTH_AT_ONCE}`);
  }
  return { advertMillis };
};
const SHORTEST_INTERVAL = 10;
const LONGEST_INTERVAL = 40_950;
/** What routers of one group must agree on. */
export const BOTH_AT_ONCE = 'Both nodes must have the same: change both at once';

const readVersion: Reader = (statement, { say }) => {
  const version = numberOf(statement);
  return version === 2 || version === 3
    ? { version }
    : refused(statement, 'no version of VRRP that there is', say);
};

const readPreemptDelay: Reader = (statement, { say }) => {
  const seconds = numberOf(statement);
  return seconds === undefined || seconds < 0
    ? refused(statement, 'no number of seconds', say)
    : { preemptDelay: seconds };
};

const readStrict: Reader = (statement, { say }, { accept }) => {
  say('differs', statement, 'its no_accept was carried over; vipair has no other strictness');
  return { accept: isOn(statement) ? 'no' : accept };
};

const readVirtualMac: Reader = (statement, { say }) => {
  const [, ...given] = statement.words;
  if (given.some((word) => /^[\da-f]{2}(?::[\da-f]{2}){4,5}$/iu.test(word))) {
    say('lost', statement, 'the MAC is always that of RFC 9568, made from the virtual router id');
  } else if (given.length > 0) {
    say('differs', statement, 'vipair names the interface itself');
  }
  return { virtualMac: 'yes' };
};

const readAuthentication: Reader = ({ block = [] }, { say }) => {
  const type = block.findLast(({ words }) => words[0] === 'auth_type');
  for (const each of block) {
    if (each.words[0] !== 'auth_pass' && each !== type) {
      say('lost', each, UNKNOWN);
    }
  }
  if (type === undefined || type.words[1]?.toUpperCase() === 'PASS') {
    return { password: type === undefined ? 'none' : 'simple' };
  }
  return refused(type, `only signed adverts, or the password of version 2. ${BOTH_AT_ONCE}`, say);
};

const readSource: Reader = (statement, { say }) => {
  const source = parseIp(statement.words[1] ?? '');
  if (!source.ok) {
    return refused(statement, 'no address', say);
  }
  if (statement.words[0] === 'mcast_src_ip') {
    say('differs', statement, "adverts leave from the interface's own address");
  }
  return { source: source.value };
};

const readPeers: Reader = (statement, { say }, { unicast }) => {
  const peers = (statement.block ?? []).map((each) => readPeer(each, say));
  const ttls = peers.flatMap(({ minTtl }) => minTtl ?? []);
  return {
    unicast: {
      peers: [...(unicast?.peers ?? []), ...peers.flatMap(({ address }) => address ?? [])],
      minTtl: ttls.length === 0 ? undefined : Math.min(...ttls),
      statement,
    },
  };
};

function readPeer(
  statement: Statement,
  say: Said,
): { readonly address: Ip | undefined; readonly minTtl: number | undefined } {
  const { words } = statement;
  const address = parseIp(words[0] ?? '');
  if (!address.ok) {
    say('lost', statement, 'no address');
  }
  if (words.includes('max_ttl')) {
    say('lost', statement, 'max_ttl: only the least TTL is looked at');
  }
  const at = words.indexOf('min_ttl');
  return {
    address: address.ok ? address.value : undefined,
    minTtl: at === -1 ? undefined : readNumber(words[at + 1]),
  };
}

const readTtl: Reader = (statement, { say }) => {
  const ttl = wholeNumberOf(statement, { from: 1, to: 255 });
  if (ttl === undefined) {
    return refused(statement, 'no TTL', say);
  }
  say('differs', statement, 'adverts leave with 255; as few as this are heard (unicast_min_ttl)');
  return { ttl };
};

export const INSTANCE_READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['state', readState],
  ['interface', readInterface],
  ['virtual_router_id', readVrid],
  ['priority', readPriority],
  ['advert_int', readAdvertInterval],
  ['version', readVersion],
  ['nopreempt', (statement) => ({ nopreempt: statement })],
  ['preempt', () => ({ nopreempt: undefined })],
  ['preempt_delay', readPreemptDelay],
  ['accept', () => ({ accept: 'yes' })],
  ['no_accept', () => ({ accept: 'no' })],
  ['strict_mode', readStrict],
  ['use_vmac', readVirtualMac],
  ['authentication', readAuthentication],
  ['unicast_src_ip', readSource],
  ['mcast_src_ip', readSource],
  ['unicast_peer', readPeers],
  ['unicast_ttl', readTtl],
]);

/** What may stand several times, and counts each time: a file may have thousands of them, which are collected at once. */
export const COLLECTED: Readonly<Record<'addresses' | 'tracked' | 'announce' | 'notify', RegExp>> =
  {
    addresses: /^virtual_ipaddress(?:_excluded)?$/u,
    tracked: /^track_(?:interface|script|process|file|bfd)$/u,
    announce: /^garp_master_(?:delay|repeat|refresh)$/u,
    notify: /^notify(?:_master|_backup|_fault|_stop)?$/u,
  };

export function isCollected(keyword: string): boolean {
  return Object.values(COLLECTED).some((pattern) => pattern.test(keyword));
}

/** It changes nothing, and that is said. */
function refused(statement: Statement, why: string, say: Said): Partial<InstanceDraft> {
  say('lost', statement, why);
  return {};
}

/** On a keyword that is not read. */
export function sayOfUnread(keyword: string, statement: Statement, say: Said): void {
  if (keyword === 'smtp_alert') {
    say(isOn(statement) ? 'lost' : 'needless', statement, NO_MAIL);
    return;
  }
  const verdict = VERDICTS.find(([pattern]) => pattern.test(keyword))?.[1];
  const [kind, why] = verdict ?? ['lost', UNKNOWN];
  say(kind, statement, why);
}

export const NO_MAIL = 'vipair sends no mail: a hook can, or whoever reads its log';
export const UNKNOWN = 'the importer does not know it';

const VERDICTS: readonly (readonly [RegExp, readonly ['lost' | 'needless' | 'differs', string]])[] =
  [
    [
      /^virtual_routes$/u,
      [
        'lost',
        'only addresses move: a hook on master and backup can set routes (docs/migrating.md)',
      ],
    ],
    [
      /^virtual_rules$/u,
      [
        'lost',
        'only addresses move: a hook on master and backup can set rules (docs/migrating.md)',
      ],
    ],
    [
      /^dont_track_primary$/u,
      [
        'lost',
        "the link of a group's own interface is always tracked: without it the node is in fault",
      ],
    ],
    [
      /^track_src_ip$/u,
      ['lost', 'that an address of the node is missing is noticed at the start only'],
    ],
    [
      /^(?:lvs_sync_daemon(?:_interface)?)$/u,
      ['lost', 'LVS: vipair does not forward by itself; HAProxy is the data plane'],
    ],
    [
      /^(?:use_ipvlan|use_vmac_addr)$/u,
      ['lost', 'virtual_mac: true is the one kind of interface of its own that there is'],
    ],
    [
      /^vmac_xmit_base$/u,
      ['differs', 'with virtual_mac adverts leave from the MAC of the virtual router'],
    ],
    [
      /^mcast_dst_ip$/u,
      ['lost', 'adverts go to the group of RFC 9568 only: change both nodes at once'],
    ],
    [/^vrf$/u, ['lost', 'no interface is chosen by its VRF']],
    [/^old_unicast_checksum$/u, ['lost', 'the checksum of keepalived up to 1.3.6 is not known']],
    [
      /^down_timer_adverts$/u,
      [
        'lost',
        'a master is missed after three adverts, as RFC 9568 says: both nodes must be changed at once',
      ],
    ],
    [
      /^garp_\w+$/u,
      [
        'lost',
        'how announcements are spaced is fixed: a burst, a second one, then a refresh (announce)',
      ],
    ],
    [
      /^notify_master_rx_lower_pri$/u,
      ['lost', 'no hook is told of a lesser master: the log says vrrp.contest'],
    ],
    [/^notify_deleted$/u, ['lost', 'a group that is removed from the file is told as stopped']],
    [
      /^(?:promote_secondaries|check_unicast_src|skip_check_adv_addr)$/u,
      ['needless', 'vipair always does so'],
    ],
    [
      /^(?:lower_prio_no_advert|higher_prio_send_advert)$/u,
      ['needless', 'vipair does as RFC 9568 says'],
    ],
    [
      /^(?:native_ipv6|debug|linkbeat_use_polling|notify_priority_changes|unicast_fault_no_peer)$/u,
      ['needless', 'there is nothing that it would change'],
    ],
  ];
