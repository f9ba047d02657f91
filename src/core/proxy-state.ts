/** The states, events and effects of the supervised proxy's life. */
import type { Instant, Millis } from '../base/time.js';
import type { Notice } from './notice.js';

export interface ProxyParams {
  /** Who starts it, and starts it again: this daemon, or systemd, whose proxy is never started nor ended by us. */
  readonly run: 'supervised' | 'systemd';
  readonly probeEvery: Millis;
  readonly probeTimeout: Millis;
}

export type ProxyState =
  /** No proxy is configured: the pair moves addresses only. */
  | { readonly name: 'none' }
  /** Looking for one that a former life left running, until `giveUpAt`. */
  | {
      readonly name: 'seeking';
      readonly deaths: Deaths;
      /** When to try again to connect; undefined while trying. */
      readonly connectAt: Instant | undefined;
      readonly giveUpAt: Instant | undefined;
    }
  | { readonly name: 'checking'; readonly deaths: Deaths }
  /** Its configuration is valid: it is started once the replicator listens for it, or at `startAt`. */
  | { readonly name: 'holding'; readonly deaths: Deaths; readonly startAt: Instant }
  | {
      readonly name: 'starting';
      readonly deaths: Deaths;
      readonly connectAt: Instant | undefined;
      readonly giveUpAt: Instant;
    }
  | {
      readonly name: 'serving';
      readonly deaths: Deaths;
      readonly pid: number;
      readonly since: Instant;
      readonly probe:
        | { readonly kind: 'due'; readonly at: Instant }
        | { readonly kind: 'asked'; readonly answerBy: Instant; readonly extended: 'no' | 'yes' };
    }
  /** Being ended, because what is left of it must not stand in the way of the next. */
  | {
      readonly name: 'ending';
      readonly deaths: Deaths;
      readonly cause: string;
      readonly then: 'check' | 'wait';
    }
  | {
      readonly name: 'waiting';
      readonly deaths: Deaths;
      readonly cause: string;
      readonly retryAt: Instant;
    };

/** When it died, lately. */
export type Deaths = readonly Instant[];

export type ProxyEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'connected'; readonly pid: number }
  /** `silent`: something is there, and does not answer. */
  | {
      readonly kind: 'connect-refused';
      readonly found: 'nothing' | 'silent';
      readonly detail: string;
    }
  | { readonly kind: 'connection-ended' }
  /** `successor`: by another worker of the same master, which a reload has put in its place. */
  | { readonly kind: 'answered'; readonly by?: 'successor' }
  /** `awaited`: it has stick tables to replicate, and the replicator does not listen for it yet. */
  | { readonly kind: 'check-passed'; readonly replicator?: 'awaited' | undefined }
  /** The replicator listens for it, or has said why it cannot. */
  | { readonly kind: 'replicator-ready' }
  | { readonly kind: 'check-refused'; readonly detail: string }
  | { readonly kind: 'started' }
  | { readonly kind: 'start-refused'; readonly detail: string }
  | { readonly kind: 'exited'; readonly how: string }
  | { readonly kind: 'killed' }
  | { readonly kind: 'alarm' };

export type ProxyEffect =
  | { readonly kind: 'proxy-connect' }
  | { readonly kind: 'proxy-check' }
  | { readonly kind: 'proxy-start' }
  | { readonly kind: 'proxy-probe' }
  | { readonly kind: 'proxy-disconnect' }
  | { readonly kind: 'proxy-kill' }
  | { readonly kind: 'tell'; readonly notice: Notice };

export interface ProxyStep {
  readonly state: ProxyState;
  readonly effects: readonly ProxyEffect[];
}
