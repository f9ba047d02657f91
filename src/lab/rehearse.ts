/** One rehearsal from beginning to end: measure, strike, wait, heal, and say what a client and the wire saw. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import type { Lab } from './lab.js';
import { PROBE_DEFAULTS, WATCH_DEFAULTS } from './measure.js';
import { ownership } from '../prober/ownership.js';
import { pause } from './pause.js';
import { answeredBefore, answeredLast, summarize } from '../prober/gaps.js';
import { untilRedundant } from './readiness.js';
import type { Rehearsal } from './rehearsal.js';

/** What one fault cost. */
export interface Rehearsed {
  readonly name: string;
  /** Who answered the client last before the fault, and at the end. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly gapMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly streamsBroken: number;
  /** As answers to ARP on the wire show it. */
  readonly twoOwnersMs: number;
  readonly noOwnerMs: number;
}

export interface RehearsePorts {
  readonly clock: Clock;
  /** Aborted when the operator has had enough; the lab is then taken down by whoever raised it. */
  readonly signal: AbortSignal;
}

export async function rehearse(
  lab: Lab,
  rehearsal: Rehearsal,
  { clock, signal }: RehearsePorts,
): Promise<Result<Rehearsed, LabFailure>> {
  const owner = await lab.owner();
  if (owner === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const probe = await lab.startProbe({ ...PROBE_DEFAULTS, streams: STREAMS });
  const watch = await lab.startWatch(WATCH_DEFAULTS);
  if (!probe.ok || !watch.ok) {
    return probe.ok ? (watch as Result<never, LabFailure>) : probe;
  }
  await pause(clock, LEAD_IN);
  const fault = await rehearsal.strike(owner, clock);
  if (!fault.ok) {
    return fault;
  }
  await pauseUnless(signal, clock, rehearsal.lasting);
  const healed = await rehearsal.heal(owner);
  const redundant = healed.ok ? await untilRedundant(lab, clock, HEALS_WITHIN) : healed;
  // A node that comes back must not take the address along: that is measured too.
  await pauseUnless(signal, clock, LEAD_OUT);
  const seen = await probe.value.finish();
  const wire = await watch.value.finish();
  if (!redundant.ok || !seen.ok || !wire.ok) {
    return [redundant, seen, wire].find((each) => !each.ok) as Result<never, LabFailure>;
  }
  const summary = summarize(seen.value);
  const owners = ownership(wire.value);
  return ok({
    name: rehearsal.name,
    before: answeredBefore(seen.value, fault.value.earliest),
    after: answeredLast(seen.value),
    gapMs: summary.longestGap,
    requests: summary.launched,
    failed: summary.failed,
    streamsBroken: seen.value.streamBreaks.length,
    twoOwnersMs: owners.twoOwners,
    noOwnerMs: owners.noOwner,
  });
}

function pauseUnless(signal: AbortSignal, clock: Clock, lasting: Millis): Promise<void> {
  if (signal.aborted) {
    return Promise.resolve();
  }
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
  return Promise.race([pause(clock, lasting), aborted]);
}

/** Beside the requests: connections that last, and break where the proxy they pass through is lost. */
const STREAMS = 2;
const LEAD_IN = millis(700);
const LEAD_OUT = millis(1000);
const HEALS_WITHIN = millis(30_000);
