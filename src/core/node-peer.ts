/** What a node knows of the other node's daemon, by what it says over the pair channel and by its silence. */
import type { Instant, Millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Goodbye, PeerLife } from './fault-detector.js';
import { heartbeat, isOld, settleLife, UNHEARD } from './fault-detector.js';
import type { PeerWord } from './group-peer.js';
import type { Notice } from './notice.js';
import type { GroupView } from './peer-view.js';

export interface PeerState {
  readonly life: PeerLife;
  /** Its last word of each group by name, and the one before. */
  readonly views: ReadonlyMap<string, GroupView>;
  readonly before: ReadonlyMap<string, GroupView>;
  /** Since when it has the role in a group that it last said. */
  readonly rolesSince: ReadonlyMap<string, Instant>;
}

export type PeerEvent =
  /** How it is, and how often it will say so. */
  | {
      readonly kind: 'peer-heartbeat';
      readonly interval: Millis;
      /** For how long it may have been under way. */
      readonly age: Millis;
      readonly views: readonly GroupView[];
    }
  | { readonly kind: 'peer-goodbye'; readonly why: Goodbye };

export const NO_PEER: PeerState = {
  life: UNHEARD,
  views: new Map(),
  before: new Map(),
  rolesSince: new Map(),
};

/** The same object where it says nothing of now: a heartbeat that is as old as a late one proves no life. */
export function hearPeer(peer: PeerState, event: PeerEvent, now: Instant): PeerState {
  if (event.kind === 'peer-goodbye') {
    return { ...peer, life: { name: 'goodbye', why: event.why } };
  }
  return isOld(event)
    ? peer
    : {
        life: heartbeat(event.interval, now),
        views: new Map(event.views.map((view) => [view.group, view])),
        before: peer.views,
        rolesSince: new Map(event.views.map((view) => [view.group, roleSince(peer, view, now)])),
      };
}

/** The same object where nothing changed. */
export function settlePeer(peer: PeerState, now: Instant): PeerState {
  const life = settleLife(peer.life, now);
  return life === peer.life ? peer : { ...peer, life };
}

export function wordOf({ life, views, before, rolesSince }: PeerState, group: string): PeerWord {
  return {
    life,
    view: views.get(group),
    before: before.get(group),
    roleSince: rolesSince.get(group),
  };
}

function roleSince(
  { views, rolesSince }: PeerState,
  { group, role }: GroupView,
  now: Instant,
): Instant {
  const since = views.get(group)?.role === role ? rolesSince.get(group) : undefined;
  return since ?? now;
}

/** Whether its daemon counts as living. */
export function isHeard({ life }: PeerState): 'heard' | 'not heard' {
  return life.name === 'fresh' || life.name === 'late' ? 'heard' : 'not heard';
}

/** A late heartbeat is worth a word only once it has become a silence. */
export function tellPeer(from: PeerState, to: PeerState): readonly Notice[] {
  const names = [heardAs(from.life), heardAs(to.life)] as const;
  return names[0] === names[1] ? [] : [{ event: 'pair.peer', from: names[0], to: names[1] }];
}

function heardAs(life: PeerLife): string {
  switch (life.name) {
    case 'late':
      return 'fresh';
    case 'goodbye':
      return life.why;
    case 'unheard':
    case 'fresh':
    case 'gone':
      return life.name;
    default:
      return unreachable(life);
  }
}
