/** What happened to a node, in the words of the field. */
import { between, centisToMillis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { ChangeWord } from '../core/group-change.js';
import type { GroupParams } from '../core/group-params.js';
import type { NodeEvent } from '../core/node.js';
import { isOn } from '../core/orders.js';
import type { ProxyEvent } from '../core/proxy-state.js';
import type { Sample } from '../core/tracking.js';
import type { Advert } from '../wire/vrrp.js';
import { PRIORITY_OWNER, PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { GroupScene, Happened, Scene } from './scene.js';
import { groupScene } from './scene.js';
import { alarmsOf } from './timer-text.js';
import { durationText, listText } from './wording.js';

/** One sentence for what went in. An alarm is named after the timers that ran out. */
export function eventText(scene: Scene, happened: Happened): string {
  const { event } = happened;
  if ('group' in event) {
    const several = scene.params.groups.length > 1;
    const group = groupScene(scene, event.group);
    return `${several ? `${group.params.group}: ` : ''}${groupEventText(group, event)}`;
  }
  switch (event.kind) {
    case 'started':
      return startedText(scene, event);
    case 'alarm':
      return alarmText(scene, happened);
    case 'proxy':
      return `proxy: ${proxyEventText(event.event)}`;
    case 'peer-heartbeat':
      return heartbeatText(event);
    case 'peer-goodbye':
      return `the other daemon says goodbye: it is ${event.why}`;
    case 'orders':
      return ordersText(event);
    case 'tables':
      return event.word === 'in'
        ? 'the stick tables of the other node are here'
        : 'the stick tables of the other node are not all here';
    case 'change':
      return changeText(event.word);
    case 'stop':
      return event.mode === 'release'
        ? 'the daemon is told to stop'
        : 'the daemon is told to hand over to the next one';
    default:
      return unreachable(event);
  }
}

function ordersText({ orders }: Extract<NodeEvent, { kind: 'orders' }>): string {
  const { known, pause, own, peer } = orders;
  const moves = isOn(pause) ? `automatic moves are paused by ${pause.by}` : 'moves are automatic';
  const maintained = [
    ...(isOn(own) ? ['; this node is in maintenance'] : []),
    ...(isOn(peer) ? ['; the other node is in maintenance'] : []),
  ];
  return known === 'yes'
    ? `orders: ${moves}${maintained.join('')}`
    : 'what operators have ordered is not known yet';
}

function changeText({ kind }: ChangeWord): string {
  switch (kind) {
    case 'expected':
      return 'both nodes are about to change their configuration at the same moment';
    case 'relaxed':
      return 'the configuration stays as it is on both nodes';
    case 'doubted':
      return 'the other node may have changed its configuration without this one';
    default:
      return unreachable(kind);
  }
}

function heartbeatText({ views }: Extract<NodeEvent, { kind: 'peer-heartbeat' }>): string {
  const said = views.map(
    ({ group, role, priority, lan }) =>
      `${group} ${role}, priority ${String(priority)}, LAN ${lan}`,
  );
  return `heartbeat of the other daemon: ${said.length === 0 ? 'no groups' : said.join('; ')}`;
}

type GroupEvent = Extract<NodeEvent, { readonly group: number }>;

function groupEventText({ params, addresses }: GroupScene, event: GroupEvent): string {
  switch (event.kind) {
    case 'advert':
      return `advert from ${event.source}${instanceText(params, event.instance)}, ${advertText(event.advert)}`;
    case 'link':
      return `${interfaceText(params, event.instance)} is ${event.state}`;
    case 'sampled':
      return `a look at ${thingText(params, event.index)}: ${sampleText(event.seen)}`;
    case 'address-claimed':
      return `${event.claim.mac} says that it has ${event.claim.address}`;
    case 'address-removed':
      return `somebody removes ${event.address}`;
    case 'addresses-held':
      return `the kernel confirms that it holds ${listText(addresses)}`;
    case 'address-refused':
      return `the kernel refuses an address: ${event.detail}`;
    case 'send-failed':
      return `an advert cannot be sent: ${event.detail}`;
    case 'probe-failed':
      return `the link cannot be asked who has the addresses: ${event.detail}`;
    case 'reconfigured':
      return 'its configuration has changed, as on the other node';
    case 'switchover':
      return 'an operator asks for a switchover';
    case 'failback':
      return 'an operator asks for the group back';
    default:
      return unreachable(event);
  }
}

function interfaceText({ instances }: GroupParams, index: number): string {
  return instances[index]?.interface ?? 'an interface';
}

function thingText({ things }: GroupParams, index: number): string {
  return things[index]?.name ?? 'a tracked thing';
}

/** Where there are several, by the interface and the address that this node has there. */
function instanceText({ instances }: GroupParams, index: number): string {
  const instance = instances[index];
  return instances.length > 1 && instance !== undefined
    ? ` on ${instance.interface} (${instance.ownAddress})`
    : '';
}

function advertText({ version, priority, maxAdvertInterval }: Advert): string {
  const interval = durationText(centisToMillis(maxAdvertInterval));
  return `priority ${String(priority)}${priorityNote(priority)}, interval ${interval}${version === 2 ? ', version 2' : ''}`;
}

function priorityNote(priority: number): string {
  if (priority === PRIORITY_RESIGNS) {
    return ' (it resigns)';
  }
  return priority === PRIORITY_OWNER ? ' (it owns the addresses)' : '';
}

function sampleText(seen: Sample): string {
  switch (seen.kind) {
    case 'well':
      return 'well';
    case 'failing':
      return `it fails, ${seen.why}`;
    case 'value':
      return `it holds ${String(seen.value)}`;
    default:
      return unreachable(seen);
  }
}

function startedText(scene: Scene, { found }: Extract<NodeEvent, { kind: 'started' }>): string {
  const several = scene.params.groups.length > 1;
  const each = found.map((here, index) => {
    const { params, addresses, clock } = groupScene(scene, index);
    const links = here.links.map((link, at) => `${interfaceText(params, at)} is ${link}`);
    const lease =
      here.leaseUntil === undefined
        ? 'without a lease'
        : `with a lease until ${clock(here.leaseUntil)}`;
    const left =
      here.leftOver === 'yes'
        ? `a former life left ${listText(addresses)} ${lease}`
        : 'no former life left anything';
    return `${several ? `${params.group}: ` : ''}${listText([...new Set(links)])}; ${left}`;
  });
  return `the daemon has looked around. ${each.join('. ')}`;
}

function alarmText(scene: Scene, { before, now }: Happened): string {
  const due = alarmsOf(scene, before).filter(({ at }) => at <= now);
  const [first] = due;
  if (first === undefined) {
    return 'alarm, although nothing is due';
  }
  const lateFor = between(first.at, now);
  const late = lateFor === 0 ? '' : `, ${durationText(lateFor)} late`;
  return `alarm: ${listText(due.map(({ name }) => name))}${late}`;
}

function proxyEventText(event: ProxyEvent): string {
  switch (event.kind) {
    case 'connected':
      return `connected, pid ${String(event.pid)}`;
    case 'connect-refused':
      return `${UNCONNECTED[event.found]}: ${event.detail}`;
    case 'check-refused':
      return `its configuration is refused: ${event.detail}`;
    case 'start-refused':
      return `its start is refused: ${event.detail}`;
    case 'exited':
      return `it exited: ${event.how}`;
    case 'begin':
    case 'alarm':
    case 'connection-ended':
    case 'answered':
    case 'check-passed':
    case 'replicator-ready':
    case 'started':
    case 'killed':
      return PLAIN_PROXY_EVENTS[event.kind];
    default:
      return unreachable(event);
  }
}

const UNCONNECTED = {
  nothing: 'nothing is there',
  silent: 'something is there and does not answer',
} as const;

const PLAIN_PROXY_EVENTS = {
  begin: 'it is looked for',
  alarm: 'its time is up',
  'connection-ended': 'its connection ended',
  answered: 'it answers',
  'check-passed': 'its configuration is valid',
  'replicator-ready': 'the replicator listens for it',
  started: 'it was started',
  killed: 'nothing of it runs any more',
} as const;
