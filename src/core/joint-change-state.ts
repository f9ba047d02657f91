/** The states, events and effects of a change that both nodes make at the same moment. */
import type { Instant, Millis } from '../base/time.js';

/** `id`: the coordinator's name for the attempt; what is said of another one says nothing of this. */
export type JointChange =
  /** `switched`: the last one that was carried out here. */
  | { readonly name: 'idle'; readonly switched: string | undefined }
  /** This node reads its file and makes ready, which takes a while. */
  | {
      readonly name: 'preparing';
      readonly part: 'coordinator' | 'participant';
      readonly id: string;
    }
  /** Coordinator: ready, and the participant is asked to be. */
  | { readonly name: 'asking'; readonly id: string }
  /** Participant: ready, until it is told to go on, or not, or nothing. */
  | { readonly name: 'prepared'; readonly id: string; readonly expiresAt: Instant }
  /** Coordinator: has said when, and has not been answered yet. */
  | {
      readonly name: 'committing';
      readonly id: string;
      readonly saidAt: Instant;
      readonly delay: Millis;
    }
  /** Coordinator: has not been answered in time, so it tries to take its word back. */
  | { readonly name: 'withdrawing'; readonly id: string; readonly switchAt: Instant }
  /** Either: both are known to be ready, and both count. */
  | { readonly name: 'switching'; readonly id: string; readonly switchAt: Instant };

export type JointEvent =
  /** An operator asks for it here. */
  | { readonly kind: 'begin'; readonly id: string }
  /** This node is ready, or cannot be. */
  | { readonly kind: 'ready'; readonly id: string }
  | { readonly kind: 'unready'; readonly id: string; readonly why: string }
  /** What the participant answered; `lost`: nothing, so nobody knows what it did. */
  | {
      readonly kind: 'answered';
      readonly id: string;
      readonly answer: Answer;
      readonly roundTrip: Millis;
    }
  /** What the coordinator asks. `from`: whose name comes first. */
  | { readonly kind: 'asked-to-prepare'; readonly id: string; readonly from: 'first' | 'second' }
  | { readonly kind: 'asked-to-commit'; readonly id: string; readonly delay: Millis }
  | { readonly kind: 'asked-to-withdraw'; readonly id: string }
  | { readonly kind: 'alarm' };

export type Answer =
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string }
  /** To a withdrawal: it was carried out before. */
  | { readonly kind: 'switched' };

export type JointEffect =
  /** Read the file and make ready; `ready` or `unready` follows. */
  | { readonly kind: 'prepare'; readonly id: string }
  /** What was made ready is not wanted any more. */
  | { readonly kind: 'discard'; readonly id: string }
  | {
      readonly kind: 'ask';
      readonly id: string;
      readonly ask: 'prepare' | 'withdraw';
      readonly within: Millis;
    }
  | {
      readonly kind: 'ask';
      readonly id: string;
      readonly ask: 'commit';
      readonly within: Millis;
      readonly delay: Millis;
    }
  /** To the coordinator's question. */
  | {
      readonly kind: 'answer';
      readonly id: string;
      readonly to: 'prepare' | 'commit' | 'withdraw';
      readonly answer: Exclude<Answer, { kind: 'lost' }>;
    }
  /** From now on the other node may switch, so no silence of it proves anything. */
  | { readonly kind: 'expect' }
  /** It does not. */
  | { readonly kind: 'relax' }
  /** It may have, or may yet until then. */
  | { readonly kind: 'doubt'; readonly until: Instant }
  | { readonly kind: 'switch'; readonly id: string; readonly lateBy: Millis }
  /** For the operator who asked, or, on a participant, for the log. */
  | { readonly kind: 'end'; readonly id: string; readonly outcome: JointOutcome };

export type JointOutcome =
  | { readonly kind: 'switched' }
  /** Nothing has changed on either node. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing has changed here, and perhaps on the other node. */
  | { readonly kind: 'doubtful'; readonly why: string };

export interface JointStep {
  readonly state: JointChange;
  readonly effects: readonly JointEffect[];
}
