/** Moves and transitions in detail: a paragraph each, with evidence and phases. */
import type {
  Evidence,
  FirstRequestPhase,
  GroupMove,
  Phases,
  Transition,
} from '../telemetry/transition.js';
import { strong } from './paint.js';
import { paintRole } from './status/groups.js';
import { time } from './status/time.js';

/** What both nodes tell of one move: who let go, who claimed, and how long each part took. */
export function moveDetails({
  move,
  claim,
  letGo,
}: {
  readonly move: GroupMove;
  readonly claim: Transition;
  readonly letGo: readonly Transition[];
}): string {
  const { group, from, to } = move;
  const told = letGo.map((each) => ['let go', changeText(each)]);
  const lines = [
    ...(told.length === 0 ? [['let go', `${from} has told nothing of it`]] : told),
    ['claimed', changeText(claim)],
    ['gap', gapText(move)],
    ['phases', phasesText(claim.phases)],
    ...evidenceLines(claim.evidence),
    ...letGo.slice(0, 1).map((each) => ['before', beforeText(each)]),
  ];
  return paragraph(`${time(claim.at)}  ${group}: ${from} → ${to}`, lines);
}

export function transitionDetails(each: Transition): string {
  const lines = [
    ['cause', `${each.cause} (${each.trigger})`],
    ['phases', phasesText(each.phases)],
    ...evidenceLines(each.evidence),
    ['before', beforeText(each)],
  ];
  const head = `${time(each.at)}  ${each.group}: ${each.node} #${String(each.number)}`;
  return paragraph(`${head}  ${each.from} → ${paintRole(each.to)}`, lines);
}

/** From the first sign to the last announcement that is known. */
export function timeTaken({ decideMs, claimMs, announceMs }: Phases): string {
  if (decideMs === undefined) {
    return '–';
  }
  return ms(Math.round((decideMs + (claimMs ?? 0) + (announceMs ?? 0)) * 10) / 10);
}

function paragraph(head: string, lines: readonly (readonly string[])[]): string {
  return [
    strong(head),
    ...lines.map(([name = '', text = '']) => `  ${name.padEnd(NAME_WIDTH)}${text}`),
  ].join('\n');
}

const NAME_WIDTH = 11;

function changeText({ node, number, from, to, cause, trigger }: Transition): string {
  return `${node} #${String(number)}: ${from} → ${paintRole(to)}, ${cause} (${trigger})`;
}

/** By the clock that both nodes have in common. */
function gapText({ gapMs }: GroupMove): string {
  if (gapMs === undefined) {
    return 'not known';
  }
  return gapMs < 0
    ? `none: the new owner claimed ${ms(-gapMs)} before the former one let go`
    : `claimed ${ms(gapMs)} after it was let go`;
}

function beforeText({ node, from, ended: { lastedMs, announcements } }: Transition): string {
  const announced =
    announcements === 0 ? '' : `, announced ${String(announcements)} times in that time`;
  return `${node} was ${from} for ${ms(lastedMs)}${announced}`;
}

function phasesText({ decideMs, claimMs, announceMs, firstRequest }: Phases): string {
  const parts = [
    decisionText(decideMs),
    ...(claimMs === undefined ? [] : [`claimed ${ms(claimMs)} later`]),
    ...(announceMs === undefined ? [] : [`announced ${ms(announceMs)} later`]),
    ...(firstRequest === undefined ? [] : [requestText(firstRequest)]),
  ];
  return parts.join(', ');
}

function requestText(firstRequest: FirstRequestPhase): string {
  return firstRequest.kind === 'served'
    ? `first request served ${ms(firstRequest.afterMs)} later`
    : `no request served within ${ms(firstRequest.withinMs)}`;
}

function decisionText(decideMs: number | undefined): string {
  if (decideMs === undefined) {
    return 'first sign not known';
  }
  return decideMs === 0 ? 'decided at once' : `decided ${ms(decideMs)} after the first sign`;
}

function evidenceLines(evidence: Evidence): readonly (readonly string[])[] {
  const { adverts, heard, heartbeat, peerSaid, links, checks, proxy } = evidence;
  return [
    ['priority', String(evidence.priority)],
    ...(adverts === undefined
      ? []
      : [
          [
            'adverts',
            `none for ${ms(adverts.silentForMs)}: ${String(adverts.missed)} missed, one is due every ${ms(adverts.intervalMs)}`,
          ],
        ]),
    ...(heard === undefined
      ? []
      : [['heard', `${heard.source} with priority ${String(heard.priority)}`]]),
    ...(heartbeat === undefined
      ? []
      : [
          [
            'heartbeat',
            `${heartbeat.life}${heartbeat.agoMs === undefined ? '' : `, the last one ${ms(heartbeat.agoMs)} ago`}`,
          ],
        ]),
    ...(peerSaid === undefined
      ? []
      : [
          [
            'peer said',
            `${peerSaid.role}, priority ${String(peerSaid.priority)}, LAN ${peerSaid.lan}`,
          ],
        ]),
    ...(links.length === 0 ? [] : [['links', links.join(', ')]]),
    ...checks.map((check) => ['check', check]),
    ...(proxy === undefined ? [] : [['proxy', proxy]]),
  ];
}

function ms(duration: number): string {
  return `${String(duration)} ms`;
}
