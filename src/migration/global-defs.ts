/** What stands outside of instances: `global_defs`, and the blocks that are not about VRRP. */
import { parseIp } from '../base/ip.js';
import type { Statement } from './keepalived/statements.js';
import { isOn, numberOf } from './quantity.js';
import type { RemarkKind, Said } from './remark.js';

/** What instances have of it, where they say nothing themselves. */
export interface Globals {
  readonly routerId: string | undefined;
  readonly version: 2 | 3 | undefined;
  readonly defaultInterface: string | undefined;
  readonly scriptUser: string | undefined;
  readonly strict: boolean;
  readonly mail: 'sent' | 'not sent';
  readonly startupDelay: { readonly seconds: number; readonly statement: Statement } | undefined;
  /** `garp_master_delay 5` and its kin, as in an instance. */
  readonly announce: readonly Statement[];
}

type Draft = { -readonly [Key in keyof Globals]: Globals[Key] };

export function readGlobals(blocks: readonly Statement[], say: Said): Globals {
  const statements = blocks.flatMap(({ block }) => block ?? []);
  let draft: Draft = {
    routerId: undefined,
    version: undefined,
    defaultInterface: undefined,
    scriptUser: undefined,
    strict: false,
    mail: 'not sent',
    startupDelay: undefined,
    announce: statements
      .filter(({ words }) => ANNOUNCED.test(words[0] ?? ''))
      .map(({ words, ...rest }) => ({
        ...rest,
        words: words.map((word, index) => (index === 0 ? word.replace(/^vrrp_/u, '') : word)),
      })),
  };
  for (const statement of statements) {
    const [keyword = ''] = statement.words;
    const read = READERS.get(keyword);
    if (read === undefined && !ANNOUNCED.test(keyword)) {
      const [kind, why] = verdictOn(statement);
      say(kind, statement, why);
    } else if (read !== undefined) {
      draft = { ...draft, ...read(statement, say, draft) };
    }
  }
  return draft;
}

const ANNOUNCED = /^vrrp_(?:garp_master_(?:delay|repeat|refresh)|min_garp)$/u;

/** Returns what changes. */
type Reader = (statement: Statement, say: Said, draft: Draft) => Partial<Draft>;

const readMail: Reader = (...[statement, , { mail }]) => ({
  mail: isOn(statement) ? 'sent' : mail,
});
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['router_id', ({ words }) => ({ routerId: words[1] })],
  [
    'vrrp_version',
    (statement, say) => {
      const version = numberOf(statement);
      if (version === 2 || version === 3) {
        return { version };
      }
      say('lost', statement, 'no version of VRRP that there is; 2 was taken, as keepalived does');
      return {};
    },
  ],
  ['default_interface', ({ words }) => ({ defaultInterface: words[1] })],
  ['script_user', ({ words }) => ({ scriptUser: words[1] })],
  [
    'vrrp_strict',
    (statement, say) => {
      say('differs', statement, 'its no_accept was carried over; vipair has no other strictness');
      return { strict: isOn(statement) };
    },
  ],
  [
    'vrrp_startup_delay',
    (statement, say) => {
      const seconds = numberOf(statement);
      if (seconds === undefined || seconds < 0) {
        say('lost', statement, 'no number of seconds');
        return {};
      }
      return { startupDelay: { seconds, statement } };
    },
  ],
  ['smtp_alert', readMail],
  ['smtp_alert_vrrp', readMail],
  ['vrrp_mcast_group4', readMulticast],
  ['vrrp_mcast_group6', readMulticast],
]);

function readMulticast(statement: Statement, say: Said): Partial<Draft> {
  const address = parseIp(statement.words[1] ?? '');
  const isUsual = address.ok && USUAL_GROUPS.includes(address.value);
  say(
    isUsual ? 'needless' : 'lost',
    statement,
    isUsual ? 'it is the usual group' : 'adverts go to the group of RFC 9568 only',
  );
  return {};
}
const USUAL_GROUPS: readonly string[] = ['224.0.0.18', 'ff02::12'];

export type Verdict = readonly [RemarkKind, string];

/** On what stands in `global_defs` and is not read. */
function verdictOn({ words }: Statement): Verdict {
  const keyword = words[0] ?? '';
  const found = GLOBAL_VERDICTS.find(([pattern]) => pattern.test(keyword));
  return found?.[1] ?? ['lost', 'the importer does not know it'];
}

const SCHEDULED: Verdict = [
  'needless',
  'how the daemon is scheduled is said in its unit (docs/operating.md)',
];
const LVS_ONLY: Verdict = ['needless', 'it concerns LVS only, which vipair does not do'];
const OWN: Verdict = ['needless', 'it concerns the inside of keepalived'];
const MAIL: Verdict = [
  'needless',
  'vipair sends no mail; where smtp_alert asks for it, that is said there',
];

