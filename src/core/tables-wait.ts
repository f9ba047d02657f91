/**
 * Whether this node has the stick tables that the other node's proxy held. Until then it does not offer itself for a planned
 * move, and does not fail back; but not for ever, and a group that nobody else serves is never waited for.
 */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Notice } from './notice.js';

export type TablesWait =
  /** They are here, or none are replicated. */
  | { readonly kind: 'in' }
  | { readonly kind: 'awaited'; readonly until: Instant }
  /** They did not come in time: the node does without. */
  | { readonly kind: 'given-up' }
  /** Nor was the other daemon heard: nobody is waited for, until it is. */
  | { readonly kind: 'alone' };

/** What the replicator says: whether all of them have been handed to this node's proxy. */
export type TablesWord = 'in' | 'awaited';

/** Whether the other node's daemon is heard. */
export type PeerHeard = 'heard' | 'not heard';

export const TABLES_IN: TablesWait = { kind: 'in' };

/** The same object where nothing changed. */
export function hearTables(wait: TablesWait, word: TablesWord, now: Instant): TablesWait {
  if (word === 'in') {
    return wait.kind === 'in' ? wait : TABLES_IN;
  }
  return wait.kind === 'in' ? { kind: 'awaited', until: later(now, TABLES_PATIENCE) } : wait;
}

/** The same object where nothing changed. */
export function settleTables(wait: TablesWait, peer: PeerHeard, now: Instant): TablesWait {
  return wait.kind === 'awaited' && now >= wait.until
    ? { kind: peer === 'heard' ? 'given-up' : 'alone' }
    : wait;
}

/** The other daemon is there, or is not. The same object where nothing changed. */
export function meetPeer(wait: TablesWait, peer: PeerHeard, now: Instant): TablesWait {
  return wait.kind === 'alone' && peer === 'heard'
    ? { kind: 'awaited', until: later(now, TABLES_PATIENCE) }
    : wait;
}

/** What has changed, for people. */
export function tellTables(before: TablesWait, after: TablesWait): readonly Notice[] {
  if (before.kind === after.kind) {
    return [];
  }
  switch (after.kind) {
    case 'in':
      return [{ event: 'tables.in' }];
    case 'awaited':
      return [{ event: 'tables.awaited' }];
    case 'given-up':
      return [{ event: 'tables.given-up', waited: TABLES_PATIENCE }];
    case 'alone':
      return [];
    default:
      return unreachable(after);
  }
}

/** A million rows take some seconds; more than that is no delay but a fault, and a planned move may go on without. */
export const TABLES_PATIENCE: Millis = millis(60_000);
