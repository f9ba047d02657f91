/** A history on a simulated disk, in the hand of a test. */
import { instant, wallTime } from '../../../src/base/time.js';
import type { Move } from '../../../src/record/move-witness.js';
import { TransitionHistory } from '../../../src/record/transition-history.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { Evidence, Phases, Transition } from '../../../src/telemetry/transition.js';
import { SimJournal } from '../../sim/journal.js';
import { HandClock } from '../engine/fakes.js';

const NOTHING_KNOWN: Evidence = {
  priority: 200,
  adverts: undefined,
  heard: undefined,
  heartbeat: undefined,
  peerSaid: undefined,
  links: [],
  checks: [],
  proxy: undefined,
};

const NO_PHASES: Phases = {
  ...{ decideMs: undefined, claimMs: undefined, announceMs: undefined },
  firstRequest: undefined,
};

export const TRANSITION: Transition = {
  ...{ node: 'lb1', epoch: 1000, number: 7, pairTime: 5000.3, at: 1_700_000_000_000 },
  ...{ group: 'web', from: 'backup', to: 'master', cause: 'master 10.77.0.2 is silent' },
  trigger: 'alarm',
  evidence: { ...NOTHING_KNOWN, adverts: { silentForMs: 3218.8, intervalMs: 1000, missed: 3 } },
  phases: { ...NO_PHASES, decideMs: 2218.8 },
  ended: { lastedMs: 60_000, announcements: 0 },
};

export function move(order: number, changes: Partial<Move> = {}): Move {
  return {
    order,
    decidedAt: instant(100_000),
    ...{ at: wallTime(1_700_000_000_000 + order), group: 'web', from: 'backup', to: 'master' },
    ...{ cause: 'no master heard', trigger: 'alarm', evidence: NOTHING_KNOWN },
    phases: NO_PHASES,
    ended: { lastedMs: 10, announcements: 0 },
    ...changes,
  };
}

export class GivenHistory {
  readonly clock = new HandClock();
  readonly events: LogEvent[] = [];
  readonly subject: TransitionHistory;
  readonly journal: SimJournal;

  constructor(journal = new SimJournal(), epoch = 1000) {
    this.journal = journal;
    this.subject = new TransitionHistory(
      { node: 'lb1', epoch },
      { clock: this.clock, journal, log: { tell: (event) => this.events.push(event) } },
    );
  }

  /** Number, and the group it is about. */
  numbers(limit = 1000, group?: string): readonly number[] {
    return this.subject.answer({ group, limit }).transitions.map(({ number }) => number);
  }

  kept(): string {
    return this.subject.answer({ group: undefined, limit: 1 }).kept;
  }
}
