/** Both nodes side by side: this one's account, and what the other answers, or said last where it does not. */
import { between, millis, tenths } from '../base/time.js';
import type { PeerLife } from '../core/fault-detector.js';
import type { PeerState } from '../core/node-peer.js';
import type { GroupView } from '../core/peer-view.js';
import { prospectOf } from '../explain/prospect.js';
import type { Clock } from '../ports/clock.js';
import type {
  ClockDifference,
  NodeStatus,
  PairReport,
  PeerGroupStatus,
  PeerStatus,
} from '../telemetry/status.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { NodeWord } from '../wire/pair/node-word.js';
import { NODE_WORD } from '../wire/pair/node-word.js';
import { groupOfWord, sayNode, underWayOfWord } from './node-word.js';
import type { Answers, OwnNode, Peer } from './ports.js';
import type { ServedPorts } from './served-report.js';
import { servedAnswers, servedReport } from './served-report.js';

export interface ReportPorts extends ServedPorts {
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
  readonly own: Pick<OwnNode, 'status'>;
  /** What its heartbeats said last. */
  readonly heard: () => PeerState;
}

/** The other node is asked, and waited for no longer than {@link ANSWER_WITHIN}. */
export async function pairReport(ports: ReportPorts): Promise<PairReport> {
  const [peer, servers] = await Promise.all([
    ports.peer === undefined ? undefined : peerStatus(ports, ports.peer),
    servedReport(ports),
  ]);
  const status: NodeStatus = ports.own.status();
  const prospects = status.groups.map((group) => ({
    group: group.name,
    says: prospectOf(group, peer, status.orders),
  }));
  return { ...status, peer, prospects, servers };
}

/** What the other node may ask of this one. */
export function reportAnswers({
  own,
  clock,
  servers,
}: Pick<ReportPorts, 'own' | 'clock' | 'servers'>): Answers {
  return {
    ...servedAnswers({ servers }),
    status: () =>
      Promise.resolve({
        ok: true,
        value: JSON.stringify(sayNode(own.status(), clock.wallTime())),
      }),
  };
}

async function peerStatus({ clock, heard }: ReportPorts, peer: Peer): Promise<PeerStatus> {
  const askedAt = clock.now();
  const answer = await peer.ask('status', '{}', ANSWER_WITHIN);
  const took = between(askedAt, clock.now());
  const word = answer.ok ? readJson(NODE_WORD, answer.value) : answer;
  const { life, views } = heard();
  const known = { node: peer.name, life: lifeText(life) };
  if (word.ok) {
    return {
      ...known,
      ...ofWord(word.value),
      clock: clockOf(word.value.at, clock.wallTime(), took),
    };
  }
  const problem =
    typeof word.error === 'string' ? `its answer makes no sense: ${word.error}` : word.error.detail;
  return {
    ...known,
    word: views.size === 0 ? 'none' : 'last heartbeat',
    problem,
    ...{ release: undefined, proxy: undefined, clock: undefined, orders: undefined },
    groups: [...views.values()].map(ofView),
  };
}

function ofWord({
  release,
  proxy,
  requests,
  orders,
  underWay,
  groups,
}: NodeWord): Omit<PeerStatus, 'node' | 'life' | 'clock'> {
  return {
    ...{ word: 'answer', problem: undefined, release, proxy, requests, orders },
    underWay: underWay?.map(underWayOfWord),
    groups: groups.map(groupOfWord),
  };
}

/** Its clock was read somewhere on the way there and back. */
function clockOf(theirs: number, ours: number, took: number): ClockDifference {
  const within = took / 2;
  return { aheadMs: tenths(theirs - (ours - within)), withinMs: tenths(within) };
}

function ofView(view: GroupView): PeerGroupStatus {
  const { group, role, priority, health } = view;
  return {
    name: group,
    role,
    priority,
    health: { score: health, parts: [] },
    ...{ fault: undefined, kept: undefined, priorityWhy: undefined },
    ...{ master: undefined, outlook: undefined, drain: undefined },
  };
}

function lifeText(life: PeerLife): string {
  return life.name === 'goodbye' ? `goodbye: ${life.why}` : life.name;
}

/** An answer takes a few milliseconds; whoever asks for the status does not want to wait for a dead node. */
const ANSWER_WITHIN = millis(500);
