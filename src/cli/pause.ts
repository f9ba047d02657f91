/** `vipair pause` and `vipair resume`: automatic moves are stopped, on both nodes, and go on. */
import { askPause } from '../api/client.js';
import type { OrderAnswer, PeerObeys } from '../telemetry/orders.js';
import { pausedText } from '../telemetry/orders.js';
import { reportFailure, socketOf } from './asking.js';
import type { PauseAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain, confirm, print, printJson } from './terminal.js';

export async function pause(asked: PauseAsked): Promise<ExitCode> {
  if (asked.consent === 'asked for') {
    const answer = await confirm(QUESTIONS[asked.state]);
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const answer = await askPause(socketOf(asked), asked.state);
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  const { orders, changed } = answer.value;
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(
      `${pausedText(orders) ?? 'moves are automatic'}${changed === 'nothing' ? ' already' : ''}`,
    );
  }
  return tellConfirmation(answer.value, asked.form);
}

/** What stands here does not stand everywhere until the other node says so: exit code 1 then. */
export function tellConfirmation(
  { kept, peer }: Pick<OrderAnswer, 'kept' | 'peer'>,
  form: PauseAsked['form'],
): ExitCode {
  if (form === 'text' && kept !== 'on disk') {
    complain(`not on the disk yet (${kept})`);
  }
  const problem = peer === undefined ? ALONE : problemText(peer);
  if (problem === undefined) {
    return EXIT.ok;
  }
  if (form === 'text') {
    complain(problem);
  }
  return EXIT.failed;
}

function problemText({ node, problem }: PeerObeys): string | undefined {
  return problem === undefined ? undefined : `${node} goes on as before: ${problem}`;
}

const ALONE = 'without a pair channel the other node is not told: say it there, too';
const QUESTIONS = {
  on: 'Neither node takes the addresses from the other by itself until vipair resume. Go on?',
  off: 'Either node may take the addresses from the other again, at once where it is fitter. Go on?',
} as const;
