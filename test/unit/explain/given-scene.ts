/** One step of a node of one or two groups, in words. */
import type { Instant } from '../../../src/base/time.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import type { GroupState } from '../../../src/core/group-state.js';
import type { NodeEvent, NodeParams, NodeState } from '../../../src/core/node.js';
import { stepNode } from '../../../src/core/node.js';
import type { ProxyState } from '../../../src/core/proxy-state.js';
import type { Explanation } from '../../../src/explain/explain.js';
import { explain } from '../../../src/explain/explain.js';
import type { Happened, Scene } from '../../../src/explain/scene.js';
import { secondsSince } from '../../../src/explain/scene.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import { NOW, VIP } from '../core/given.js';
import { GROUP, group } from '../core/given-group.js';
import { PARAMS as PROXY } from '../core/given-proxy.js';

export function sceneOf(params: NodeParams): Scene {
  return { params, addresses: params.groups.map(() => [VIP]), clock: secondsSince(NOW) };
}

/** A node of one group that has no proxy, unless told otherwise. */
export function nodeOf(state: GroupState = group(), changes: Partial<NodeState> = {}): NodeState {
  return { phase: 'running', peer: NO_PEER, groups: [state], proxy: { name: 'none' }, ...changes };
}

export function happened(
  params: NodeParams,
  before: NodeState,
  event: NodeEvent,
  now: Instant = NOW,
): Happened {
  const { state, effects } = stepNode(params, before, event, now);
  return { before, event, now, after: state, effects };
}

/** What one group's step is told as. */
export function toldOf(
  state: GroupState,
  event: NodeEvent,
  { now = NOW, params = GROUP }: { readonly now?: Instant; readonly params?: GroupParams } = {},
): Explanation {
  const node: NodeParams = { groups: [params], proxy: undefined };
  return explain(sceneOf(node), happened(node, nodeOf(state), event, now));
}

/** What a step of a node with a proxy is told as; its group takes no part. */
export function toldOfProxy(proxy: ProxyState, event: NodeEvent): Explanation {
  const node: NodeParams = { groups: [GROUP], proxy: PROXY };
  const idle = group({ vrrp: { name: 'initialize' }, fault: 'link eth0 down', links: ['down'] });
  return explain(sceneOf(node), happened(node, nodeOf(idle, { proxy }), event));
}
