/** A simulated machine: a kernel, a proxy, and the real daemon running on them as a process that can be hurt. */
import { parseIpv4 } from '../../src/base/ipv4.js';
import type { Ip } from '../../src/base/ip.js';
import { ipBytes } from '../../src/base/ip.js';
import { macFromBytes } from '../../src/base/mac.js';
import { done, ok } from '../../src/base/result.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { later, longer, millis, scale } from '../../src/base/time.js';
import type { StopMode } from '../../src/core/node.js';
import type { RoleName } from '../../src/core/notice.js';
import { startDaemon } from '../../src/daemon.js';
import type { PairProtocol } from '../../src/wire/pair/message.js';
import type { Daemon } from '../../src/daemon.js';
import type { DaemonPorts } from '../../src/daemon-ports.js';
import type { VirtualAddress } from '../../src/ports/address-table.js';
import type { TransitionHistory } from '../../src/record/transition-history.js';
import type { Log, LogEvent } from '../../src/telemetry/events.js';
import { patience } from './bounds.js';
import { SimCommonFiles, SimFileSystem } from './common-files.js';
import { SimDisk } from './disk.js';
import { SimJournal } from './journal.js';
import { SimKernel } from './kernel.js';
import { MachineClock } from './machine-clock.js';
import type { LanPort, SimLan } from './lan.js';
import type { SimPairLinks } from './pair-links.js';
import { SimProcess } from './process.js';
import { SimProxy } from './proxy.js';
import type { Scheduler } from './scheduler.js';
import { SimSigningMemory } from './signing-memory.js';
import type { Settings } from './settings.js';
import { SimServices } from './service-machine.js';
import type { Weights } from './service-settings.js';
import { configFor, configText, isAdopted, VIP, VRID } from './settings.js';
import { SimVirtualInterfaces } from './virtual-interfaces.js';

export interface MachineOptions {
  readonly name: string;
  readonly ownAddress: string;
  readonly settings: Settings;
  /** How many milliseconds its clock counts in one of the world's. */
  readonly clockRate: number;
}

export interface MachinePorts {
  readonly scheduler: Scheduler;
  readonly lan: SimLan;
  readonly links: SimPairLinks;
  readonly announced: (machine: SimMachine, address: VirtualAddress) => void;
  readonly logged: (machine: SimMachine, event: LogEvent) => void;
}

export class SimMachine {
  readonly name: string;
  readonly kernel: SimKernel;
  readonly proxy: SimProxy;
  readonly disk: SimDisk;
  readonly services: SimServices;
  readonly fileSystem = new SimFileSystem();
  /** On its disk: of what operators want. */
  readonly intents = new SimJournal(5000);
  readonly port: LanPort;
  process: SimProcess;
  daemon: Daemon | undefined;
  /** Of the daemon that runs. */
  history: TransitionHistory | undefined;
  power: 'on' | 'off' = 'on';
  #stopping: Daemon | undefined;
  #role: RoleName = 'stopped';
  /** `lost`: while its link was down it found that the gateway does not answer, and it looks again only now and then. */
  #gateway: 'found' | 'lost' = 'found';
  /** As it has found them, where it looks: ten seconds after HAProxy has. */
  #servers: 'up' | 'down' = 'up';
  /** A daemon that has just started need not take over as soon as one that has listened before. */
  #holdsUntil: Instant | undefined;
  /** In its memory: gone with the power. */
  readonly #signing = new SimSigningMemory();
  readonly #virtual = new SimVirtualInterfaces('eth0');
  readonly #options: MachineOptions;
  readonly #clock: MachineClock;
  #settings: Settings;
  /** In its file. */
  #vrid = VRID;
  #runs = VRID;
  /** Of the servers of services, in its file. */
  #weights: Weights = 'usual';
  readonly #ports: MachinePorts;

