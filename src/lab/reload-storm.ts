/** HAProxy is reloaded again and again under load: does a request fail, and how many workers are there at once? */
import { askProxyReload } from '../api/client.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import { proxyWorker } from './haproxy-socket.js';
import type { Lab, Running } from './lab.js';
import { PROBE_DEFAULTS } from './measure.js';
import { pause } from './pause.js';
import { summarize } from '../prober/gaps.js';
import type { ProbeReport } from '../prober/sample.js';
import { controlSocketOf } from './readiness.js';

export interface Storm {
  /** How many reloads are asked for, in how long. */
  readonly reloads: number;
  readonly within: Millis;
  /** New connections a second meanwhile. */
  readonly rate: number;
}

export interface StormSeen {
  readonly asked: number;
  /** Requests that were answered that HAProxy was reloaded. */
  readonly answered: number;
  /** What the first that was not was told; undefined where all were. */
  readonly refused: string | undefined;
  /** Workers that took over: the reloads that there really were. */
  readonly reloads: number;
  /** HAProxy's workers at once, of which one takes new connections. */
  readonly mostWorkers: number;
  readonly workersAfter: number;
  readonly requests: number;
  readonly perSecond: number;
  readonly failed: number;
  readonly moved: 'yes' | 'no';
  readonly verdict: 'as expected' | 'not as expected';
}

/** Former workers that may stay, the one that serves, and one that is being started. */
const MOST_WORKERS = 10;
/** Each opens a connection a millisecond at the most, as fast as one process does it evenly. */
const PROBERS = 2;
const LOOK_EVERY = millis(50);
/** Connections that are open when the last worker takes over end within that. */
const ENDS_WITHIN = millis(3_000);

export async function seeStorm(
  lab: Lab,
  { reloads, within, rate }: Storm,
  clock: Clock,
): Promise<Result<StormSeen, LabFailure>> {
  const owner = await lab.owner();
  if (owner === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const probes: Running<ProbeReport>[] = [];
  for (let nth = 0; nth < PROBERS; nth += 1) {
    const probe = await lab.startProbe({
      ...PROBE_DEFAULTS,
      every: millis((PROBERS * MILLIS_PER_SECOND) / rate),
    });
    if (!probe.ok) {
      return probe;
    }
    probes.push(probe.value);
  }
  const began = clock.now();
  const workers = new Set<number>();
  let mostWorkers = 0;
  const storm = new AbortController();
  const watching = (async () => {
    while (!storm.signal.aborted) {
      // Its master is one of them.
      mostWorkers = Math.max(mostWorkers, owner.processes().proxyPids.length - 1);
      const serving = await proxyWorker(owner);
      if (serving !== undefined) {
        workers.add(serving);
      }
      await pause(clock, LOOK_EVERY);
    }
  })();
  const answers: ReturnType<typeof askProxyReload>[] = [];
  for (let nth = 0; nth < reloads; nth += 1) {
    const due = later(began, millis((within * nth) / reloads));
    await pause(clock, millis(Math.max(0, between(clock.now(), due))));
    answers.push(askProxyReload(controlSocketOf(owner)));
  }
  const answered = await Promise.all(answers);
  await pause(clock, ENDS_WITHIN);
  storm.abort();
  await watching;
  const reports = await Promise.all(probes.map((each) => each.finish()));
  const lasted = between(began, clock.now());
  const summaries = reports.flatMap((each) => (each.ok ? [summarize(each.value)] : []));
  const requests = summaries.reduce((sum, { launched }) => sum + launched, 0);
  const failed = summaries.reduce((sum, each) => sum + each.failed, 0);
  const moved = (await lab.owner())?.name === owner.name ? 'no' : 'yes';
  const [refused] = answered.flatMap((each) => (each.ok ? [] : [whyNot(each.error)]));
  const whole = summaries.length === PROBERS && refused === undefined && moved === 'no';
  return ok({
    ...{ asked: reloads, answered: answered.filter((each) => each.ok).length, refused },
    ...{ reloads: workers.size - 1, mostWorkers },
    workersAfter: owner.processes().proxyPids.length - 1,
    ...{ requests, perSecond: requests / (lasted / MILLIS_PER_SECOND), failed, moved },
    verdict:
      whole && failed === 0 && mostWorkers <= MOST_WORKERS ? 'as expected' : 'not as expected',
  });
}

function whyNot(
  failure: Extract<Awaited<ReturnType<typeof askProxyReload>>, { ok: false }>['error'],
): string {
  return failure.code === 'refused' ? failure.refusal.detail : failure.detail;
}

const MILLIS_PER_SECOND = 1000;
