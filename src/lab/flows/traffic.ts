/** Makes many long flows at a bounded pace, until it is told to end, and says what became of each. */
import type { Millis } from '../../base/time.js';
import { between, later, millis, scale } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { handOver, sayStarted } from '../measurement.js';
import { pause } from '../pause.js';
import { ClientDatagrams } from './client-datagrams.js';
import type { ClientFlow, FlowTarget } from './client-stream.js';
import { ClientStream } from './client-stream.js';
import type { FlowProtocol, TrafficReport } from './traffic-report.js';

/** So many flows of one kind. */
export interface FlowBunch {
  readonly protocol: FlowProtocol;
  readonly target: FlowTarget;
  readonly count: number;
}

export interface TrafficOptions {
  readonly bunches: readonly FlowBunch[];
  /** Between two messages of one flow. */
  readonly every: Millis;
  /** When it ends by itself; it may be ended earlier. */
  readonly lasting: Millis;
}

export interface TrafficPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Each costs a descriptor and a timer's turn; a process may have 1,024 descriptors where nobody has said otherwise. */
export const MOST_CLIENT_FLOWS = 900;
const TURN: Millis = millis(2);

export async function trafficToFile(
  options: TrafficOptions,
  file: string,
  ports: TrafficPorts,
): Promise<void> {
  const report = runTraffic(options, ports);
  sayStarted(file);
  handOver(file, JSON.stringify(await report));
}

/** The flows speak one after the other, so that the load is even. */
async function runTraffic(
  { bunches, every, lasting }: TrafficOptions,
  { clock, signal }: TrafficPorts,
): Promise<TrafficReport> {
  const flows = bunches
    .flatMap(({ protocol, target, count }) =>
      Array.from({ length: count }, () => ({ protocol, target })),
    )
    .slice(0, MOST_CLIENT_FLOWS)
    .map(({ protocol, target }, number) => opened(protocol, number, { target, clock }));
  const startedAt = clock.now();
  const endsAt = later(startedAt, lasting);
  const due = [...flows.keys()].map((index) =>
    later(startedAt, scale(every, index / flows.length)),
  );
  let stalledMs = 0;
  let lookedAt = startedAt;
  while (!signal.aborted && clock.now() < endsAt) {
    const now = clock.now();
    stalledMs = Math.max(stalledMs, between(lookedAt, now));
    lookedAt = now;
    flows.forEach((flow, index) => {
      const dueAt = due[index] ?? now;
      if (dueAt <= now) {
        flow.speak();
        // What was missed is not made up for: it would be a burst.
        due[index] = later(dueAt, every) > now ? later(dueAt, every) : later(now, every);
      }
    });
    await pause(clock, TURN);
  }
  const seen = flows.map((flow) => flow.seen());
  flows.forEach((flow) => {
    flow.close();
  });
  return { stalledMs, flows: seen };
}

function opened(
  protocol: FlowProtocol,
  number: number,
  { target, clock }: { readonly target: FlowTarget; readonly clock: Clock },
): ClientFlow {
  return protocol === 'tcp'
    ? new ClientStream(number, target, clock)
    : new ClientDatagrams(number, target, clock);
}
