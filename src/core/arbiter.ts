/**
 * One decision from two paths. VRRP says whether the peer is heard on the LAN, the pair channel whether it lives and
 * what it does; together they tell a dead peer from a broken path. What the channel says is turned into what VRRP would
 * have said, so that there is one state machine and not two.
 */
import type { PeerLife } from './fault-detector.js';
import type { RoleName } from './notice.js';
import type { GroupView } from './peer-view.js';

export interface Evidence {
  /** Of this node. */
  readonly role: RoleName;
  /** `silent`: none of anybody for longer than two of the peer's intervals, while this node listened. */
  readonly adverts: 'heard' | 'silent';
  readonly life: PeerLife;
  /** The peer's last word of this group, and the one before. */
  readonly view: GroupView | undefined;
  readonly before: GroupView | undefined;
  /** Whether the peer is whom this node takes for the master. */
  readonly isMaster: boolean;
  /** `differs`: the nodes are configured otherwise where they must be the same: neither may hear the other's adverts. */
  readonly agreement: 'same' | 'differs';
}

export type Ruling =
  /** The channel has nothing to add. */
  | 'vrrp'
  /** As an advert of the peer: a backup waits on, and of two masters the lesser gives way. */
  | 'advert'
  /** As priority 0 of the peer: a backup waits only its skew. */
  | 'resignation';

/** What the channel's word counts as. */
export function arbitrate(evidence: Evidence): Ruling {
  const { role, adverts, life, view, agreement } = evidence;
  if (view === undefined || (role !== 'backup' && role !== 'master')) {
    return 'vrrp';
  }
  if (role === 'backup' && hasLeft(evidence, view)) {
    return 'resignation';
  }
  if (agreement === 'differs') {
    return isHeld(life, view) ? 'advert' : 'vrrp';
  }
  const holds = view.role === 'master' && view.lan === 'reachable';
  // Only while it is fresh: what a master said before it fell silent must not keep the address from anybody.
  return life.name === 'fresh' && adverts === 'silent' && holds ? 'advert' : 'vrrp';
}

/**
 * Whoever says that it is master is believed unless it also says that nobody reaches it: that no advert is heard proves
 * nothing where one file was edited. One that hands over leaves its kernel answering for the next daemon.
 */
function isHeld(life: PeerLife, { role, lan }: GroupView): boolean {
  const speaks = life.name === 'fresh' || (life.name === 'goodbye' && life.why === 'handing over');
  return speaks && role === 'master' && lan !== 'unreachable';
}

/** A master that says itself that it is none any more, or that nobody reaches it. */
function hasLeft({ life, before, isMaster }: Evidence, view: GroupView): boolean {
  if (!isMaster) {
    return false;
  }
  if (life.name === 'goodbye') {
    return life.why === 'stopping' && serves(view);
  }
  if (life.name !== 'fresh' || before === undefined || !serves(before)) {
    return false;
  }
  return !serves(view) || (view.lan === 'unreachable' && before.lan !== 'unreachable');
}

function serves({ role }: GroupView): boolean {
  return role === 'master' || role === 'resigning';
}