  constructor(options: MachineOptions, ports: MachinePorts) {
    this.name = options.name;
    this.#options = options;
    this.#ports = ports;
    this.#settings = options.settings;
    this.#clock = new MachineClock(ports.scheduler, options.clockRate);
    const ownAddress = address(options.ownAddress);
    this.kernel = new SimKernel(ports.scheduler, {
      interface: 'eth0',
      ownAddress,
      clock: this.#clock,
    });
    this.proxy = new SimProxy(ports.scheduler);
    this.#bootProxy();
    this.disk = new SimDisk(ports.scheduler);
    this.services = new SimServices(ports.scheduler);
    this.port = {
      name: options.name,
      ownAddress,
      linkUp: () => this.kernel.link === 'up',
      mac: macFromBytes(Uint8Array.of(2, 0, ...ipBytes(ownAddress)), 0),
      mayHave: (asked) => asked === ownAddress || asked === VIP.address,
      answers: (asked) =>
        this.power === 'on' && (asked === ownAddress || this.kernel.answers(asked)),
    };
    ports.lan.attach(this.port);
    this.process = new SimProcess(ports.scheduler, this.#clock);
    this.process.kill();
  }

  /** Nothing happens where a daemon already runs, or the power is off. */
  start(): void {
    if (this.power === 'off' || this.process.fate !== 'gone') {
      return;
    }
    const process = new SimProcess(this.#ports.scheduler, this.#clock);
    this.process = process;
    const { name } = this.#options;
    const settings = this.#settings;
    const config = configFor(settings, this.#vrid, this.#weights);
    this.#writeFile();
    this.#runs = this.#vrid;
    this.#role = 'starting';
    this.#holdsUntil = undefined;
    this.#servers = 'up';
    this.#ports.scheduler.answered();
    const log = this.#logOf(process);
    const record = settings.journal === 'kept' ? this.disk.record(name, process, log) : undefined;
    this.history = record?.history;
    void startDaemon(
      {
        config,
        configFile: CONFIG_FILE,
        node: name,
        version: 'simulated',
        pid: 1,
        ...protocolOf(settings, name),
      },
      {
        clock: process,
        adverts: this.#ports.lan.adverts(this.port, process),
        signingMemory: this.#signing,
        addresses: this.kernel.addressTable(process),
        links: this.kernel.links(process),
        leases: this.kernel.leaseTable(process),
        connections: this.kernel.connections(process),
        openConnections: this.kernel.openConnections(process),
        neighbours: this.#ports.lan.neighbours(this.port, process),
        announcer: this.kernel.announcer(process, (vip) => {
          this.#ports.announced(this, vip);
          this.#ports.lan.announce(this.port, vip.cidr.address);
        }),
        proxy: settings.proxy === 'none' ? undefined : this.proxy.host(process),
        log,
        sysctls: {
          read: () => process.answerAfter(millis(0.05), () => ok('1')),
          write: () => process.answer(() => done),
        },
        foundSettings: { read: () => [], keep: () => done },
        commonFiles: new SimCommonFiles(this.fileSystem, (value) => process.answer(value)),
        virtualInterfaces: this.#virtual.interfaces(process),
        pairTransports: { open: () => this.#ports.links.transport(process) },
        random: { fraction: () => 0.5 },
        witness: record?.witness,
        history: record?.history,
        replication: undefined,
        intentJournal: this.intents.of(process),
        services: settings.services === 'none' ? undefined : this.services.of(process),
        ...nothingTracked(process),
      },
    ).then((started) => {
      if (started.ok && this.process === process) {
        this.daemon = started.value;
        this.#ports.scheduler.changed();
      }
    });
  }

  #logOf(process: SimProcess): Log {
    return {
      tell: (event) => {
        if (event.event === 'vrrp.state' && this.process === process) {
          this.#gateway = event.cause.startsWith('gateway') ? 'lost' : 'found';
          this.#ports.scheduler.changed();
          this.#became(event.to);
        }
        if (event.event === 'track.state' && event.name === 'servers') {
          this.#servers = event.to === 'well' ? 'up' : 'down';
          this.#ports.scheduler.changed();
        }
        if (event.event === 'reload.switched' && this.process === process) {
          this.#runs = this.daemon?.status().groups[0]?.vrid ?? this.#runs;
          this.#ports.scheduler.changed();
        }
        this.#ports.logged(this, event);
      },
    };
  }

  /** What the daemon says that it is; `stopped` where there is none. */
  get role(): RoleName {
    return this.process.fate === 'gone' ? 'stopped' : this.#role;
  }

  #became(role: RoleName): void {
    this.#role = role;
    // While it is starting it waits for the first answers of what it tracks.
    if (this.#holdsUntil === undefined && role !== 'fault' && role !== 'starting') {
      const { scheduler } = this.#ports;
      const { interval, startHold } = this.#settings;
      const hold = longer(millis(startHold - patience(interval)), NONE);
      this.#holdsUntil = later(scheduler.now, scale(hold, 1 / this.#options.clockRate));
      scheduler.at(this.#holdsUntil, () => {
        scheduler.changed();
      });
    }
  }

  /** An operator edits the file on this node only; the next daemon reads it. */
  reconfigure(change: Partial<Settings>): void {
    this.#settings = { ...this.#options.settings, ...change };
    this.#writeFile();
  }

  /** An operator edits the file; whoever reads it next finds another VRID in it. */
  set vrid(vrid: number) {
    this.#vrid = vrid;
    this.#writeFile();
  }

  /** In its file. */
  get vrid(): number {
    return this.#vrid;
  }

  /** An operator edits those of the servers of services. */
  set weights(weights: Weights) {
    this.#weights = weights;
    this.#writeFile();
  }

  get weights(): Weights {
    return this.#weights;
  }

  #writeFile(): void {
    this.fileSystem.write(CONFIG_FILE, configText(this.#settings, this.#vrid, this.#weights));
  }

  /** That its daemon runs, or ran last. */
  get runningVrid(): number {
    return this.#runs;
  }

  reload(): void {
    if (this.process.fate === 'running') {
      this.#ports.scheduler.answered();
      void this.daemon?.reload('applied');
    }
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
    this.#ports.scheduler.answered();
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
    this.services.powerLoss();
    this.#virtual.powerLoss();
    this.#signing.powerLoss();
    this.proxy.powerLoss();
  }

  powerOn(): void {
    if (this.power === 'off') {
      this.power = 'on';
      this.kernel.setLink('up');
      this.#ports.scheduler.after(BOOT_TAKES, () => {
        this.#bootProxy();
        this.start();
      });
    }
  }

