/** The prober: what a client sees of the service, sampled on a fixed schedule, and what becomes of its streams. */
import type { Clock } from '../ports/clock.js';
import { withPort } from '../base/ip.js';
import type { SampleWatcher } from './probe-schedule.js';
import { ProbeSchedule } from './probe-schedule.js';
import type { ProbeOptions, ProbeReport } from './sample.js';
import { StreamWatch } from './stream-watch.js';

export interface ProbePorts {
  readonly clock: Clock;
  /** Ends the probing early; what was seen until then is reported. */
  readonly signal: AbortSignal;
}

/** Is told what is seen while it is. */
export interface ProbeListener {
  readonly ended: SampleWatcher;
  readonly streamBroken: () => void;
}

export async function runProbe(
  options: ProbeOptions,
  ports: ProbePorts,
  listener?: ProbeListener,
): Promise<ProbeReport> {
  const { clock, signal } = ports;
  const startedAt = clock.now();
  const streams = new StreamWatch(options, clock, listener?.streamBroken);
  streams.start();
  const schedule = new ProbeSchedule(options, clock, listener?.ended);
  const { samples, worstLateness } = await schedule.run(signal);
  streams.stop();
  return {
    target: withPort(options.target.host, options.target.port),
    every: options.every,
    startedAt,
    endedAt: clock.now(),
    samples,
    worstLateness,
    streamsOpened: streams.opened,
    streamBreaks: streams.breaks,
  };
}
