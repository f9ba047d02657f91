/** A group of one IPv4 instance, its states, and what it hears. */
import type { Ip } from '../../../src/base/ip.js';
import { millis } from '../../../src/base/time.js';
import { UNHEARD } from '../../../src/core/fault-detector.js';
import type { PeerWord } from '../../../src/core/group-peer.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupState } from '../../../src/core/group-state.js';
import type { Orders } from '../../../src/core/orders.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { Advert } from '../../../src/wire/vrrp.js';
import { backup, heard, HIGHER, OWN, PARAMS } from './given.js';

/** It tracks nothing, fails back never and asks nobody; its peer is preferred. */
export const GROUP: GroupParams = {
  ...PARAMS,
  instances: [{ interface: 'eth0', ownAddress: OWN }],
  peerPriority: 250,
  foreignPeers: [],
  failback: { kind: 'never' },
  startHold: millis(0),
  duplicateProbe: 'needless',
  inquiry: 'possible',
  things: [],
  keepConnections: undefined,
  agreement: 'alike',
};
/** Operators have stopped automatic moves. */
export const PAUSED: Orders = { ...NO_ORDERS, pause: { state: 'on', by: 'lb1', at: 7 } };
/** What they have ordered is not known yet. */
export const AWAITED: Orders = { ...NO_ORDERS, known: 'awaited' };
export const PROBING: GroupParams = { ...GROUP, duplicateProbe: 'wanted' };

/** Nothing was ever heard over a pair channel. */
export const NO_WORD: PeerWord = {
  life: UNHEARD,
  view: undefined,
  before: undefined,
  roleSince: undefined,
};

export const INITIALIZE = { name: 'initialize' } as const;

/** Its link is up and it takes part, as backup unless told otherwise. */
export function group(changes: Partial<GroupState> = {}, params = GROUP): GroupState {
  return {
    ...unstarted(params),
    links: params.instances.map(() => 'up'),
    joined: 'before',
    fault: undefined,
    vrrp: backup(),
    ...changes,
  };
}

/** Looked around, and its fitness is not settled yet. */
export function begun(changes: Partial<GroupState> = {}, params = GROUP): GroupState {
  return { ...unstarted(params), links: params.instances.map(() => 'up'), ...changes };
}

/** An advert that one of the group's instances received. */
export function arrived(
  priority: number,
  source: Ip = HIGHER,
  instance = 0,
): { readonly instance: number; readonly source: Ip; readonly advert: Advert } {
  return { instance, source, advert: heard(priority).advert };
}
