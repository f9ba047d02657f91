/** Visits the lab's service as many people do: each now and then, over a connection of its own, and writes down who answered. */
import { get } from 'node:http';
import type { Ip } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Instant, Millis } from '../../base/time.js';
import { instant, later, millis, scale } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { handOver, sayStarted } from '../measurement.js';
import { pause } from '../pause.js';
import { COOKIE, NAME_HEADER, NODE_HEADER, SERVER_HEADER } from './sections.js';
import type { Visitor } from './visitor.js';
import { MOST_VISITORS, visitor, WAYS } from './visitor.js';

/** One answer. A visit without one is only counted. */
export interface Visit {
  readonly visitor: number;
  readonly at: Instant;
  readonly node: string;
  readonly server: string;
}

export interface VisitReport {
  readonly visits: readonly Visit[];
  readonly unanswered: number;
}

export interface VisitOptions {
  /** Each visitor goes to one after the other. */
  readonly targets: readonly [Ip, ...Ip[]];
  /** Between two visits of the same visitor. */
  readonly every: Millis;
  /** Those that come from the beginning on: numbers from 0 on. */
  readonly regulars: number;
  /** Those that come for the first time meanwhile, one after the other: the numbers behind. */
  readonly newcomers: number;
  readonly newcomerEvery: Millis;
  /** When it ends by itself; it may be ended earlier. */
  readonly lasting: Millis;
}

export interface VisitPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A few minutes at the lab's usual pace; what comes then is not recorded. */
export const MOST_VISITS = 200_000;
const ANSWERS_WITHIN = millis(500);
const TURN: Millis = millis(4);

export async function visitToFile(
  options: VisitOptions,
  file: string,
  ports: VisitPorts,
): Promise<void> {
  const report = runVisits(options, ports);
  sayStarted(file);
  handOver(file, JSON.stringify(await report));
}

/** Trusts what has the shape of a report: only the lab's own program writes one. */
export function decodeVisits(text: string): Result<VisitReport, { readonly detail: string }> {
  try {
    const report = JSON.parse(text) as Partial<VisitReport>;
    return Array.isArray(report.visits)
      ? ok(report as VisitReport)
      : fail({ detail: 'a report without visits' });
  } catch {
    return fail({ detail: `${String(text.length)} characters of other text` });
  }
}

/** Nobody visits twice at a time, so that there is at most one connection for each. */
async function runVisits(
  { targets, every, regulars, newcomers, newcomerEvery, lasting }: VisitOptions,
  { clock, signal }: VisitPorts,
): Promise<VisitReport> {
  const startedAt = clock.now();
  const endsAt = later(startedAt, lasting);
  const count = Math.min(regulars + newcomers, MOST_VISITORS);
  const people = [...Array.from({ length: count }).keys()].map((number) => visitor(number));
  const due = people.map(({ number }) =>
    number < regulars
      ? later(startedAt, scale(every, number / regulars))
      : later(startedAt, scale(newcomerEvery, number - regulars)),
  );
  const visits: Visit[] = [];
  const underWay = new Set<Visitor>();
  const turns = new Map<Visitor, number>();
  let unanswered = 0;
  const go = async (who: Visitor, dueAt: Instant): Promise<void> => {
    underWay.add(who);
    const turn = (turns.get(who) ?? who.number) + 1;
    turns.set(who, turn);
    const answer = await visit(who, targets[turn % targets.length] ?? targets[0]);
    underWay.delete(who);
    due[who.number] = instant(Math.max(later(dueAt, every), clock.now()));
    if (answer === undefined) {
      unanswered += 1;
    } else if (visits.length < MOST_VISITS) {
      visits.push({ visitor: who.number, at: clock.now(), ...answer });
    }
  };
  while (!signal.aborted && clock.now() < endsAt) {
    const now = clock.now();
    for (const who of people) {
      const dueAt = due[who.number] ?? now;
      if (dueAt <= now && !underWay.has(who)) {
        void go(who, dueAt);
      }
    }
    await pause(clock, TURN);
  }
  while (underWay.size > 0) {
    await pause(clock, TURN);
  }
  return { visits, unanswered };
}

function visit(
  { name, way, source }: Visitor,
  host: Ip,
): Promise<Pick<Visit, 'node' | 'server'> | undefined> {
  return new Promise((resolve) => {
    const headers = { [NAME_HEADER]: name, cookie: `${COOKIE}=${name}`, connection: 'close' };
    const request = get(
      {
        ...{ host, port: WAYS[way].port, headers, agent: false, timeout: ANSWERS_WITHIN },
        ...(source === undefined ? {} : { localAddress: source }),
      },
      (response) => {
        const { statusCode, headers: said } = response;
        const node = said[NODE_HEADER];
        const server = said[SERVER_HEADER];
        response.resume();
        response.once('close', () => {
          const isAnswer = statusCode === 200 && typeof node === 'string';
          resolve(isAnswer && typeof server === 'string' ? { node, server } : undefined);
        });
      },
    );
    request.once('timeout', () => {
      request.destroy();
    });
    request.once('error', () => {
      resolve(undefined);
    });
  });
}
