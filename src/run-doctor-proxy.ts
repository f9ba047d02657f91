/** What the doctor looks at of the node's HAProxy: its file, its runtime socket, its unit, and what the kernel lets it bind. */
import type { Family } from './base/ip.js';
import { millis } from './base/time.js';
import type { Config } from './config/config.js';
import { haproxyLines } from './core/haproxy-text.js';
import { sectionsOf } from './core/haproxy-sections.js';
import { advisePeers } from './core/peers-advice.js';
import type { ProxySeen } from './doctor/observations.js';
import { AdoptedHaproxy } from './os/adopted-haproxy.js';
import { isSetAtBoot, isSystemdRunning } from './os/boot.js';
import { MachineFiles } from './os/common-files.js';
import { SystemProcessHost } from './os/process-host.js';
import { ProcSysctls } from './os/sysctl.js';
import { readProcessInfo } from './wire/haproxy/process-info.js';

type Proxy = NonNullable<Config['proxy']>;

export async function proxySeen(config: Config, node: string): Promise<ProxySeen | undefined> {
  const { proxy } = config;
  if (proxy === undefined) {
    return undefined;
  }
  const processes = new SystemProcessHost();
  return {
    ...{ run: proxy.run, config: proxy.config, runtimeSocket: proxy.runtimeSocket },
    unit: await unitSeen(processes),
    runtime: proxy.run === 'systemd' ? await runtimeSeen(proxy, processes) : { kind: 'not asked' },
    file: await fileSeen(config, proxy, node),
    addresses: config.groups.flatMap(({ instances }) =>
      instances.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    ),
    nonlocal: { ipv4: await nonlocalSeen('ipv4'), ipv6: await nonlocalSeen('ipv6') },
  };
}

async function unitSeen(processes: SystemProcessHost): Promise<ProxySeen['unit']> {
  if (!isSystemdRunning()) {
    return 'unknown';
  }
  const asked = await processes.run('systemctl', ['is-enabled', 'haproxy.service'], {
    within: ANSWERS_WITHIN,
  });
  // It ends with 1 where a unit is not enabled, and says so on its standard output.
  if (asked.ok) {
    return asked.value.stdout.startsWith('enabled') ? 'enabled' : 'not enabled';
  }
  return asked.error.code === 'failed' && /\b(?:disabled|masked)\b/u.test(asked.error.detail)
    ? 'not enabled'
    : 'unknown';
}

/** Of the process that answers at the socket of an adopted one. */
async function runtimeSeen(
  { runtimeSocket, program, config }: Proxy,
  processes: SystemProcessHost,
): Promise<ProxySeen['runtime']> {
  const options = { runtimeSocket, program, config };
  const opened = await new AdoptedHaproxy(options, processes).connect(() => undefined);
  if (!opened.ok) {
    return { kind: 'silent', detail: opened.error.detail };
  }
  const session = opened.value;
  const level = await session.ask('show cli level');
  const info = await session.ask('show info');
  session.close();
  if (!level.ok || !info.ok) {
    const failed = level.ok ? info : level;
    return { kind: 'silent', detail: failed.ok ? 'no answer' : failed.error.detail };
  }
  const { worker } = readProcessInfo(info.value);
  return {
    kind: 'answers',
    level: LEVELS.find((each) => level.value.trim() === each) ?? 'user',
    mode: worker !== undefined && worker !== session.pid ? 'master-worker' : 'alone',
  };
}

async function fileSeen(config: Config, proxy: Proxy, node: string): Promise<ProxySeen['file']> {
  const text = await new MachineFiles(new SystemProcessHost()).readText(proxy.config);
  if (!text.ok) {
    return { kind: 'unreadable', detail: text.error.detail };
  }
  const sections = sectionsOf(haproxyLines(text.value));
  const peer = config.pair.nodes.find(({ name }) => name !== node)?.name;
  const { replicate } = config;
  const peers =
    replicate === undefined || peer === undefined
      ? undefined
      : advisePeers(sections, { node, peer, peersSocket: replicate.peersSocket });
  return { kind: 'read', sections, peers };
}

async function nonlocalSeen(family: Family): Promise<ProxySeen['nonlocal'][Family]> {
  const now = await new ProcSysctls().read(`net.${family}.ip_nonlocal_bind`);
  return {
    now: now.ok && now.value === '1' ? 'on' : 'off',
    atBoot: isSetAtBoot(`net.${family}.ip_nonlocal_bind`) ? 'on' : 'off',
  };
}

const LEVELS = ['admin', 'operator', 'user'] as const;
const ANSWERS_WITHIN = millis(2_000);
