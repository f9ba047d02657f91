/** What the daemons before this one kept: the newest transitions, and how many have been numbered. */
import { unreachable } from '../base/unreachable.js';
import type { Journal, JournalFailure } from '../ports/journal.js';
import type { Phases, Transition, TransitionName } from '../telemetry/transition.js';
import { readLine } from './transition-line.js';

/** In memory. */
export const MOST_KEPT = 500;

export class FormerTransitions {
  /** Oldest first. */
  transitions: readonly Transition[] = [];
  /** The greatest number that may have been given. */
  last = 0;
  /** The greatest time of the pair's clock that was given. */
  lastPairTime = 0;
  damaged = 0;
  /** Lines of another version. */
  unknown = 0;
  failure: JournalFailure | undefined;

  /** Resolves when there is no more, or no more can be read. */
  async read(journal: Journal): Promise<void> {
    for await (const lines of journal.read()) {
      if (!lines.ok) {
        this.failure = lines.error;
        return;
      }
      for (const line of lines.value) {
        this.#take(line);
      }
    }
  }

  /** A line that cannot be read may have been a transition: its number is not given again. */
  #take(line: string): void {
    const read = readLine(line);
    if (!read.ok) {
      this[read.error.code] += 1;
      this.last += 1;
      return;
    }
    const entry = read.value;
    switch (entry.kind) {
      case 'transition':
        this.last = Math.max(this.last, entry.transition.number);
        this.lastPairTime = Math.max(this.lastPairTime, entry.transition.pairTime ?? 0);
        this.transitions = [...this.transitions, entry.transition].slice(-MOST_KEPT);
        return;
      case 'announced':
        this.transitions = completed(this.transitions, entry.announced);
        return;
      case 'served':
        this.transitions = completed(this.transitions, entry.served);
        return;
      default:
        unreachable(entry);
    }
  }
}

/** With what was learned of the phases of one of them later. */
export function completed(
  transitions: readonly Transition[],
  { node, epoch, number, ...learned }: TransitionName & Partial<Phases>,
): readonly Transition[] {
  return transitions.map((each) =>
    each.node === node && each.number === number && each.epoch === epoch
      ? { ...each, phases: { ...each.phases, ...learned } }
      : each,
  );
}
