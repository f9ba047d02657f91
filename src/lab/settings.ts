/** What a lab can be asked to be, and what it is when nothing is asked. */
import type { Family } from '../base/ip.js';
import type { Centis, Millis } from '../base/time.js';
import { centis, millis } from '../base/time.js';
import type { BackLan, LabName, NodeName } from './topology.js';

/** Who decides where the address is: ours, or keepalived as a measure of it. */
export type Engine = 'vipair' | 'keepalived';

/** `round-robin` where the machine grants it: other work on the machine then delays no advert. */
export type Scheduling = 'round-robin' | 'normal';

export interface LabSettings {
  readonly name: LabName;
  readonly engine: Engine;
  /** Of VRRP. Version 2 knows whole seconds only. */
  readonly version: 2 | 3;
  readonly advertInterval: Centis;
  /** Of the virtual addresses. IPv4 is always among them: the lab's own tools look there. */
  readonly families: readonly Family[];
  /** With one, the group has addresses there too. */
  readonly backLan: BackLan;
  readonly prefer: NodeName;
  readonly scheduling: Scheduling;
  /** Who runs HAProxy: the daemon, or what stands for systemd, with the command line of its unit. */
  readonly proxyRun: 'supervised' | 'systemd';
  /** Whether the daemons talk over the dedicated link; keepalived's have no such thing. */
  readonly pairChannel: 'none' | 'open';
  /** Who carries the rows of stick tables to the other node's HAProxy; `haproxy`: its own peers, as a measure of ours. */
  readonly replicate: 'none' | 'haproxy' | 'vipair';
  /** What haproxy.cfg begins with: the lab's own lines, or the file that Debian's package has brought, which a site has added to. */
  readonly haproxyBase: 'lab' | 'debian';
  /** `shared`: HAProxy asks over connections that are open already, also for a client that is new to it. */
  readonly serverConnections: 'own' | 'shared';
  /** Sections that stand at the end of haproxy.cfg. */
  readonly furtherHaproxy: string;
  /** Files that they name, such as certificates, by their path below the directory of the lab. */
  readonly furtherFiles: Readonly<Record<string, string>>;
  /** Sections that stand at the end of vipair.yaml. */
  readonly furtherVipair: string;
  /** Whether the group tracks the proxy's backends, and soon, so that a rehearsal need not wait for long. */
  readonly tracksBackends: 'yes' | 'no';
  /** `own`: each node's state directory is a small file system of its own. */
  readonly stateDisk: 'shared' | 'own';
  readonly keepalived: KeepalivedSettings;
  readonly proxyProbe: ProxyProbe;
}

/** How often vipair asks the proxy whether it answers, and how long it waits. */
export interface ProxyProbe {
  readonly every: Millis;
  readonly timeout: Millis;
}

export interface KeepalivedSettings {
  readonly priorities: Readonly<Record<NodeName, number>>;
  /** Between two runs of the script that checks the proxy, in whole seconds: it knows no less. */
  readonly checkEvery: number;
  /** Lines of the instance, such as scripts that it is to call. */
  readonly further: Readonly<Record<NodeName, readonly string[]>>;
}

export function defaultSettings(name: LabName): LabSettings {
  return {
    name,
    engine: 'vipair',
    version: 3,
    // What VRRP itself starts from (RFC 9568 §6.1).
    advertInterval: centis(100),
    families: ['ipv4'],
    backLan: 'none',
    prefer: 'lb1',
    scheduling: 'round-robin',
    proxyRun: 'supervised',
    pairChannel: 'none',
    replicate: 'none',
    haproxyBase: 'lab',
    serverConnections: 'own',
    furtherHaproxy: '',
    furtherFiles: {},
    furtherVipair: '',
    tracksBackends: 'no',
    stateDisk: 'shared',
    // The shortest skew there is, so a comparison cannot be won by priorities alone.
    keepalived: {
      priorities: { lb1: 254, lb2: 253 },
      checkEvery: 1,
      further: { lb1: [], lb2: [] },
    },
    proxyProbe: { every: millis(250), timeout: millis(1_000) },
  };
}
