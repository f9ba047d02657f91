/** `vipair history`: the transitions of this node's groups, over restarts, with what led to each. */
import { askHistory } from '../api/client.js';
import type { Evidence, Phases, Transition } from '../telemetry/transition.js';
import { isLimitRight, reportFailure, socketOf } from './asking.js';
import type { HistoryAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good, strong } from './paint.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export async function history(asked: HistoryAsked): Promise<ExitCode> {
  if (!isLimitRight(asked.limit)) {
    return EXIT.usage;
  }
  const answer = await askHistory(socketOf(asked), { group: asked.group, limit: asked.limit });
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  const { transitions, kept } = answer.value;
  if (asked.form === 'json') {
    printJson(answer.value);
    return EXIT.ok;
  }
  if (transitions.length > 0) {
    print(asked.depth === 'details' ? renderDetails(transitions) : renderHistory(transitions));
  }
  if (kept !== 'on disk') {
    complain(kept === 'being read' ? STILL_READ : NOT_KEPT);
  }
  return EXIT.ok;
}

const STILL_READ = 'what former daemons kept is still being read';
const NOT_KEPT =
  'the disk does not take the history: what is newer than the last failure is in memory only (vipair events says why)';

/** One line each. */
export function renderHistory(transitions: readonly Transition[]): string {
  const rows = transitions.map((each) => [
    String(each.number),
    time(each.at),
    each.group,
    each.from,
    paintRole(each.to),
    durationOf(each.phases),
    each.cause,
  ]);
  return renderTable(['#', 'TIME (UTC)', 'GROUP', 'FROM', 'TO', 'TOOK', 'CAUSE'], rows);
}

/** A paragraph each. */
export function renderDetails(transitions: readonly Transition[]): string {
  return transitions.map(details).join('\n\n');
}

function details(each: Transition): string {
  const { lastedMs, announcements } = each.ended;
  const announced =
    announcements === 0 ? '' : `, announced ${String(announcements)} times in that time`;
  const lines = [
    ['cause', `${each.cause} (${each.trigger})`],
    ['phases', phasesText(each.phases)],
    ...evidenceLines(each.evidence),
    ['before', `${each.from} for ${String(lastedMs)} ms${announced}`],
  ];
  return [
    `${strong(`#${String(each.number)}  ${time(each.at)}`)}  ${each.node}  ${each.group}: ${each.from} → ${paintRole(each.to)}`,
    ...lines.map(([name = '', text = '']) => `  ${name.padEnd(NAME_WIDTH)}${text}`),
  ].join('\n');
}

const NAME_WIDTH = 11;

function phasesText({ decideMs, claimMs, announceMs }: Phases): string {
  const parts = [
    decisionText(decideMs),
    ...(claimMs === undefined ? [] : [`claimed ${ms(claimMs)} later`]),
    ...(announceMs === undefined ? [] : [`announced ${ms(announceMs)} later`]),
  ];
  return parts.join(', ');
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

/** From the first sign to the last phase that is known. */
function durationOf({ decideMs, claimMs, announceMs }: Phases): string {
  if (decideMs === undefined) {
    return '–';
  }
  return ms(Math.round((decideMs + (claimMs ?? 0) + (announceMs ?? 0)) * 10) / 10);
}

function paintRole(role: Transition['to']): string {
  if (role === 'master' || role === 'backup') {
    return good(role);
  }
  return role === 'fault' ? bad(role) : doubtful(role);
}

function ms(duration: number): string {
  return `${String(duration)} ms`;
}

function time(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}
