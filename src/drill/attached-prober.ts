/** What an attached prober has told so far, and by how much its clock differs from ours. */
import type { Instant, Millis, WallTime } from '../base/time.js';
import { instant, millis, wallTime } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { AttachedLine } from '../prober/attached-lines.js';
import { ATTACHED_VERSION, clockQuestion, decodeAttachedLine } from '../prober/attached-lines.js';

type Line<Kind extends AttachedLine['kind']> = Extract<AttachedLine, { readonly kind: Kind }>;

export interface AttachedProber {
  readonly started: Line<'started'> | undefined;
  /** The latest. */
  readonly progress: Line<'progress'> | undefined;
  readonly report: Line<'report'> | undefined;
  /** Undefined until a question was answered. */
  readonly clock: ProberClock | undefined;
  /** Questions about its clock that are on the way: when each was sent. */
  readonly asked: ReadonlyMap<number, WallTime>;
  readonly questions: number;
  /** Sentences of its own, the last ones. */
  readonly problems: readonly string[];
}

/** How its instants are times of ours, from the question that was answered soonest. */
export interface ProberClock {
  /** Our wall clock, when its instants began. */
  readonly origin: WallTime;
  /** The true origin is no further away than this: half the round trip, and what a wall clock cannot tell. */
  readonly within: Millis;
  /** By so much its wall clock is ahead of ours; negative: behind. */
  readonly ahead: Millis;
}

/** Unanswered ones beyond this are forgotten, the oldest first. */
const MOST_QUESTIONS = 64;
const MOST_PROBLEMS = 20;
/** Wall clocks are read in whole milliseconds. */
const WALL_STEP = 1;

export const FRESH_PROBER: AttachedProber = {
  started: undefined,
  progress: undefined,
  report: undefined,
  clock: undefined,
  asked: new Map(),
  questions: 0,
  problems: [],
};

/** A question about its clock, as a line for it. `sentAt`: our wall clock, as closely before it is sent as can be. */
export function askClock(
  prober: AttachedProber,
  sentAt: WallTime,
): { readonly prober: AttachedProber; readonly line: string } {
  const id = prober.questions + 1;
  const asked = new Map([...prober.asked].slice(1 - MOST_QUESTIONS)).set(id, sentAt);
  return { prober: { ...prober, questions: id, asked }, line: clockQuestion(id) };
}

/** What is no line of a prober's is passed over: a shell may greet whoever comes. */
export function hearProber(prober: AttachedProber, text: string, at: WallTime): AttachedProber {
  const line = decodeAttachedLine(text);
  if (line === undefined) {
    return prober;
  }
  switch (line.kind) {
    case 'started':
      return line.version === ATTACHED_VERSION
        ? { ...prober, started: line }
        : withProblem(prober, otherVersion(line.version));
    case 'progress':
      return { ...prober, progress: line };
    case 'clock':
      return hearClock(prober, line, at);
    case 'failed':
      return withProblem(prober, line.problem);
    case 'report':
      return { ...prober, report: line };
    default:
      return unreachable(line);
  }
}

export function withProblem(prober: AttachedProber, problem: string): AttachedProber {
  return { ...prober, problems: [...prober.problems, problem].slice(-MOST_PROBLEMS) };
}

/** When one of its instants was, by our wall clock. */
export function ownTime({ origin }: ProberClock, at: Instant): WallTime {
  return wallTime(origin + at);
}

/** Which of its instants a time of ours is. */
export function proberInstant({ origin }: ProberClock, at: WallTime): Instant {
  return instant(at - origin);
}

function otherVersion(version: number): string {
  const [there, here] = [version, ATTACHED_VERSION].map(String);
  return `the prober speaks version ${there ?? ''}, and this vipair version ${here ?? ''}: install the same release on both machines`;
}

/** The shorter the round trip, the less can it have been one way only. */
function hearClock(prober: AttachedProber, line: Line<'clock'>, heardAt: WallTime): AttachedProber {
  const sentAt = prober.asked.get(line.id);
  if (sentAt === undefined) {
    return prober;
  }
  const asked = new Map(prober.asked);
  asked.delete(line.id);
  const within = millis((heardAt - sentAt) / 2 + WALL_STEP);
  // A clock of ours that was set back meanwhile measured nothing.
  if (heardAt < sentAt || (prober.clock !== undefined && prober.clock.within <= within)) {
    return { ...prober, asked };
  }
  const middle = (sentAt + heardAt) / 2;
  const origin = wallTime(middle - line.at);
  return { ...prober, asked, clock: { origin, within, ahead: millis(line.wall - middle) } };
}
