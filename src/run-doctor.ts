/** The doctor on the real machine: listens on every interface of the groups, asks the link, and hands what it saw on. */
import { askStatus } from './api/client.js';
import type { Ip } from './base/ip.js';
import { familyOf } from './base/ip.js';
import { networkHolds } from './base/network.js';
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import type { Instant, Millis } from './base/time.js';
import { later, millis } from './base/time.js';
import type { Config } from './config/config.js';
import { fullPriority } from './core/priority.js';
import { diagnose } from './doctor/diagnose.js';
import type { Finding } from './doctor/finding.js';
import { dropInsOf, managersOf, networkFileOf, readNeighbours } from './doctor/network-managers.js';
import type {
  Asked,
  ClaimOn,
  DaemonSeen,
  Observations,
  Router,
  SeenOn,
  SettingSeen,
} from './doctor/observations.js';
import type { GroupPlan } from './engine/group-plan.js';
import { planGroups } from './engine/plan-groups.js';
import { FLOW_EVENTS, wantedSettings } from './engine/kernel-settings.js';
import { NetlinkAddressTable } from './os/address-table.js';
import { PacketCaptures } from './os/capture.js';
import { SystemClock } from './os/clock.js';
import { KeyFiles } from './os/key-files.js';
import { missingCapabilities } from './os/machine.js';
import { PacketNeighbours } from './os/neighbours.js';
import { managerFiles } from './os/network-manager-files.js';
import { SystemProcessHost } from './os/process-host.js';
import { ProcSysctls } from './os/sysctl.js';
import { flowsWanted } from './replication/flow-orders.js';
import { forwardingSettings } from './services/forwarding.js';
import { proxySeen } from './run-doctor-proxy.js';
import type { NeighbourSocket } from './ports/neighbours.js';

/** What is kept of what is heard: a flood must not fill the memory. */
const MOST_PACKETS = 4_096;
const MOST_CLAIMS = 1_024;
/** How often each address is asked for while the doctor listens: an answer may be lost. */
const QUESTIONS = 3;
const NEIGHBOURS_WITHIN = millis(2_000);

interface Subject {
  readonly config: Config;
  readonly node: string;
  readonly listenFor: Millis;
}

/** Every finding, the checks in order; fails where nothing can be looked at. It changes nothing on this machine. */
export async function runDoctor(
  config: Config,
  node: string,
  listenFor: Millis,
): Promise<Result<readonly Finding[], string>> {
  const missing = missingCapabilities();
  if (missing.includes('CAP_NET_RAW')) {
    return fail('CAP_NET_RAW is missing, without which nothing is heard: run it as root');
  }
  const addresses = NetlinkAddressTable.open();
  if (!addresses.ok) {
    return fail(addresses.error.detail);
  }
  const observations = await observe({ config, node, listenFor }, addresses.value);
  addresses.value.close();
  return ok(diagnose({ ...observations, missingCapabilities: missing }));
}

async function observe(
  subject: Subject,
  addresses: NetlinkAddressTable,
): Promise<Omit<Observations, 'missingCapabilities'>> {
  const { config, node, listenFor } = subject;
  const clock = new SystemClock();
  const planned = await planGroups(
    { config, node },
    { addresses, secrets: new KeyFiles(), clock, log: { tell: () => undefined } },
  );
  const plans = planned.ok ? planned.value : [];
  const interfaces = [
    ...new Set(config.groups.flatMap(({ instances }) => instances.map((each) => each.interface))),
  ];
  const other = config.pair.nodes.find(({ name }) => name !== node);
  const peer = other === undefined ? undefined : { name: other.name, address: other.address };
  // First of all, because the answers to our questions may correct it.
  const neighbours = await neighbourTable();
  const before = await askStatus(config.runtime.controlSocket);
  const asked = await questions(plans, peer?.address, addresses);
  const heard = await listen(interfaces, { asked, clock, listenFor });
  const after = await askStatus(config.runtime.controlSocket);
  return {
    ...heard,
    node,
    peer,
    refusals: planned.ok ? [] : planned.error.map(({ detail }) => detail),
    routers: plans.flatMap(routersOf),
    listenedFor: listenFor,
    asked,
    neighbours,
    daemon: daemonSeen(before, after),
    settings: await settings(plans, config),
    services: config.services,
    proxy: await proxySeen(config, node),
    managers: interfaces.flatMap((name) => managersOf(managerFiles(name, configuredFrom))),
  };
}

function configuredFrom(link: string): readonly string[] {
  const file = networkFileOf(link);
  return file === undefined ? [] : [file, ...dropInsOf(link)];
}

function routersOf(plan: GroupPlan): readonly Router[] {
  return plan.instances.map((each) => ({
    group: plan.name,
    interface: each.interface,
    expectations: each.expectations,
    authentication: each.authentication,
    checksum: each.checksum,
    priority: fullPriority(plan.vrrp.priority, plan.track),
    mac: each.virtualInterface === undefined ? 'interface' : 'virtual',
  }));
}

type Answer = Awaited<ReturnType<typeof askStatus>>;

