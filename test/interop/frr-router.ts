/** FRR's vrrpd, with the zebra it cannot do without, as the other node of a row. */
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Instant } from '../../src/base/time.js';
import { centisToMillis } from '../../src/base/time.js';
import type { LabPorts } from '../../src/lab/lab.js';
import { isRunning, pidsIn } from '../../src/lab/namespace-processes.js';
import type { Scheduling } from '../../src/lab/settings.js';
import { LAN_INTERFACE } from '../../src/lab/topology.js';
import { run } from '../lab/rig.js';
import type { Row } from './row.js';
import { HIGHER_PRIORITY, intervalOf, LOWER_PRIORITY } from './row.js';
import type { Router } from './router.js';
import { endAll, endOf, killAll, launch, linesOf, until } from './router.js';
import type { Site } from './site.js';
import { THEIRS, virtualAddressOf, VRID } from './site.js';

const PROGRAMS = '/usr/lib/frr';
/** Finds its interface by the MAC of RFC 9568 §7.3, not by name. */
const MACVLAN = `vrrp-${String(VRID)}`;
const MACS = {
  ipv4: `00:00:5e:00:01:${VRID.toString(16)}`,
  ipv6: `00:00:5e:00:02:${VRID.toString(16)}`,
} as const;

export class FrrRouter implements Router {
  readonly node = THEIRS;
  readonly program = 'frr';
  readonly macs: readonly string[];
  readonly advertMacs: readonly string[];
  /** The interface stays up when the program that should take it down is gone. */
  readonly afterKill = 'answers';
  readonly withoutLink = 'stays master';
  readonly preempts: Row['peerPreempts'];
  readonly #site: Site;
  readonly #row: Row;
  readonly #ports: LabPorts & { readonly scheduling: Scheduling };
  #vrrpd = 0;

  constructor(site: Site, row: Row, ports: LabPorts & { readonly scheduling: Scheduling }) {
    this.macs = [MACS[row.family]];
    this.advertMacs = this.macs;
    this.preempts = row.peerPreempts;
    this.#site = site;
    this.#row = row;
    this.#ports = ports;
  }

  async start(): Promise<void> {
    const socket = `${this.#directory}/zserv.api`;
    await this.#furnish();
    await this.#launch('zebra', socket);
    await until('zebra to listen', this.#ports, () => existsSync(socket));
    this.#vrrpd = await this.#launch('vrrpd', socket);
    const started = (): boolean =>
      linesOf(this.#log('vrrpd')).some((line) => line.includes(STARTED));
    await until('vrrpd to start its router', this.#ports, started);
  }

  /** vrrpd first: it needs zebra to take its interface down. */
  async stop(): Promise<Instant> {
    const askedAt = this.#ports.clock.now();
    process.kill(this.#vrrpd, 'SIGTERM');
    await until('vrrpd to end', this.#ports, () => !isRunning(this.#vrrpd));
    await endAll(this.#site, THEIRS, pidsIn(this.#site.namespace(THEIRS)), this.#ports);
    return askedAt;
  }

  kill(): Instant {
    return killAll(this.#site, THEIRS, this.#ports);
  }

  /** FRR leaves its interface to whoever made it. */
  async mend(): Promise<void> {
    const { told } = await this.#interface();
    if (told !== '') {
      await this.#site.ip(THEIRS, `link delete ${MACVLAN}`);
    }
  }

  /** The address is always on the interface; whether it is in use is whether the interface is up. */
  async holds(): Promise<boolean> {
    return (await this.#interface()).state === 'UP';
  }

  complaints(): readonly string[] {
    return linesOf(this.#log('vrrpd')).filter((line) => COMPLAINT.test(line));
  }

  story(): string {
    return `${endOf(this.#log('zebra'))}\n${endOf(this.#log('vrrpd'))}`;
  }

  get #directory(): string {
    return `${this.#site.files(THEIRS).directory}/frr`;
  }

  #log(program: Program): string {
    return `${this.#directory}/${program}.log`;
  }

  async #interface(): Promise<{ readonly told: string; readonly state: string | undefined }> {
    const told = await this.#site.told(THEIRS, 'ip', '-br', 'link', 'show', 'type', 'macvlan');
    return { told, state: told.trim().split(/\s+/u)[1] };
  }

  /** What FRR's documentation asks its user to prepare. */
  async #furnish(): Promise<void> {
    const site = this.#site;
    await this.mend();
    // The address lives on one interface, and no other shall answer for it.
    await site.told(THEIRS, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1');
    await site.ip(
      THEIRS,
      `link add ${MACVLAN} link ${LAN_INTERFACE} address ${MACS[this.#row.family]} type macvlan mode bridge`,
      `address add ${virtualAddressOf(site)} dev ${MACVLAN}`,
      `link set ${MACVLAN} up`,
    );
    const { uid, gid } = await frrIdentity();
    rmSync(this.#directory, { recursive: true, force: true });
    mkdirSync(this.#directory, { recursive: true });
    chownSync(this.#directory, uid, gid);
    for (const program of ['zebra', 'vrrpd'] as const) {
      const lines = program === 'zebra' ? [] : vrrpLines(site, this.#row);
      const text = [`log file ${this.#log(program)}`, ...lines, ''].join('\n');
      writeFileSync(`${this.#directory}/${program}.conf`, text);
    }
  }

  /** In the foreground, with every file and socket of its own kept inside the row. */
  #launch(program: Program, socket: string): Promise<number> {
    const directory = this.#directory;
    const command = [
      ...[`${PROGRAMS}/${program}`, '-f', `${directory}/${program}.conf`, '-z', socket],
      ...['-i', `${directory}/${program}.pid`, '--vty_socket', directory, '-P', '0'],
    ];
    const scheduled =
      this.#ports.scheduling === 'round-robin' ? ['chrt', '--rr', '10', ...command] : command;
    const logFile = `${directory}/${program}.out`;
    return launch(this.#site, THEIRS, scheduled, { ...this.#ports, logFile });
  }
}

type Program = 'zebra' | 'vrrpd';

const STARTED = 'Initialize -> ';
const COMPLAINT = /checksum|invalid|mismatch|discard|drop|unexpected|version/iu;

function vrrpLines(site: Site, row: Row): readonly string[] {
  const vrrp = `vrrp ${String(VRID)}`;
  const priority = row.weAre === 'master' ? LOWER_PRIORITY : HIGHER_PRIORITY;
  const { address } = site.plan.virtual;
  return [
    `interface ${LAN_INTERFACE}`,
    ` ${vrrp} version ${String(row.version)}`,
    ` ${vrrp} priority ${String(priority)}`,
    ` ${vrrp} advertisement-interval ${String(centisToMillis(intervalOf(row)))}`,
    ...(row.peerPreempts === 'nopreempt' ? [` no ${vrrp} preempt`] : []),
    ` ${vrrp} ${row.family === 'ipv4' ? 'ip' : 'ipv6'} ${address}`,
  ];
}

/** The user FRR's programs run as. */
async function frrIdentity(): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'frr'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}
