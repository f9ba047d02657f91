/** `--wait` of `vipair server`: until the last connection is gone on both nodes, or a server that was added is up. */
import type { askServers } from '../api/client.js';
import { between, millis } from '../base/time.js';
import type { NodeView, WaitGoal, Waiting } from '../core/server-wait.js';
import { isReached, waitOn } from '../core/server-wait.js';
import type { Clock } from '../ports/clock.js';
import { pauseOrAbort } from '../ports/pause.js';
import type { NodeLoads } from '../telemetry/servers.js';

export interface WaitPorts {
  readonly clock: Pick<Clock, 'now' | 'alarm'>;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Of the daemon on this node: one server, on both nodes. */
  readonly ask: typeof askServers;
  /** How far it is, once a second. */
  readonly say: (text: string) => void;
}

export interface WaitAsked {
  readonly socket: string;
  readonly server: string;
  readonly goal: WaitGoal;
  readonly seconds: number;
}

/** With `--json`, as it stands. */
export interface WaitOutcome {
  /** `in the way`: haproxy.cfg of this node has the server, so it will not go. */
  readonly outcome: 'done' | 'not done' | 'interrupted' | 'in the way';
  readonly goal: WaitGoal;
  readonly seconds: number;
  /** What was known last. */
  readonly nodes: readonly NodeView[];
  /** Where a node could not be asked: why. */
  readonly problems: readonly string[];
}

/** Says once a second how far it is. A daemon that restarts meanwhile is asked again. */
export async function waitForServer(asked: WaitAsked, ports: WaitPorts): Promise<WaitOutcome> {
  const { server, goal, seconds } = asked;
  const { clock, signal, say } = ports;
  const begun = clock.now();
  let waiting: Waiting | undefined;
  for (;;) {
    const { views, problems, isInTheWay } = await look(asked, ports);
    waiting = waitOn(waiting, views);
    const after = Math.floor(between(begun, clock.now()) / MS);
    const known = { goal, seconds: after, nodes: views, problems };
    if (isReached(goal, waiting)) {
      return { outcome: 'done', ...known };
    }
    if (isInTheWay) {
      return { outcome: 'in the way', ...known };
    }
    if (signal.aborted) {
      return { outcome: 'interrupted', ...known };
    }
    if (after >= seconds) {
      return { outcome: 'not done', ...known };
    }
    say(`${server}: ${nodesText(views)} (${String(after)} s of ${String(seconds)} s)`);
    await pauseOrAbort(ports, LOOK_EVERY);
  }
}

/** What it came to, in a sentence. */
export function waitText(
  server: string,
  { outcome, goal, seconds, nodes, problems }: WaitOutcome,
): string {
  const last = [nodesText(nodes), ...problems].join('; ');
  const time = `${String(seconds)} s`;
  switch (outcome) {
    case 'done':
      return `${server}: ${goal} after ${time}: ${last}`;
    case 'not done':
      return `${server}: not ${goal} within ${time}, and still wanted so: ${last}`;
    case 'in the way':
      return `${server}: not ${goal}, and not waited for: haproxy.cfg of this node has it: delete it there on both nodes, and vipair proxy reload`;
    case 'interrupted':
      return `${server}: not waited for any longer, and still wanted so: ${last}`;
    default:
      return outcome satisfies never;
  }
}

/** What was typed behind `--wait`: nothing means {@link USUAL_WAIT}; undefined where it is no time. */
export function readWait(typed: string): number | undefined {
  if (typed === '') {
    return USUAL_WAIT;
  }
  const seconds = Number(typed);
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_WAIT ? seconds : undefined;
}

interface Looked {
  readonly views: readonly NodeView[];
  readonly problems: readonly string[];
  readonly isInTheWay: boolean;
}

async function look(
  { socket, server, goal }: WaitAsked,
  { ask }: Pick<WaitPorts, 'ask'>,
): Promise<Looked> {
  const answer = await ask(socket, server);
  if (!answer.ok) {
    const detail =
      answer.error.code === 'refused' ? answer.error.refusal.detail : answer.error.detail;
    const views = [{ node: 'this node', server: 'not known' }] as const;
    return { views, problems: [detail], isInTheWay: false };
  }
  const { loads, servers } = answer.value;
  const existence = servers.find(({ name }) => name === server)?.existence;
  return {
    views: loads.map((each) => ({ node: each.node, server: viewOf(each, server) })),
    problems: loads.flatMap(({ node, problem }) =>
      problem === undefined ? [] : [`${node}: ${problem}`],
    ),
    // What was added once, and is a line of haproxy.cfg by now, is not ours to remove.
    isInTheWay: goal === 'gone' && existence?.here === 'superseded',
  };
}

function viewOf({ problem, servers }: NodeLoads, server: string): NodeView['server'] {
  return problem === undefined
    ? (servers.find(({ name }) => name === server) ?? 'none')
    : 'not known';
}

function nodesText(views: readonly NodeView[]): string {
  return views.map((view) => `${view.node} ${viewText(view)}`).join(', ');
}

function viewText({ server }: NodeView): string {
  if (server === 'not known') {
    return 'not known';
  }
  return server === 'none'
    ? 'does not have it'
    : `${server.status} with ${String(server.sessions)} sessions`;
}

/** Seconds. */
const USUAL_WAIT = 300;
const LONGEST_WAIT = 86_400;
const MS = 1000;
const LOOK_EVERY = millis(MS);
