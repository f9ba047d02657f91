/** `vipair switchover`: the master hands a group to the other node; asked on either, it waits for the outcome. */
import { askPair, askSwitchover } from '../api/client.js';
import type { SwitchoverAnswer } from '../operator/deeds.js';
import type { ConnectionsStatus } from '../telemetry/status.js';
import { reportFailure, socketOf } from './asking.js';
import type { SwitchoverAsked } from './commands.js';
import type { DrainAsked, DrainWaited, DrainWaitPorts, Fate, Patience } from './drain-wait.js';
import { fateText, secondsToWait, waitedText, waitForDrain } from './drain-wait.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { readWait } from './server-wait.js';
import { complain, confirm, print, printJson } from './terminal.js';

export async function switchover(
  asked: SwitchoverAsked,
  waitPorts: () => Promise<Pick<DrainWaitPorts, 'clock' | 'signal'>>,
): Promise<ExitCode> {
  const { group, to, successor, form } = asked;
  const patience = patienceOf(asked);
  if (patience === undefined) {
    complain('vipair: --wait: expected a whole number of seconds from 1 to 86400');
    return EXIT.usage;
  }
  const socket = socketOf(asked);
  const fate = await fateOf(socket, group);
  if (asked.consent === 'asked for') {
    const answer = await confirm(questionOf(group, fate));
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const outcome = await askSwitchover(socket, { group, to, successor });
  if (!outcome.ok) {
    return reportFailure(outcome.error, form);
  }
  const answer = outcome.value;
  if (form === 'text') {
    tell(answer, fate);
  }
  const drain = drainAfter({ socket, patience, answer, fate });
  const waited =
    drain === undefined
      ? undefined
      : await waitForDrain(drain, { ...(await waitPorts()), ask: askPair, say: complain });
  tellWaited({ answer, fate, waited }, form);
  const isWhole = answer.kind !== 'undone' && (waited === undefined || isOver(waited));
  return isWhole ? EXIT.ok : EXIT.failed;
}

/** Undefined where what was typed is no time. */
function patienceOf({ wait }: SwitchoverAsked): Patience | undefined {
  if (wait === undefined) {
    return 'none';
  }
  return wait === '' ? 'whole' : readWait(wait);
}

interface Moved {
  readonly socket: string;
  readonly patience: Patience;
  readonly answer: SwitchoverAnswer;
  readonly fate: Fate;
}

/** What is waited for; undefined: nothing was asked for, or there is nothing. */
function drainAfter({ socket, patience, answer, fate }: Moved): DrainAsked | undefined {
  const seconds = secondsToWait(patience, fate);
  return answer.kind !== 'moved' || seconds === undefined
    ? undefined
    : { socket, group: answer.group, from: answer.node, seconds };
}

function tellWaited(
  {
    answer,
    fate,
    waited,
  }: Pick<Moved, 'answer' | 'fate'> & { readonly waited: DrainWaited | undefined },
  form: SwitchoverAsked['form'],
): void {
  if (form === 'json') {
    printJson({ ...answer, connections: knownOf(fate), wait: waited });
  } else if (waited !== undefined) {
    (isOver(waited) ? print : complain)(waitedText(waited));
  }
}

/** Why nothing is known, the daemon says when it is asked to move. */
async function fateOf(socket: string, group: string | undefined): Promise<Fate> {
  const report = await askPair(socket);
  const found = report.ok
    ? report.value.groups.find(({ name }) => group === undefined || name === group)
    : undefined;
  return found === undefined ? 'not known' : (found.connections ?? 'none to keep');
}

function knownOf(fate: Fate): ConnectionsStatus | undefined {
  return typeof fate === 'string' ? undefined : fate;
}

function questionOf(group: string | undefined, fate: Fate): string {
  const known = knownOf(fate);
  const open = known === undefined ? 'connections through its proxy are broken' : fateText(known);
  return `The master of ${group ?? 'the group'} gives it to the other node; ${open}. Go on?`;
}

/** What was open has come to an end, one way or the other. */
function isOver({ outcome }: DrainWaited): boolean {
  return outcome === 'drained' || outcome === 'reset';
}

function tell(answer: SwitchoverAnswer, fate: Fate): void {
  const known = knownOf(fate);
  const { node, group } = answer;
  switch (answer.kind) {
    case 'moved': {
      const open = known === undefined ? '' : `; ${fateText(known)}`;
      print(
        `${group} moved to ${answer.to} within ${answer.within.toFixed(1)} ms; ${node} gave it away${open}`,
      );
      return;
    }
    case 'already-there':
      print(`${group} is at ${node} already: nothing was changed`);
      return;
    case 'undone':
      complain(`undone: ${answer.reason}; ${node} is master again`);
      return;
    default:
      answer satisfies never;
  }
}
