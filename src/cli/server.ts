/** `vipair server`: how operators want the proxy's servers to be used, on both nodes. */
import { askServer, askServers } from '../api/client.js';
import type { Aspect } from '../core/intents.js';
import type { ServerLoad } from '../core/served.js';
import { readExistence } from '../core/server-existence.js';
import { waitGoalOf } from '../core/server-wait.js';
import type {
  IntentRow,
  ServerHere,
  ServerRow,
  ServersAnswer,
  ServersReport,
} from '../telemetry/servers.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked, ServerAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good } from './paint.js';
import type { WaitAsked, WaitPorts } from './server-wait.js';
import { readWait, waitForServer, waitText } from './server-wait.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export async function listServers(asked: Asked): Promise<ExitCode> {
  const answer = await askServers(socketOf(asked));
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(renderServers(answer.value));
  }
  return EXIT.ok;
}

/**
 * Exit code 1 where it is an intent from now on, but the proxy of this node does not have it so; or where what is waited
 * for has not come about in time.
 */
export async function setServer(
  asked: ServerAsked,
  waitPorts: () => Promise<Pick<WaitPorts, 'clock' | 'signal'>>,
): Promise<ExitCode> {
  const { wait, form } = asked;
  const goal = wait === undefined ? undefined : waitGoalOf(asked.aspect, asked.value);
  const seconds = goal === undefined ? undefined : readWait(wait ?? '');
  if (wait !== undefined && seconds === undefined) {
    complain(`vipair: --wait: ${goal === undefined ? 'there is nothing to wait for' : WAIT_NEEDS}`);
    return EXIT.usage;
  }
  const answer = await askServer(socketOf(asked), asked);
  if (!answer.ok) {
    return reportFailure(answer.error, form);
  }
  const outcome = outcomeOf(asked, answer.value);
  if (outcome.isDone && goal !== undefined && seconds !== undefined) {
    const ports = { ...(await waitPorts()), ask: askServers, say: complain };
    return await waitFor({ ...asked, goal, seconds, stated: answer.value }, ports);
  }
  if (form === 'json') {
    printJson(answer.value);
  } else {
    (outcome.isDone ? print : complain)(outcome.text);
  }
  return outcome.isDone ? EXIT.ok : EXIT.failed;
}

type WaitedFor = ServerAsked &
  Pick<WaitAsked, 'goal' | 'seconds'> & { readonly stated: ServersAnswer };

async function waitFor(asked: WaitedFor, ports: WaitPorts): Promise<ExitCode> {
  const { form, server, goal, seconds, stated } = asked;
  complain(outcomeOf(asked, stated).text);
  const waited = await waitForServer({ socket: socketOf(asked), server, goal, seconds }, ports);
  const isReached = waited.outcome === 'done';
  if (form === 'json') {
    printJson({ ...stated, wait: waited });
  } else {
    (isReached ? print : complain)(waitText(server, waited));
  }
  return isReached ? EXIT.ok : EXIT.failed;
}

const WAIT_NEEDS = 'expected a whole number of seconds from 1 to 86400';

function outcomeOf(
  { server, aspect, value }: ServerAsked,
  answer: ServersAnswer,
): { readonly isDone: boolean; readonly text: string } {
  const [row] = answer.servers;
  const intent = row?.[aspect];
  const isGoing = aspect === 'existence' && readExistence(value)?.kind === 'absent';
  const why = intent?.refused === undefined ? '' : `: ${intent.refused}`;
  const said = `${server}: ${aspect === 'weight' ? 'weight ' : ''}${value}`;
  return {
    // A server that still serves is on its way, which is all that was asked for.
    isDone: isGoing || !AMISS.some((each) => each === intent?.here),
    text: `${said}, ${isGoing ? goingWords(row) : inWords(intent, row?.of)}${why}${keptWords(answer)}`,
  };
}

const AMISS: readonly IntentRow['here'][] = ['differs', 'superseded'];

function goingWords(row: ServerRow | undefined): string {
  if (row?.here === undefined) {
    return 'and HAProxy on this node does not have it any more';
  }
  return row.existence?.here === 'superseded'
    ? 'but haproxy.cfg has it by now: delete it there'
    : 'and HAProxy on this node finishes what it has; see vipair server list';
}

