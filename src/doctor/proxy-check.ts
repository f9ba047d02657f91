/** What vipair needs of the node's HAProxy, each with the change to make: its socket, its binds, its peers, and who runs it. */
import type { Family } from '../base/ip.js';
import { bindsAt, declaredBinds } from '../core/haproxy-binds.js';
import type { Finding, Said } from './finding.js';
import { note, problem, well } from './finding.js';
import type { Observations, ProxySeen } from './observations.js';
import { familyName } from './observations.js';

/** Nothing where the pair moves addresses only. */
export function checkProxy({ proxy, node }: Observations): readonly Finding[] {
  if (proxy === undefined) {
    return [];
  }
  const said = [...unitSaid(proxy), ...socketSaid(proxy), ...fileSaid(proxy)];
  return said.map((each) => ({ check: 'proxy', about: node, ...each }));
}

function unitSaid({ run, unit }: ProxySeen): readonly Said[] {
  if (unit === 'unknown') {
    return [];
  }
  if (run === 'systemd') {
    return unit === 'enabled'
      ? [well('haproxy.service is enabled: HAProxy is there after a boot.')]
      : [
          problem(
            'haproxy.service is not enabled: after a boot this node has no HAProxy, and is unfit.',
            'systemctl enable haproxy, or the unit that runs it here',
          ),
        ];
  }
  return unit === 'enabled'
    ? [
        problem(
          'haproxy.service is enabled, and vipair starts HAProxy too: after a boot one of them is in the way of the other.',
          'systemctl disable --now haproxy, or run: systemd in the proxy section',
        ),
      ]
    : [well('haproxy.service is not enabled: vipair alone starts HAProxy.')];
}

function socketSaid({ config, runtimeSocket, runtime }: ProxySeen): readonly Said[] {
  const line = `stats socket ${runtimeSocket} mode 660 level admin`;
  if (runtime.kind === 'not asked') {
    return [];
  }
  if (runtime.kind === 'silent') {
    return [
      problem(
        `No HAProxy answers at the runtime socket ${runtimeSocket}: ${runtime.detail}.`,
        `start it; where it runs, write \`${line}\` into the global section of ${config} and reload it, or give the socket that it has as runtime_socket`,
      ),
    ];
  }
  const { level, mode } = runtime;
  return [
    level === 'admin'
      ? well(`HAProxy answers at ${runtimeSocket}, with level admin.`)
      : problem(
          `HAProxy answers at ${runtimeSocket}, with level ${level}: servers cannot be drained there, nor told after a restart what is wanted of them.`,
          `write \`${line}\` into the global section of ${config}, then reload HAProxy`,
        ),
    mode === 'master-worker'
      ? well('HAProxy has a master and a worker: a reload leaves its connections alone.')
      : note(
          'HAProxy runs without a master: a reload of it is a restart, in which the address moves.',
          'start it with -W or -Ws, as the unit of its package does',
        ),
  ];
}

function fileSaid(proxy: ProxySeen): readonly Said[] {
  const { file, config } = proxy;
  if (file.kind === 'unreadable') {
    return [problem(`${config} cannot be read: ${file.detail}.`)];
  }
  return [...bindsSaid(proxy, file), ...peersSaid(proxy, file)];
}

type ReadFile = Extract<ProxySeen['file'], { kind: 'read' }>;

function bindsSaid(proxy: ProxySeen, { sections }: ReadFile): readonly Said[] {
  const { addresses, config } = proxy;
  const binds = declaredBinds(sections);
  const reached = binds.some(
    ({ address }) => address === 'any' || (address !== undefined && addresses.includes(address)),
  );
  if (!reached) {
    return [
      note(
        `No bind of ${config} is at a virtual address or at all of them: what is asked there, HAProxy does not answer.`,
        `bind ${addresses[0] ?? '*'}:PORT, or bind *:PORT`,
      ),
    ];
  }
  const families: readonly Family[] = ['ipv4', 'ipv6'];
  const early = families.flatMap((family) => earlySaid(proxy, family, binds));
  return early.length === 0
    ? [well(`All binds of ${config} work before this node has the address.`)]
    : early;
}

/** Binds at the virtual addresses themselves, which this node has not yet. */
function earlySaid(
  { addresses, config, run, nonlocal }: ProxySeen,
  family: Family,
  binds: Parameters<typeof bindsAt>[0],
): readonly Said[] {
  const [first] = bindsAt(binds, addresses, family);
  const { now, atBoot } = nonlocal[family];
  // The daemon sets it before it starts one; one that it does not start may be there first.
  if (first === undefined || run === 'supervised' || (now === 'on' && atBoot === 'on')) {
    return [];
  }
  const key = `net.${family}.ip_nonlocal_bind`;
  const at = `line ${String(first.line ?? 0)} of ${config} (${first.proxy}) binds ${String(first.address)}, an ${familyName(family)} address that this node has not always`;
  const remedy = `write \`${key} = 1\` to /etc/sysctl.d/90-vipair.conf, then run \`sysctl --system\`; or bind *:PORT, or add \`transparent\` to the line`;
  return [
    now === 'off'
      ? problem(`${key} is 0, and ${at}: HAProxy does not start without it.`, remedy)
      : problem(
          `${key} is 1 now and in no file of sysctl.d, and ${at}: after a boot HAProxy is started before vipair, and fails.`,
          remedy,
        ),
  ];
}

function peersSaid({ config }: ProxySeen, { peers }: ReadFile): readonly Said[] {
  if (peers === undefined) {
    return [];
  }
  const { found, untold, problems } = peers;
  const remedy = 'vipair proxy peers says which lines it needs';
  if (found === undefined) {
    return [
      problem(
        `No peers section of ${config} names vipair: stick tables stay on this node.`,
        remedy,
      ),
    ];
  }
  const names = untold.map(({ name, line }) => `${name} (line ${String(line ?? 0)})`).join(', ');
  const said = [
    ...problems.map((each) => problem(`${each}.`)),
    ...(untold.length === 0
      ? []
      : [note(`Stick tables that are told to nobody: ${names}.`, remedy)]),
  ];
  return said.length === 0
    ? [well(`All stick tables of ${config} are told to vipair, in peers ${found}.`)]
    : said;
}
