/** `vipair failback`: the preferred node takes a group back, where the configuration leaves that to an operator. */
import { askFailback } from '../api/client.js';
import { reportFailure, socketOf } from './asking.js';
import type { GroupAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain, confirm, print, printJson } from './terminal.js';

export async function failback(asked: GroupAsked): Promise<ExitCode> {
  const name = asked.group ?? 'the group';
  if (asked.consent === 'asked for') {
    const answer = await confirm(
      `The preferred node takes ${name} back; connections through the proxy of the other are broken. Go on?`,
    );
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const accepted = await askFailback(socketOf(asked), asked.group);
  if (!accepted.ok) {
    return reportFailure(accepted.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(accepted.value);
  } else {
    const from = accepted.value.from === undefined ? '' : ` from ${accepted.value.from}`;
    print(
      `${accepted.value.node} takes ${accepted.value.group} back${from} within about three adverts`,
    );
  }
  return EXIT.ok;
}
