/** A whole pair in network namespaces on one machine, with a client that measures and a watch on the wire. */
import process from 'node:process';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { VipairCommand } from './commands.js';
import {
  holdCommand,
  probeCommand,
  trafficCommand,
  visitCommand,
  watchCommand,
} from './commands.js';
import type { LabFailure } from './failure.js';
import type { TrafficOptions } from './flows/traffic.js';
import type { TrafficReport } from './flows/traffic-report.js';
import { decodeTraffic } from './flows/traffic-report.js';
import type { HoldOptions, HoldReport } from './hitless/holding.js';
import { decodeHold } from './hitless/holding.js';
import { startMeasurement } from './measurement.js';
import type { Measurement } from './measurement.js';
import type { NetworkPorts } from './network.js';
import { LabNode } from './node.js';
import type { NodeStatus } from './node-status.js';
import type { WatchOptions, WatchReport } from '../prober/owner-watch.js';
import type { VisitOptions, VisitReport } from './persistence/visiting.js';
import { decodeVisits } from './persistence/visiting.js';
import { decodeReport } from '../prober/report-text.js';
import type { ProbeOptions, ProbeReport } from '../prober/sample.js';
import type { LabSettings } from './settings.js';
import { labDirectory, logFile } from './state-directory.js';
import type { NamespaceRole, NodeName } from './topology.js';
import { NODE_NAMES, namespaceOf } from './topology.js';
import { decodeWatch } from '../prober/watch-text.js';

export interface LabPorts extends NetworkPorts {
  readonly vipair: VipairCommand;
}

/** A measurement that runs; `finish` ends it and says what it saw. */
export interface Running<Report> {
  finish(): Promise<Result<Report, LabFailure>>;
}

interface MeasuringProgram {
  readonly role: NamespaceRole;
  readonly command: (file: string) => readonly string[];
}

export class Lab {
  readonly settings: LabSettings;
  readonly nodes: Readonly<Record<NodeName, LabNode>>;
  readonly #ports: LabPorts;
  #measurements = 0;

  constructor(settings: LabSettings, ports: LabPorts) {
    this.settings = settings;
    this.#ports = ports;
    this.nodes = {
      lb1: new LabNode('lb1', settings, ports),
      lb2: new LabNode('lb2', settings, ports),
    };
  }

  status(): Promise<readonly NodeStatus[]> {
    return Promise.all(NODE_NAMES.map((name) => this.nodes[name].status()));
  }

  /** The node whose interface has the address; undefined when none has it, or both. */
  async owner(): Promise<LabNode | undefined> {
    const holders = (await this.status()).filter(({ address }) => address === 'held');
    const [holder] = holders;
    return holder !== undefined && holders.length === 1 ? this.nodes[holder.name] : undefined;
  }

  /** Resolves when the prober, in the client's namespace, has begun. */
  async startProbe(options: ProbeOptions): Promise<Result<Running<ProbeReport>, LabFailure>> {
    const started = await this.#measure({
      role: 'client',
      command: (file) => probeCommand(this.#ports.vipair, options, file),
    });
    return running(started, decodeReport);
  }

  /** Resolves when the watch on ARP, in a namespace of its own on the LAN, has begun. */
  async startWatch(options: WatchOptions): Promise<Result<Running<WatchReport>, LabFailure>> {
    const started = await this.#measure({
      role: 'watch',
      command: (file) => watchCommand(this.#ports.vipair, options, file),
    });
    return running(started, decodeWatch);
  }

  /** Resolves when visitors, in the client's namespace, have begun to come. */
  async startVisits(options: VisitOptions): Promise<Result<Running<VisitReport>, LabFailure>> {
    const started = await this.#measure({
      role: 'client',
      command: (file) => visitCommand(this.#ports.vipair, options, file),
    });
    return running(started, decodeVisits);
  }

  /** Resolves when long flows, from the client's namespace, have begun. */
  async startTraffic(options: TrafficOptions): Promise<Result<Running<TrafficReport>, LabFailure>> {
    const started = await this.#measure({
      role: 'client',
      command: (file) => trafficCommand(this.#ports.vipair, options, file),
    });
    return running(started, decodeTraffic);
  }

  /** Resolves when clients that stay, in the client's namespace, have begun. */
  async startHold(options: HoldOptions): Promise<Result<Running<HoldReport>, LabFailure>> {
    const started = await this.#measure({
      role: 'client',
      command: (file) => holdCommand(this.#ports.vipair, options, file),
    });
    return running(started, decodeHold);
  }

  #measure({ role, command }: MeasuringProgram): Promise<Result<Measurement, LabFailure>> {
    this.#measurements += 1;
    const lab = this.settings.name;
    const file = `${labDirectory(lab)}/measured/${role}-${String(process.pid)}-${String(this.#measurements)}.json`;
    return startMeasurement(
      {
        namespace: namespaceOf(lab, role),
        command: command(file),
        file,
        logFile: logFile(lab, role),
      },
      this.#ports,
    );
  }
}

function running<Report>(
  started: Result<Measurement, LabFailure>,
  decode: (text: string) => Result<Report, { readonly detail: string }>,
): Result<Running<Report>, LabFailure> {
  if (!started.ok) {
    return started;
  }
  const measurement = started.value;
  const finish = async (): Promise<Result<Report, LabFailure>> => {
    const text = await measurement.finish();
    const report = text.ok ? decode(text.value) : text;
    return report.ok ? ok(report.value) : refused(report.error);
  };
  return ok({ finish });
}

function refused(error: LabFailure | { readonly detail: string }): Result<never, LabFailure> {
  return 'code' in error ? fail(error) : fail({ code: 'not-ready', detail: error.detail });
}
