/** A simulated machine: a kernel, a proxy, and the real daemon running on them as a process that can be hurt. */
import { parseIpv4 } from '../../src/base/ipv4.js';
import type { Ip } from '../../src/base/ip.js';
import { ipBytes } from '../../src/base/ip.js';
import { macFromBytes } from '../../src/base/mac.js';
import { done, ok } from '../../src/base/result.js';
import { between, millis } from '../../src/base/time.js';
import type { Config } from '../../src/config/config.js';
import type { StopMode } from '../../src/core/node.js';
import { startDaemon } from '../../src/daemon.js';
import type { Daemon, DaemonPorts } from '../../src/daemon.js';
import type { VirtualAddress } from '../../src/ports/address-table.js';
import type { LogEvent } from '../../src/telemetry/events.js';
import { SimKernel } from './kernel.js';
import type { LanPort, SimLan } from './lan.js';
import { SimProcess } from './process.js';
import { SimProxy } from './proxy.js';
import type { Scheduler } from './scheduler.js';
import { SimVirtualInterfaces } from './virtual-interfaces.js';

export interface MachineOptions {
  readonly name: string;
  readonly ownAddress: string;
  readonly config: Config;
}

export interface MachinePorts {
  readonly scheduler: Scheduler;
  readonly lan: SimLan;
  readonly announced: (machine: SimMachine, address: VirtualAddress) => void;
  readonly logged: (machine: SimMachine, event: LogEvent) => void;
}

export class SimMachine {
  readonly name: string;
  readonly kernel: SimKernel;
  readonly proxy: SimProxy;
  readonly port: LanPort;
  process: SimProcess;
  daemon: Daemon | undefined;
  power: 'on' | 'off' = 'on';
  #stopping: Daemon | undefined;
  readonly #virtual = new SimVirtualInterfaces('eth0');
  readonly #options: MachineOptions;
  readonly #ports: MachinePorts;

  constructor(options: MachineOptions, ports: MachinePorts) {
    this.name = options.name;
    this.#options = options;
    this.#ports = ports;
    const ownAddress = address(options.ownAddress);
    this.kernel = new SimKernel(ports.scheduler, { interface: 'eth0', ownAddress });
    this.proxy = new SimProxy(ports.scheduler);
    this.port = {
      name: options.name,
      ownAddress,
      linkUp: () => this.kernel.link === 'up',
      mac: macFromBytes(Uint8Array.of(2, 0, ...ipBytes(ownAddress)), 0),
      answers: (asked) =>
        this.power === 'on' && (asked === ownAddress || this.kernel.answers(asked)),
    };
    ports.lan.attach(this.port);
    this.process = new SimProcess(ports.scheduler);
    this.process.kill();
  }

  /** Nothing happens where a daemon already runs, or the power is off. */
  start(): void {
    if (this.power === 'off' || this.process.fate !== 'gone') {
      return;
    }
    const process = new SimProcess(this.#ports.scheduler);
    this.process = process;
    const { config, name } = this.#options;
    void startDaemon(
      { config, node: name, version: 'simulated', pid: 1 },
      {
        clock: process,
        adverts: this.#ports.lan.adverts(this.port, process),
        addresses: this.kernel.addressTable(process),
        links: this.kernel.links(process),
        leases: this.kernel.leaseTable(process),
        neighbours: this.#ports.lan.neighbours(this.port, process),
        announcer: this.kernel.announcer(process, (vip) => {
          this.#ports.announced(this, vip);
          this.#ports.lan.announce(this.port, vip.cidr.address);
        }),
        proxy: this.proxy.host(process),
        log: {
          tell: (event) => {
            this.#ports.logged(this, event);
          },
        },
        sysctls: {
          read: () => process.answerAfter(millis(0.05), () => ok('1')),
          write: () => process.answer(() => done),
        },
        virtualInterfaces: this.#virtual.interfaces(process),
        ...NOTHING_TRACKED,
      },
    ).then((started) => {
      if (started.ok && this.process === process) {
        this.daemon = started.value;
      }
    });
  }

  crash(): void {
    this.process.kill();
    this.daemon = undefined;
  }

  /** As a service manager does: asks, and ends the process when it has answered. */
  stop(mode: StopMode, stopped: () => void): void {
    const { daemon, process } = this;
    if (daemon === undefined || process.fate !== 'running' || this.#stopping === daemon) {
      return;
    }
    this.#stopping = daemon;
    void daemon.stop(mode).then(() => {
      process.kill();
      if (this.daemon === daemon) {
        this.daemon = undefined;
      }
      stopped();
    });
  }

  powerLoss(): void {
    this.power = 'off';
    this.crash();
    this.kernel.powerLoss();
    this.#virtual.powerLoss();
    this.proxy.powerLoss();
  }

  powerOn(): void {
    if (this.power === 'off') {
      this.power = 'on';
      this.kernel.setLink('up');
      this.#ports.scheduler.after(BOOT_TAKES, () => {
        this.start();
      });
    }
  }

  /** Whether nothing keeps this machine from being master. */
  fit(): boolean {
    return (
      this.power === 'on' &&
      this.process.fate === 'running' &&
      this.daemon !== undefined &&
      this.proxy.serves &&
      this.kernel.link === 'up' &&
      this.kernel.mood === 'willing' &&
      !this.#ports.lan.mute.has(this.name) &&
      !this.#sulks()
    );
  }

  /** A daemon that was refused, an address or an advert, rests for a second. */
  #sulks(): boolean {
    const { lan, scheduler } = this.#ports;
    return [this.kernel.lastRefusal, lan.refusedAt.get(this.name)].some(
      (refusal) => refusal !== undefined && between(refusal, scheduler.now) < RETRY_TAKES,
    );
  }
}

/** What simulated groups do not track yet. */
const NOTHING_TRACKED: Pick<DaemonPorts, 'scripts' | 'processes' | 'files'> = {
  scripts: { run: () => Promise.resolve(ok(undefined)) },
  processes: { find: () => Promise.resolve(ok(1)) },
  files: { readInteger: () => Promise.resolve(ok(0)) },
};

const BOOT_TAKES = millis(500);
const RETRY_TAKES = millis(1050);

function address(text: string): Ip {
  const parsed = parseIpv4(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}
