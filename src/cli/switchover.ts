/** `vipair switchover`: the master hands a group to the other node; asked on either, it waits for the outcome. */
import { askSwitchover } from '../api/client.js';
import type { SwitchoverAnswer } from '../operator/deeds.js';
import { reportFailure, socketOf } from './asking.js';
import type { SwitchoverAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain, confirm, print, printJson } from './terminal.js';

export async function switchover(asked: SwitchoverAsked): Promise<ExitCode> {
  const { group, to, successor } = asked;
  const name = group ?? 'the group';
  if (asked.consent === 'asked for') {
    const answer = await confirm(
      `The master of ${name} gives it to the other node; connections through its proxy are broken. Go on?`,
    );
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const outcome = await askSwitchover(socketOf(asked), { group, to, successor });
  if (!outcome.ok) {
    return reportFailure(outcome.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(outcome.value);
  } else {
    tell(outcome.value);
  }
  return outcome.value.kind === 'undone' ? EXIT.failed : EXIT.ok;
}

function tell(answer: SwitchoverAnswer): void {
  const { node, group } = answer;
  switch (answer.kind) {
    case 'moved':
      print(
        `${group} moved to ${answer.to} within ${answer.within.toFixed(1)} ms; ${node} gave it away`,
      );
      return;
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
