/** The other node as a whole node of its own, made from what it says of itself: to imagine what it would do. */
import { later, millis } from '../../base/time.js';
import type { Instant } from '../../base/time.js';
import type { GroupParams } from '../../core/group-params.js';
import type { GroupState } from '../../core/group-state.js';
import { unstarted } from '../../core/group-state.js';
import { leaseUntil } from '../../core/lease.js';
import type { NodeParams, NodeState } from '../../core/node.js';
import { IN_MAINTENANCE, isOn } from '../../core/orders.js';
import { NO_PEER } from '../../core/node-peer.js';
import type { GroupView } from '../../core/peer-view.js';
import { fullPriority } from '../../core/priority.js';
import type { VrrpState } from '../../core/vrrp-state.js';
import { listening } from '../../core/vrrp-transitions.js';

export interface PeerModel {
  readonly params: NodeParams;
  readonly state: NodeState;
}

/**
 * Its configuration is taken to be this node's, and whatever it tracks to stay as it is: its priority stays what it says.
 * A node that says it takes no part never will. Undefined where it says nothing of one of the groups.
 */
export function modelPeer(
  params: NodeParams,
  state: NodeState,
  now: Instant,
): PeerModel | undefined {
  const modelled = params.groups.flatMap((group, index) => {
    const view = state.peer.views.get(group.group);
    const own = state.groups[index];
    return view === undefined || own === undefined
      ? []
      : [{ params: mirrored(group, view), state: imagine(group, own, view, now) }];
  });
  return modelled.length < params.groups.length
    ? undefined
    : {
        params: { groups: modelled.map((each) => each.params), proxy: undefined },
        state: {
          phase: 'running',
          peer: NO_PEER,
          groups: modelled.map((each) => each.state),
          proxy: { name: 'none' },
        },
      };
}

function mirrored(group: GroupParams, view: GroupView): GroupParams {
  const full = fullPriority(group.priority, group.things);
  return {
    ...group,
    // In full health it has what is added for things that are well, as this node has.
    priority: group.peerPriority - (full - group.priority),
    peerPriority: full,
    instances: group.instances.map((each) => ({ ...each, ownAddress: view.address })),
  };
}

function imagine(group: GroupParams, own: GroupState, view: GroupView, now: Instant): GroupState {
  const params = mirrored(group, view);
  const vrrp = machineOf(group, own, view, now);
  const takesPart = vrrp.name !== 'initialize';
  return {
    ...unstarted(params),
    trackers: params.things.map(() => ({ verdict: { kind: 'well' }, doubt: undefined })),
    priority: view.priority,
    // Seen from there.
    orders: { ...own.orders, own: own.orders.peer, peer: own.orders.own },
    kept: isOn(own.orders.peer) && takesPart ? IN_MAINTENANCE : undefined,
    links: group.instances.map(() => (takesPart ? 'up' : 'down')),
    joined: 'before',
    fault: takesPart ? undefined : `link ${group.instances[0]?.interface ?? ''} down`,
    vrrp,
    quietSince: takesPart ? now : undefined,
  };
}

function machineOf(group: GroupParams, own: GroupState, view: GroupView, now: Instant): VrrpState {
  if (view.role === 'backup') {
    const [leading] = group.instances;
    const heard = listening({ ...group, priority: view.priority }, group.interval, now);
    return own.vrrp.name === 'master' && leading !== undefined
      ? { ...heard, master: { address: leading.ownAddress, priority: own.priority } }
      : heard;
  }
  if (view.role === 'master' || view.role === 'resigning') {
    const heardAt = own.quietSince ?? now;
    const due = later(heardAt, view.interval);
    return {
      name: 'master',
      nextAdvertAt: due > now ? due : later(now, SOON),
      lastAdvertAt: heardAt,
      leaseUntil: leaseUntil(now, view.interval),
      announcements: undefined,
      contest: undefined,
    };
  }
  return { name: 'initialize' };
}

/** Its advert is due, and may be under way. */
const SOON = millis(1);