function daemonSeen(before: Answer, after: Answer): DaemonSeen {
  if (before.ok && after.ok) {
    return { kind: 'running', before: before.value, after: after.value };
  }
  const [failed] = [before, after].flatMap((each) => (each.ok ? [] : [each.error]));
  const detail = failed === undefined || failed.code === 'refused' ? 'no answer' : failed.detail;
  return { kind: 'absent', detail };
}

/** The virtual addresses, the unicast peers, and the other node, whose kernel answers for it on any link. */
async function questions(
  plans: readonly GroupPlan[],
  peer: Ip | undefined,
  table: NetlinkAddressTable,
): Promise<readonly Asked[]> {
  const asked = new Map<string, Asked>();
  for (const { interface: name, addresses, audience, family } of plans.flatMap(
    (each) => each.instances,
  )) {
    const held = await table.held(name);
    const networks = held.ok ? held.value.map(({ cidr }) => cidr) : [];
    const peers = audience.kind === 'unicast' ? audience.peers : [];
    for (const address of [...addresses, ...peers, ...(peer === undefined ? [] : [peer])]) {
      if (familyOf(address) === family) {
        const isHere =
          addresses.includes(address) || networks.some((each) => networkHolds(each, address));
        const where = isHere ? 'on this link' : 'elsewhere';
        asked.set(`${name} ${address}`, { interface: name, address, where });
      }
    }
  }
  return [...asked.values()];
}

type Heard = Pick<Observations, 'packets' | 'claims' | 'deaf'>;

async function listen(
  interfaces: readonly string[],
  told: {
    readonly asked: readonly Asked[];
    readonly clock: SystemClock;
    readonly listenFor: Millis;
  },
): Promise<Heard> {
  const { asked, clock, listenFor } = told;
  const packets: SeenOn[] = [];
  const claims: ClaimOn[] = [];
  const deaf: { readonly interface: string; readonly detail: string }[] = [];
  const open: { close(): void }[] = [];
  const sockets = new Map<string, NeighbourSocket>();
  for (const name of interfaces) {
    const capture = new PacketCaptures().open(
      { interface: name },
      {
        seen: (packet) => {
          if (packets.length < MOST_PACKETS) {
            packets.push({
              ...packet,
              interface: name,
              at: clock.now(),
              wallTime: clock.wallTime(),
            });
          }
        },
      },
    );
    const socket = new PacketNeighbours().open(
      { interface: name },
      {
        heard: (claim) => {
          if (claims.length < MOST_CLAIMS) {
            claims.push({ ...claim, interface: name });
          }
        },
      },
    );
    for (const each of [capture, socket]) {
      if (each.ok) {
        open.push(each.value);
      } else {
        deaf.push({ interface: name, detail: each.error.detail });
      }
    }
    if (socket.ok) {
      sockets.set(name, socket.value);
    }
  }
  const share = millis(listenFor / (QUESTIONS + 1));
  for (let question = 0; question < QUESTIONS; question += 1) {
    for (const { interface: name, address } of asked) {
      // Refused where the interface is down, which `deaf` or the daemon tells.
      sockets.get(name)?.ask({ target: address, sender: undefined });
    }
    await until(clock, later(clock.now(), share));
  }
  await until(clock, later(clock.now(), share));
  for (const each of open) {
    each.close();
  }
  return { packets, claims, deaf };
}

function until(clock: SystemClock, at: Instant): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(at, resolve);
  });
}

async function neighbourTable(): Promise<Observations['neighbours']> {
  const ran = await new SystemProcessHost().run('ip', ['-json', 'neighbour', 'show'], {
    within: NEIGHBOURS_WITHIN,
  });
  return ran.ok ? readNeighbours(ran.value.stdout) : [];
}

async function settings(
  plans: readonly GroupPlan[],
  config: Config,
): Promise<readonly SettingSeen[]> {
  const { proxy, services = [], pair } = config;
  const wanted: readonly Omit<SettingSeen, 'found'>[] = [
    ...[
      ...wantedSettings(plans, proxy === undefined ? 'nothing' : 'proxy'),
      ...(flowsWanted(config, pair.keyFiles) ? [FLOW_EVENTS] : []),
    ].map(({ name, value, why }) => ({
      name,
      wanted: value,
      why,
      setBy: 'daemon' as const,
    })),
    ...forwardingSettings(services).map((name) => ({
      ...{ name, wanted: '1', setBy: 'operator' as const },
      why: 'the kernel passes no connection of a service on without it',
    })),
    ...plans.flatMap(({ instances }) =>
      instances.map(({ family, interface: name }) =>
        family === 'ipv4'
          ? {
              name: `net.ipv4.conf.${name.replaceAll('.', '/')}.drop_gratuitous_arp`,
              wanted: '0',
              why: 'the announcements of a new master would be dropped here',
              setBy: 'operator' as const,
            }
          : {
              name: `net.ipv6.conf.${name.replaceAll('.', '/')}.disable_ipv6`,
              wanted: '0',
              why: 'the interface must speak IPv6',
              setBy: 'operator' as const,
            },
      ),
    ),
  ];
  const sysctls = new ProcSysctls();
  return Promise.all(
    wanted.map(async (each) => {
      const found = await sysctls.read(each.name);
      return { ...each, found: found.ok ? found.value : undefined };
    }),
  );
}
