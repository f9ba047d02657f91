/** keepalived as the other node of a row. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Instant } from '../../src/base/time.js';
import { centisToMillis } from '../../src/base/time.js';
import { keepalivedCommand } from '../../src/lab/commands.js';
import type { LabPorts } from '../../src/lab/lab.js';
import type { Scheduling } from '../../src/lab/settings.js';
import { HARDWARE_ADDRESSES, LAN_INTERFACE } from '../../src/lab/topology.js';
import { run } from '../lab/rig.js';
import type { PeerAbilities, Row } from './row.js';
import { HIGHER_PRIORITY, intervalOf, LOWER_PRIORITY } from './row.js';
import type { Router } from './router.js';
import { endAll, endOf, killAll, launch, linesOf, until } from './router.js';
import type { Site } from './site.js';
import { OURS, THEIRS, virtualAddressOf, VRID } from './site.js';
import { SECRETS } from './vipair-router.js';

export class KeepalivedRouter implements Router {
  readonly node = THEIRS;
  readonly program = 'keepalived';
  readonly macs: readonly string[] = [HARDWARE_ADDRESSES[THEIRS]];
  readonly advertMacs: readonly string[] = this.macs;
  readonly afterKill = 'answers';
  readonly withoutLink = 'gives up';
  readonly preempts: Row['peerPreempts'];
  readonly #site: Site;
  readonly #ports: LabPorts;
  #pid = 0;

  constructor(site: Site, row: Row, ports: LabPorts & { readonly scheduling: Scheduling }) {
    this.preempts = row.peerPreempts;
    this.#site = site;
    this.#ports = ports;
    writeFileSync(this.#files.keepalivedConfig, configOf(site, row, ports.scheduling));
  }

  async start(): Promise<void> {
    const files = this.#files;
    const logFile = files.engineLog;
    this.#pid = await launch(this.#site, THEIRS, keepalivedCommand(files), {
      ...this.#ports,
      logFile,
    });
    // Written once the configuration is read and the sockets are open.
    await until('keepalived to run', this.#ports, () => existsSync(files.keepalivedVrrpPid));
  }

  stop(): Promise<Instant> {
    return endAll(this.#site, THEIRS, [this.#pid], this.#ports);
  }

  kill(): Instant {
    return killAll(this.#site, THEIRS, this.#ports);
  }

  async mend(): Promise<void> {
    const { keepalivedPid, keepalivedVrrpPid } = this.#files;
    for (const file of [keepalivedPid, keepalivedVrrpPid]) {
      rmSync(file, { force: true });
    }
    if (await this.holds()) {
      const line = `address delete ${virtualAddressOf(this.#site)} dev ${LAN_INTERFACE}`;
      await this.#site.ip(THEIRS, line);
    }
  }

  holds(): Promise<boolean> {
    return this.#site.lists(THEIRS);
  }

  complaints(): readonly string[] {
    return linesOf(this.#files.engineLog).filter((line) => COMPLAINT.test(line));
  }

  story(): string {
    return endOf(this.#files.engineLog);
  }

  get #files(): ReturnType<Site['files']> {
    return this.#site.files(THEIRS);
  }
}

/** In keepalived's words: `Invalid VRRPv3 checksum`, `received an invalid ip number count`, `invalid TTL`, … */
const COMPLAINT = /invalid|mismatch|dropp|ignoring|malformed|not allowed|bogus|expected/iu;

/** Debian 12's, 2.2.7, knows neither `v3_checksum_as_v2` nor `auth_hmac`. */
export async function keepalivedAbilities(): Promise<PeerAbilities> {
  const { stdout, stderr } = await run('keepalived', ['--version']);
  const found = /v(\d+)\.(\d+)\.(\d+)/u
    .exec(stdout + stderr)
    ?.slice(1)
    .map(Number);
  const [major = 0, minor = 0, patch = 0] = found ?? [];
  const version = major * 10_000 + minor * 100 + patch;
  return {
    version: [major, minor, patch].join('.'),
    checksums: version >= 20_208 ? 'both' : 'with-pseudo-header',
    hmac: version >= 20_402 ? 'understood' : 'unknown',
  };
}

const AUTHENTICATION: Readonly<Record<Row['authentication'], readonly string[]>> = {
  none: [],
  password: [
    '  authentication {',
    '    auth_type PASS',
    `    auth_pass ${SECRETS.password}`,
    '  }',
  ],
  hmac: [
    '  auth_hmac {',
    `    key 1 ${SECRETS.hmac}`,
    '    active_key 1',
    '    mode enforce',
    '  }',
  ],
};

const REAL_TIME_PRIORITY = 10;
/** The default, 10 ms of work without a pause, is used up by its neighbours in other namespaces, and it is killed. */
const REAL_TIME_LIMIT_MICROS = 1_000_000;

function configOf(site: Site, row: Row, scheduling: Scheduling): string {
  const { nodes } = site.plan;
  const priority = row.weAre === 'master' ? LOWER_PRIORITY : HIGHER_PRIORITY;
  return [
    'global_defs {',
    '  router_id row',
    ...(scheduling === 'round-robin'
      ? [
          `  vrrp_rt_priority ${String(REAL_TIME_PRIORITY)}`,
          `  vrrp_rlimit_rttime ${String(REAL_TIME_LIMIT_MICROS)}`,
        ]
      : []),
    '}',
    'vrrp_instance row {',
    '  state BACKUP',
    `  version ${String(row.version)}`,
    `  interface ${LAN_INTERFACE}`,
    `  virtual_router_id ${String(VRID)}`,
    `  priority ${String(priority)}`,
    `  advert_int ${String(centisToMillis(intervalOf(row)) / 1000)}`,
    ...(row.peerPreempts === 'nopreempt' ? ['  nopreempt'] : []),
    ...(row.checksum === 'without-pseudo-header' ? ['  v3_checksum_as_v2 on'] : []),
    ...(row.audience === 'unicast'
      ? [
          `  unicast_src_ip ${nodes[THEIRS]}`,
          // Over IPv6 it would send the kernel's 64, which says nothing about where it comes from.
          '  unicast_ttl 255',
          '  unicast_peer {',
          `    ${nodes[OURS]}`,
          '  }',
        ]
      : []),
    ...AUTHENTICATION[row.authentication],
    '  virtual_ipaddress {',
    `    ${virtualAddressOf(site)} dev ${LAN_INTERFACE}`,
    '  }',
    '}',
    '',
  ].join('\n');
}