/** The whole page. */
export function renderServers(answer: ServersReport): string {
  const rows = answer.servers.map((row) => [
    row.name,
    ...hereCells(row.here),
    ...loadCells(answer, row.name),
    ...intentCells(row.admin, 'admin'),
    ...intentCells(row.weight, 'weight'),
    agreement(row),
  ]);
  const head = [
    'SERVER',
    'HAPROXY',
    'ADMIN',
    'WEIGHT',
    ...LOAD_HEAD,
    'WANTED',
    'BY',
    'WANTED',
    'BY',
    '',
  ];
  const table = rows.length === 0 ? 'no servers' : renderTable(head, rows);
  const notes = [
    ...(answer.problem === undefined ? [] : [bad(answer.problem)]),
    ...answer.loads.flatMap(({ node, problem }) =>
      problem === undefined ? [] : [doubtful(`sessions on ${node} are not known: ${problem}`)],
    ),
    ...(answer.kept === 'on disk' ? [] : [doubtful(`what is wanted: ${answer.kept}`)]),
  ];
  return [table, ...notes].join('\n\n');
}

function hereCells(here: ServerHere | undefined): readonly string[] {
  if (here === undefined) {
    return ['–', '–', '–'];
  }
  const { state, admin, inherited, weight, configuredWeight } = here;
  const weights = weight === configuredWeight ? '' : ` of ${String(configuredWeight)}`;
  return [
    state,
    inherited === 'nothing' ? admin : `${admin} (${inherited} inherited)`,
    `${String(weight)}${weights}`,
  ];
}

/** As HAProxy's own checks see it on this node, with its sessions on each node and what failed on this one. */
function loadCells({ loads }: ServersReport, name: string): readonly string[] {
  const found = loads.map(({ servers }) => servers.find((each) => each.name === name));
  const [here] = found;
  const sessions = found.map((each) => (each === undefined ? '–' : String(each.sessions)));
  const status = here === undefined ? '–' : [here.status, here.check ?? []].flat().join(', ');
  return [status, sessions.join(' + '), here === undefined ? '–' : failuresOf(here)];
}

function failuresOf({ failed: { checks, connects, answers } }: ServerLoad): string {
  return [checks, connects, answers].map(String).join('/');
}

/** Sessions here and on the other node; failed checks, connects and answers. */
const LOAD_HEAD = ['STATUS', 'SESSIONS', 'FAILED'] as const;

function intentCells(intent: IntentRow | undefined, aspect: Aspect): readonly string[] {
  if (intent === undefined) {
    return ['–', '–'];
  }
  const at = new Date(intent.at).toISOString().replace('T', ' ').slice(0, SECONDS_SHOWN);
  return [aspect === 'weight' ? `weight ${intent.value}` : intent.value, `${intent.node} ${at}`];
}

function agreement({ here, admin, weight, existence }: ServerRow): string {
  const intents = [existence, admin, weight].filter((each) => each !== undefined);
  const refused = intents.flatMap((each) => each.refused ?? [])[0];
  const added = definitionOf(existence);
  if (existence !== undefined && added === undefined && here !== undefined) {
    return doubtful(goingHere(existence));
  }
  const more = added === undefined ? '' : `, added: ${added}`;
  if (here === undefined) {
    return doubtful(
      `${refused === undefined ? 'HAProxy has no such server' : `refused: ${refused}`}${more}`,
    );
  }
  if (existence?.here === 'superseded') {
    return doubtful(`haproxy.cfg has it by now${more}`);
  }
  if (intents.some((each) => each.here === 'differs')) {
    return bad(refused === undefined ? 'differs' : `refused: ${refused}`);
  }
  return intents.length === 0 ? '' : `${good('as wanted')}${more}`;
}

/** Of what was added: how. */
function definitionOf(existence: IntentRow | undefined): string | undefined {
  const wanted = existence === undefined ? undefined : readExistence(existence.value);
  return wanted?.kind === 'present' ? wanted.definition : undefined;
}

function goingHere({ here, refused }: IntentRow): string {
  if (here !== 'differs') {
    return here === 'superseded' ? 'haproxy.cfg has it by now, wanted: removed' : '';
  }
  return refused === undefined ? 'is being removed' : `is being removed: ${refused}`;
}

function inWords(intent: IntentRow | undefined, of: ServerRow['of']): string {
  const who = of === 'service' ? 'the kernel of this node' : 'HAProxy on this node';
  return {
    agrees: `and ${who} has it so`,
    differs: `but ${who} does not have it so`,
    superseded: 'but haproxy.cfg has it',
    unknown: `for when ${who} can be told`,
  }[intent?.here ?? 'unknown'];
}

function keptWords({ kept }: ServersAnswer): string {
  return kept === 'on disk' ? '' : `; not on the disk yet (${kept})`;
}

const SECONDS_SHOWN = '2026-01-01 00:00:00'.length;