/** The first that fits. */
const GLOBAL_VERDICTS: readonly (readonly [RegExp, Verdict])[] = [
  [/^(?:notification_email(?:_from)?|smtp_\w+|no_email_faults|no_checker_emails)$/u, MAIL],
  [
    /^(?:(?:vrrp|checker|bfd)_(?:priority|no_swap|cpu_affinity|rt_priority|rlimit_rttime)|max_auto_priority|min_auto_priority_delay)$/u,
    SCHEDULED,
  ],
  [
    /^(?:lvs_notify_fifo\w*|lvs_sync_daemon)$/u,
    ['lost', 'LVS: vipair does not forward by itself; HAProxy is the data plane'],
  ],
  [/^(?:lvs_\w+|checker_\w+|rs_init_notifies|smtp_alert_checker|nftables_ipvs\w*)$/u, LVS_ONLY],
  [
    /^(?:nftables\w*|vrrp_iptables|vrrp_ipsets)$/u,
    ['needless', 'vipair has nftables tables of its own'],
  ],
  [
    /^(?:enable_script_security|vrrp_skip_check_adv_addr|vrrp_check_unicast_src)$/u,
    ['needless', 'vipair always does so'],
  ],
  [
    /^(?:vrrp_(?:lower_prio_no_advert|higher_prio_send_advert))$/u,
    ['needless', 'vipair does as RFC 9568 says'],
  ],
  [
    /^(?:dynamic_interfaces|vmac_prefix|vmac_addr_prefix|log_unknown_vrids)$/u,
    [
      'needless',
      'vipair finds interfaces by name, names those of virtual MACs itself, and `vipair doctor` names other virtual routers',
    ],
  ],
  [
    /^(?:(?:vrrp_|lvs_)?notify_fifo\w*|vrrp_notify_priority_changes|fifo_write_vrrp_states_on_reload)$/u,
    ['lost', 'there is no FIFO: `vipair events --follow --json` or a hook tells of transitions'],
  ],
  [
    /^(?:snmp_socket|enable_snmp_\w+|enable_traps|enable_dbus|dbus_service_name)$/u,
    ['lost', 'neither SNMP nor D-Bus: the control socket and `vipair status --json` tell'],
  ],
  [
    /^(?:startup_script|shutdown_script)(?:_timeout)?$/u,
    ['lost', 'ExecStartPre= and ExecStopPost= of the unit do this'],
  ],
  [
    /^vrrp_(?:garp|gna)_\w+$/u,
    [
      'lost',
      'how announcements are spaced is fixed: a burst, a second one, then a refresh (groups.announce)',
    ],
  ],
  [
    /^vrrp_down_timer_adverts$/u,
    [
      'lost',
      'a master is missed after three adverts, as RFC 9568 says: both nodes must be changed at once',
    ],
  ],
  [
    /^(?:process_names|\w*process_name|tmp_config_directory|config_save_dir|data_use_instance|umask|random_seed|reload_\w+|include_check|\w*_rcv_bufs(?:_force)?|vrrp_rx_bufs_\w+|disable_local_igmp|use_symlink_paths)$/u,
    OWN,
  ],
];

/** On blocks and keywords outside of everything. */
export function verdictOnTop({ words }: Statement): Verdict | undefined {
  const keyword = words[0] ?? '';
  return TOP_VERDICTS.find(([pattern]) => pattern.test(keyword))?.[1];
}

const TOP_VERDICTS: readonly (readonly [RegExp, Verdict])[] = [
  [
    /^(?:virtual_server|virtual_server_group|SSL|local_address_group)$/u,
    [
      'lost',
      'LVS: vipair does not forward by itself; HAProxy on both nodes is the data plane (proxy: haproxy:)',
    ],
  ],
  [
    /^(?:static_ipaddress|static_routes|static_rules|track_group)$/u,
    ['lost', "it never moves: it belongs into the system's own network configuration"],
  ],
  [/^bfd_instance$/u, ['lost', 'no BFD: the pair channel (pair.key_file) notices a dead peer']],
  [
    /^linkbeat_(?:use_polling|interfaces)$/u,
    ['needless', 'the kernel tells of carriers; nothing is polled'],
  ],
  [
    /^garp_group$/u,
    [
      'lost',
      'how announcements are spaced is fixed: a burst, a second one, then a refresh (groups.announce)',
    ],
  ],
  [
    /^net_namespace(?:_ipvs)?$/u,
    ['lost', "the namespace of the daemon is its unit's (NetworkNamespacePath=)"],
  ],
  [/^(?:instance|use_pid_dir|child_wait_time|namespace_with_ipsets)$/u, OWN],
];
