/** The hand of a drill: when it does what it was armed for, when it undoes that, and what is done about one that was found dead. */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { HandState, UndoReason } from '../wire/pair/drill.js';

export type { UndoReason } from '../wire/pair/drill.js';

/** What it was armed with. */
export interface HandTerms {
  /** Whoever has not fired by then never will. */
  readonly armedFor: Millis;
  /** After firing, at the latest, everything is undone. */
  readonly lastsFor: Millis;
}

export type Hand =
  | { readonly phase: 'armed'; readonly deadline: Instant }
  /** `inflicting`: the faults are being carried out, and whoever undoes waits for the one under way. */
  | {
      readonly phase: 'fired';
      readonly deadline: Instant;
      readonly faults: 'inflicting' | 'inflicted';
    }
  | { readonly phase: 'undoing'; readonly deadline: Instant; readonly why: UndoReason }
  | { readonly phase: 'undone' | 'expired' | 'failed' };

export type HandEvent =
  | { readonly kind: 'fire' }
  /** All faults, or those before the one that could not be. */
  | { readonly kind: 'inflicted'; readonly outcome: 'whole' | 'in part' }
  | { readonly kind: 'undo' }
  | { readonly kind: 'undone'; readonly outcome: 'whole' | 'in part' }
  | { readonly kind: 'alarm' };

export interface HandStep {
  readonly hand: Hand;
  readonly then: 'nothing' | 'inflict' | 'undo';
}

export function armedHand({ armedFor }: HandTerms, now: Instant): Hand {
  return { phase: 'armed', deadline: later(now, armedFor) };
}

/** Whether nothing more comes of it by itself. `failed` still waits for a person. */
export function isOver(phase: HandState['phase']): boolean {
  return isAsBefore(phase) || phase === 'failed';
}

/** Whether there is nothing to undo, or no longer. */
export function isAsBefore(phase: HandState['phase']): boolean {
  return phase === 'undone' || phase === 'expired';
}

/** An event that no longer fits changes nothing: asking twice does no harm. */
export function stepHand(hand: Hand, event: HandEvent, at: HandTerms & { now: Instant }): HandStep {
  switch (hand.phase) {
    case 'armed':
      return whileArmed(hand, event, at);
    case 'fired':
      return whileFired(hand, event, at.now);
    case 'undoing':
      return event.kind === 'undone'
        ? stay({ phase: event.outcome === 'whole' ? 'undone' : 'failed' })
        : stay(hand);
    case 'undone':
    case 'expired':
    case 'failed':
      return stay(hand);
    default:
      return unreachable(hand);
  }
}

function whileArmed(
  hand: Hand & { readonly phase: 'armed' },
  event: HandEvent,
  { now, lastsFor }: HandTerms & { readonly now: Instant },
): HandStep {
  // Its time is up although the alarm has not rung: this process was frozen, and whoever asked waits no longer.
  if (event.kind === 'alarm' || event.kind === 'fire') {
    if (now >= hand.deadline) {
      return stay({ phase: 'expired' });
    }
    return event.kind === 'alarm'
      ? stay(hand)
      : {
          hand: { phase: 'fired', deadline: later(now, lastsFor), faults: 'inflicting' },
          then: 'inflict',
        };
  }
  return event.kind === 'undo' ? undo('asked', now) : stay(hand);
}

function whileFired(
  hand: Hand & { readonly phase: 'fired' },
  event: HandEvent,
  now: Instant,
): HandStep {
  switch (event.kind) {
    case 'inflicted':
      return event.outcome === 'whole'
        ? stay({ ...hand, faults: 'inflicted' })
        : undo('not all of it could be done', now);
    case 'undo':
      return undo('asked', now);
    case 'alarm':
      return now >= hand.deadline ? undo('time was up', now) : stay(hand);
    case 'fire':
    case 'undone':
      return stay(hand);
    default:
      return unreachable(event);
  }
}

function undo(why: UndoReason, now: Instant): HandStep {
  return { hand: { phase: 'undoing', deadline: later(now, UNDO_WITHIN), why }, then: 'undo' };
}

function stay(hand: Hand): HandStep {
  return { hand, then: 'nothing' };
}

/** Of what was begun: the last first, because a later one may stand on an earlier one. */
export function undoOrder<T>(begun: readonly T[]): readonly T[] {
  return begun.toReversed();
}

/** What a file says of a hand, and what the machine says of its process. */
export interface FoundHand {
  readonly phase: Hand['phase'];
  /** Undefined: it waits for nothing. */
  readonly deadline: Instant | undefined;
  readonly process: 'lives' | 'gone';
  /** Deadlines of another boot say nothing, and no process of it lives. */
  readonly boot: 'this' | 'former';
}

/** What whoever finds it does; `end`: a process that should have acted long ago is ended first. */
export function onFinding(
  { phase, deadline, process, boot }: FoundHand,
  now: Instant,
): 'nothing' | 'expire' | 'undo' | 'end and undo' {
  if (phase === 'undone' || phase === 'expired' || phase === 'failed') {
    return 'nothing';
  }
  const isGone = process === 'gone' || boot === 'former';
  if (isGone) {
    // It says so before it does a thing: one that was armed has done none.
    return phase === 'armed' ? 'expire' : 'undo';
  }
  const isOverdue = deadline !== undefined && now > later(deadline, OVERDUE_AFTER);
  return isOverdue ? 'end and undo' : 'nothing';
}

/** A machine's power supply may take half a minute to be told. */
const UNDO_WITHIN = millis(60_000);
/** Beyond its deadline: so long a busy machine may keep a process waiting. */
const OVERDUE_AFTER = millis(5_000);
