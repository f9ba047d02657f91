/** What the measuring programs do: measure until told to end, then hand over a report. */
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import { millis } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import { handOver, sayStarted } from './measurement.js';
import type { WatchOptions, WatchPorts } from '../prober/owner-watch.js';
import { runOwnerWatch } from '../prober/owner-watch.js';
import { encodeReport } from '../prober/report-text.js';
import type { ProbePorts } from '../prober/run-probe.js';
import { runProbe } from '../prober/run-probe.js';
import type { ProbeOptions } from '../prober/sample.js';
import {
  HOST_ADDRESSES,
  HOST_ADDRESSES_IPV6,
  LAN_INTERFACE,
  SERVICE_PORT,
  VIRTUAL_CIDRS,
} from './topology.js';
import { encodeWatch } from '../prober/watch-text.js';

/** The lab's service, every 5 ms, for as long as the longest rehearsal takes. */
export const PROBE_DEFAULTS: ProbeOptions = {
  target: { host: VIRTUAL_CIDRS.ipv4.address, port: SERVICE_PORT },
  manner: { over: 'http', path: '/', expect: 200, serverName: undefined },
  every: millis(5),
  lasting: millis(600_000),
  streams: 0,
  // Longer than any answer on one machine takes, shorter than the first retransmission of a SYN (1 s):
  // a connection that only a retransmission saves has failed as far as a client's user is concerned.
  deadline: millis(500),
  streamStall: millis(1_500),
};

export const WATCH_DEFAULTS: WatchOptions = {
  question: {
    interface: LAN_INTERFACE,
    target: VIRTUAL_CIDRS.ipv4.address,
    sender: HOST_ADDRESSES.watch,
  },
  every: millis(2),
  lasting: millis(600_000),
};

/** The same of the other virtual address, in a lab that has one. */
export const PROBE_DEFAULTS_IPV6: ProbeOptions = {
  ...PROBE_DEFAULTS,
  target: { host: VIRTUAL_CIDRS.ipv6.address, port: SERVICE_PORT },
};

export const WATCH_DEFAULTS_IPV6: WatchOptions = {
  ...WATCH_DEFAULTS,
  question: {
    interface: LAN_INTERFACE,
    target: VIRTUAL_CIDRS.ipv6.address,
    sender: HOST_ADDRESSES_IPV6.watch,
  },
};

export async function probeToFile(
  options: ProbeOptions,
  file: string,
  ports: ProbePorts,
): Promise<void> {
  const report = runProbe(options, ports);
  sayStarted(file);
  handOver(file, encodeReport(await report));
}

export async function watchToFile(
  options: WatchOptions,
  file: string,
  ports: WatchPorts,
): Promise<Result<undefined, KernelRefusal>> {
  const running = runOwnerWatch(options, ports);
  sayStarted(file);
  const report = await running;
  if (!report.ok) {
    return report;
  }
  handOver(file, encodeWatch(report.value));
  return done;
}
