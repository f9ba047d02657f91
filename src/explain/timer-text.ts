/** What a node is waiting for: each alarm that it has asked for, the next one first. */
import type { Instant } from '../base/time.js';
import type { AnnouncePlan } from '../core/announce-plan.js';
import type { GroupParams } from '../core/group-params.js';
import type { GroupState } from '../core/group-state.js';
import { lifeDeadline } from '../core/fault-detector.js';
import type { NodeState } from '../core/node.js';
import { proxyDeadline } from '../core/proxy-probe.js';
import type { ProxyState } from '../core/proxy-state.js';
import { trackerDeadline, withStates } from '../core/tracking.js';
import { unreachable } from '../base/unreachable.js';
import type { VrrpState } from '../core/vrrp-state.js';
import type { Scene } from './scene.js';
import { groupScene } from './scene.js';

export interface NamedAlarm {
  readonly at: Instant;
  /** What it is for, such as `master down`. */
  readonly name: string;
}

/** All alarms of the node; the first of them is its deadline. */
export function alarmsOf(scene: Scene, state: NodeState): readonly NamedAlarm[] {
  const several = state.groups.length > 1;
  const groups = state.groups.flatMap((group, index) => {
    const { params } = groupScene(scene, index);
    const all =
      state.phase === 'stopping'
        ? [...ofRouter(params, group.vrrp), ...ofLastWord(group)]
        : ofGroup(params, group);
    return all.map(({ at, name }) => ({ at, name: several ? `${params.group} ${name}` : name }));
  });
  const proxyAt = state.phase === 'stopping' ? undefined : proxyDeadline(state.proxy);
  const proxy = known([proxyAt, proxyText(state.proxy)]);
  const peerAt = state.phase === 'stopping' ? undefined : lifeDeadline(state.peer.life);
  const peer = known([peerAt, 'no heartbeat of the other daemon']);
  return [...groups, ...proxy, ...peer].toSorted((a, b) => a.at - b.at);
}

function proxyText(proxy: ProxyState): string {
  switch (proxy.name) {
    case 'seeking':
    case 'starting':
      return 'connect to the proxy';
    case 'serving':
      return proxy.probe.kind === 'due' ? 'ask the proxy' : 'no answer of the proxy';
    case 'holding':
      return 'start the proxy without a replicator';
    case 'none':
    case 'checking':
    case 'ending':
    case 'waiting':
      return 'try the proxy again';
    default:
      return unreachable(proxy);
  }
}

function ofGroup(params: GroupParams, state: GroupState): readonly NamedAlarm[] {
  const trackers = withStates(params.things, state.trackers).map(([thing, tracker]): Possible => [
    trackerDeadline(thing, tracker),
    `${thing.name} counts as it is now`,
  ]);
  return [
    ...ofRouter(params, state.vrrp),
    ...ofLastWord(state),
    ...known(
      [state.rest?.until, 'takes part again'],
      [state.adoptBy, 'the lease that could be adopted ends'],
      [state.firstClaim?.nextProbeAt, 'ask again who has the addresses'],
      [state.inquiry?.nextAt, 'ask whether the master lives'],
      ...trackers,
    ),
  ];
}

function ofRouter(params: GroupParams, vrrp: VrrpState): readonly NamedAlarm[] {
  switch (vrrp.name) {
    case 'initialize':
      return [];
    case 'backup':
      return [{ at: vrrp.masterDownAt, name: 'master down' }];
    case 'master':
      return known(
        [vrrp.nextAdvertAt, 'advertise'],
        [vrrp.announcements?.nextAt, announcementText(params, vrrp.announcements)],
      );
    case 'resigning':
      return [{ at: vrrp.until, name: 'no successor' }];
    default:
      return unreachable(vrrp);
  }
}

function ofLastWord({ lastWord }: GroupState): readonly NamedAlarm[] {
  return known([lastWord?.nextAt, 'say the last word again']);
}

function announcementText({ announce }: GroupParams, plan: AnnouncePlan | undefined): string {
  const which = `${String((plan?.sent ?? 0) + 1)} of ${String(announce.burst)}`;
  const phase = plan?.phase;
  switch (phase) {
    case 'first-burst':
      return `announce (first burst, ${which})`;
    case 'second-burst':
      return `announce (second burst, ${which})`;
    case 'refresh':
    case undefined:
      return 'announce (refresh)';
    default:
      return unreachable(phase);
  }
}

type Possible = readonly [Instant | undefined, string];

function known(...alarms: readonly Possible[]): readonly NamedAlarm[] {
  return alarms.flatMap(([at, name]) => (at === undefined ? [] : [{ at, name }]));
}
