/** One round: a healthy pair, a fault at a chosen moment, what the client saw of it. */
import { centisToMillis, later, millis } from '../../src/base/time.js';
import type { Instant, Millis } from '../../src/base/time.js';
import type { Lab, LabPorts, Running } from '../../src/lab/lab.js';
import { PROBE_DEFAULTS } from '../../src/lab/measure.js';
import { pidsIn } from '../../src/lab/namespace-processes.js';
import { pause } from '../../src/lab/pause.js';
import { answeredBefore, answeredLast, longestGap, summarize } from '../../src/prober/gaps.js';
import type { ProbeReport } from '../../src/prober/sample.js';
import { namespaceOf } from '../../src/lab/topology.js';
import type { AdvertObserver } from './advert-observer.js';
import type { FaultKind } from './faults.js';
import { FAULTS } from './faults.js';
import { whole } from './fitness.js';
import { must } from './labs.js';
import type { Scenario } from './plan.js';

export interface Round {
  /** Until the first answer; see {@link FaultKind.countsFrom}. 0 when no probe failed. */
  readonly gap: Millis;
  /** `never`: nothing answered for as long as it was watched, so the gap is at least this long. */
  readonly ended: 'answered' | 'never';
  readonly failed: number;
  readonly launched: number;
  readonly longestSilence: Millis;
  /** From the master's last advertisement to the fault, in intervals. */
  readonly phase: number | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly proberLate: Millis;
}

export interface Bout {
  readonly lab: Lab;
  readonly ports: LabPorts;
  readonly adverts: AdvertObserver;
}

/** A healed pair's first probes and adverts, before anything is done to it. */
const WARM_UP = millis(300);
/** A prober that launched nothing for so long has not seen what a client sees. */
const STALL = millis(30);
const PROBER_REAL_TIME_PRIORITY = 5;
const CHRT_WITHIN = millis(5_000);

export async function runRound(scenario: Scenario, share: number, bout: Bout): Promise<Round> {
  const { lab, ports, adverts } = bout;
  const { clock } = ports;
  const kind = FAULTS[scenario.fault];
  const interval = centisToMillis(scenario.interval);
  const master = await whole(lab, clock);
  const probing = await probe(bout, scenario.probeEvery);
  await pause(clock, WARM_UP);
  await adverts.moment(master.name, share);
  const fault = await kind.strike(lab, master, ports);
  const watchUntil = later(fault.latest, kind.watchedFor(interval));
  await pause(clock, millis(watchUntil - clock.now()));
  const report = must(await probing.finish());
  await kind.heal(lab, master);
  if (report.worstLateness > STALL) {
    throw new Error(`the prober itself stalled for ${report.worstLateness.toFixed(0)} ms`);
  }
  const lastAdvert = adverts.lastBefore(fault.earliest, master.name);
  return {
    ...gapOf(report, fault.earliest, kind),
    phase: lastAdvert === undefined ? undefined : (fault.earliest - lastAdvert) / interval,
    before: answeredBefore(report, fault.earliest),
    after: answeredLast(report),
    proberLate: report.worstLateness,
  };
}

async function probe({ lab, ports }: Bout, every: Millis): Promise<Running<ProbeReport>> {
  const probing = must(await lab.startProbe({ ...PROBE_DEFAULTS, every }));
  await prioritise(lab, ports);
  return probing;
}

/**
 * The prober, and the watch where there is one, go before the machine's other work, or they would take their own pauses for the service's; and
 * after the daemons, which have a greater priority.
 */
export async function prioritise(lab: Lab, ports: LabPorts): Promise<void> {
  if (lab.settings.scheduling === 'round-robin') {
    const namespaces = (['client', 'watch'] as const).map((role) =>
      namespaceOf(lab.settings.name, role),
    );
    for (const pid of namespaces.flatMap(pidsIn)) {
      const priority = String(PROBER_REAL_TIME_PRIORITY);
      const args = ['--all-tasks', '--rr', '--pid', priority, String(pid)];
      must(await ports.processes.run('chrt', args, { within: CHRT_WITHIN }));
    }
  }
}

function gapOf(
  report: ProbeReport,
  faultAt: Instant,
  kind: FaultKind,
): Pick<Round, 'gap' | 'ended' | 'failed' | 'launched' | 'longestSilence'> {
  const { failed, launched, longestSilence } = summarize(report);
  const found = longestGap(report);
  if (found === undefined) {
    return { gap: millis(0), ended: 'answered', failed, launched, longestSilence };
  }
  const from = kind.countsFrom === 'fault' ? faultAt : found.from;
  const answer = report.samples.find(
    (each) => each.launchedAt >= found.to && each.outcome === 'answered',
  );
  return {
    gap: millis((answer?.endedAt ?? found.to) - from),
    ended: found.end === 'answered' ? 'answered' : 'never',
    failed,
    launched,
    longestSilence,
  };
}
