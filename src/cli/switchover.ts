/** `vipair switchover`: hands a group to the peer, and waits for the outcome. */
import { askSwitchover } from '../api/client.js';
import { reportFailure, socketOf } from './asking.js';
import type { SwitchoverAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain, confirm, print, printJson } from './terminal.js';

export async function switchover(asked: SwitchoverAsked): Promise<ExitCode> {
  const name = asked.group ?? 'the group';
  if (asked.consent === 'asked for') {
    const answer = await confirm(
      `This node gives ${name} to its peer; connections through the proxy here are broken. Go on?`,
    );
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const outcome = await askSwitchover(socketOf(asked), asked.group);
  if (!outcome.ok) {
    return reportFailure(outcome.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(outcome.value);
  } else if (outcome.value.kind === 'moved') {
    print(`${name} moved to ${outcome.value.to} within ${outcome.value.within.toFixed(1)} ms`);
  } else {
    complain(`undone: ${outcome.value.reason}; this node is master again`);
  }
  return outcome.value.kind === 'moved' ? EXIT.ok : EXIT.failed;
}
