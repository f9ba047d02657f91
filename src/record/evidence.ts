/** What a node knew when a group's role changed, from the state before and after the step that changed it. */
import type { Instant } from '../base/time.js';
import { between, later, tenths } from '../base/time.js';
import type { GroupParams } from '../core/group-params.js';
import type { GroupState } from '../core/group-state.js';
import { inWords } from '../core/group-tracking.js';
import type { NodeEvent, NodeState } from '../core/node.js';
import type { ProxyState } from '../core/proxy-state.js';
import { withStates } from '../core/tracking.js';
import type { AdvertsEvidence, Evidence, HeartbeatEvidence } from '../telemetry/transition.js';

/** One group in the step that changed its role. */
export interface GroupScene {
  readonly params: GroupParams;
  readonly before: GroupState;
  readonly after: GroupState;
  /** The node after the step. */
  readonly node: NodeState;
  readonly event: NodeEvent;
  readonly at: Instant;
  /** The peer's last heartbeat; undefined before the first. */
  readonly heartbeatAt: Instant | undefined;
  /** When the master said that it resigns; undefined while it has not. */
  readonly resignedAt: Instant | undefined;
}

export function evidenceOf(scene: GroupScene): Evidence {
  const { params, after, node, event } = scene;
  const view = node.peer.views.get(params.group);
  return {
    priority: after.priority,
    adverts: advertsOf(scene),
    heard:
      event.kind === 'advert'
        ? { source: event.source, priority: event.advert.priority }
        : undefined,
    heartbeat: heartbeatOf(scene),
    peerSaid:
      view === undefined ? undefined : { role: view.role, priority: view.priority, lan: view.lan },
    links: params.instances.flatMap(({ interface: name }, index) => {
      const link = after.links[index];
      return link === undefined || link === 'up' ? [] : [`${name} ${link}`];
    }),
    checks: checksOf(params, after),
    proxy: proxyOf(node.proxy),
  };
}

/** When the first sign was there of what this step decided; undefined where nothing tells. */
export function firstSignOf(scene: GroupScene): Instant | undefined {
  const { before, after, event, at } = scene;
  const doubted = before.trackers.flatMap(({ verdict, doubt }, index) =>
    doubt === undefined || after.trackers[index]?.verdict.kind === verdict.kind
      ? []
      : [doubt.since],
  );
  if (doubted.length > 0) {
    return doubted.reduce((first, each) => (each < first ? each : first));
  }
  if (event.kind !== 'alarm') {
    return at;
  }
  const { vrrp, quietSince } = before;
  if (vrrp.name !== 'backup') {
    return undefined;
  }
  if (vrrp.resigned === 'yes') {
    return scene.resignedAt;
  }
  const known = vrrp.master !== undefined && vrrp.outranked === undefined;
  const due = quietSince === undefined ? undefined : later(quietSince, vrrp.masterInterval);
  return known && due !== undefined && due <= at ? due : undefined;
}

function advertsOf({ before, at }: GroupScene): AdvertsEvidence | undefined {
  const { vrrp, quietSince } = before;
  if (vrrp.name !== 'backup' || quietSince === undefined) {
    return undefined;
  }
  const silentFor = between(quietSince, at);
  return {
    silentForMs: tenths(silentFor),
    intervalMs: vrrp.masterInterval,
    missed: Math.max(0, Math.floor(silentFor / vrrp.masterInterval)),
  };
}

function heartbeatOf({ node, heartbeatAt, at }: GroupScene): HeartbeatEvidence | undefined {
  const { life } = node.peer;
  return life.name === 'unheard'
    ? undefined
    : {
        life: life.name === 'goodbye' ? `goodbye: ${life.why}` : life.name,
        agoMs: heartbeatAt === undefined ? undefined : tenths(between(heartbeatAt, at)),
      };
}

function checksOf({ things }: GroupParams, { trackers }: GroupState): readonly string[] {
  return withStates(things, trackers)
    .filter(([, { verdict }]) => verdict.kind === 'failing' || verdict.kind === 'value')
    .slice(0, MOST_CHECKS)
    .map(([{ name }, { verdict }]) => cut(`${name} ${inWords(verdict)}`));
}

function proxyOf(proxy: ProxyState): string | undefined {
  if (proxy.name === 'none' || proxy.name === 'serving') {
    return undefined;
  }
  return 'cause' in proxy ? cut(`${proxy.name}: ${proxy.cause}`) : proxy.name;
}

/** What strangers and scripts say is no longer than a line can be. */
export function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

const MOST_CHECKS = 8;
const MOST_CHARACTERS = 240;