  /** systemd starts it at boot, where it is systemd's. */
  #bootProxy(): void {
    if (isAdopted(this.#options.settings)) {
      this.proxy.beginUnit();
    }
  }

  /** By how much its wall clock is wrong. */
  get wallOffset(): Millis {
    return this.#clock.wallOffset;
  }

  stepWallClock(offset: Millis): void {
    this.#clock.wallOffset = offset;
    this.#ports.scheduler.changed();
  }

  /** Whether nothing keeps this machine from being master. */
  fit(): boolean {
    return this.able() && (this.#settings.proxy === 'none' || this.proxy.serves);
  }

  /** Whether nothing but its proxy does. */
  able(): boolean {
    return (
      this.power === 'on' &&
      this.process.fate === 'running' &&
      this.daemon !== undefined &&
      this.kernel.link === 'up' &&
      this.kernel.mood === 'willing' &&
      this.#gateway === 'found' &&
      this.#servers === 'up' &&
      !this.#ports.lan.isMute(this.port) &&
      this.#holdsUntil !== undefined &&
      this.#ports.scheduler.now >= this.#holdsUntil &&
      // A daemon that was refused, an address or an advert, rests for a second.
      !this.kernel.refusals.recent &&
      !this.#ports.lan.wasMute(this.port)
    );
  }
}

const CONFIG_FILE = '/etc/vipair/vipair.yaml';
const BOOT_TAKES = millis(500);
const NONE = millis(0);

/** No schedule tracks anything but the proxy. */
function nothingTracked(
  process: SimProcess,
): Pick<DaemonPorts, 'scripts' | 'processes' | 'files' | 'listeners' | 'secrets'> {
  return {
    scripts: { run: () => process.answer(() => done) },
    secrets: { read: () => process.answer(() => ok(new Uint8Array(32))) },
    processes: { find: () => process.answer(() => ok(1)) },
    files: { readInteger: () => process.answer(() => ok(0)) },
    listeners: { listening: () => process.answer(() => ok([])) },
  };
}

function address(text: string): Ip {
  const parsed = parseIpv4(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}

/** Of the releases before. */
const OLDER: Partial<Record<Settings['channel'], PairProtocol>> = {
  'peer of version 1': { oldest: 1, newest: 1 },
  'peer of version 2': { oldest: 1, newest: 2 },
  'peer of version 3': { oldest: 1, newest: 3 },
};

function protocolOf({ channel }: Settings, node: string): { readonly pairProtocol?: PairProtocol } {
  const pairProtocol = node === 'lb2' ? OLDER[channel] : undefined;
  return pairProtocol === undefined ? {} : { pairProtocol };
}
