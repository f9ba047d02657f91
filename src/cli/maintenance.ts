/** `vipair maintenance`: a node gives away what it has, and takes nothing back until that is ended. */
import { askMaintenance } from '../api/client.js';
import type { OrderAnswer } from '../telemetry/orders.js';
import { sinceText } from '../telemetry/orders.js';
import { reportFailure, socketOf } from './asking.js';
import type { MaintenanceAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { tellConfirmation } from './pause.js';
import { complain, confirm, print, printJson } from './terminal.js';

export async function maintenance(asked: MaintenanceAsked): Promise<ExitCode> {
  const { node, state, successor } = asked;
  if (asked.consent === 'asked for') {
    const question =
      state === 'on'
        ? `${node} gives away what it has; connections through its proxy are broken. Go on?`
        : `${node} takes part again, and takes back what its configuration says. Go on?`;
    const answer = await confirm(question);
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const answer = await askMaintenance(socketOf(asked), { node, state, successor });
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(inWords(answer.value, node));
  }
  const { holds } = answer.value;
  const confirmed = tellConfirmation(answer.value, asked.form);
  if (holds.length > 0 && asked.form === 'text') {
    complain(
      `${node} still has ${holds.join(', ')}: it gives it away when the other node is ready`,
    );
  }
  return holds.length > 0 ? EXIT.failed : confirmed;
}

function inWords({ orders, changed }: OrderAnswer, node: string): string {
  const given = orders.maintenance.find((each) => each.node === node);
  const stands =
    given === undefined
      ? `${node} is not in maintenance`
      : `${node} is in maintenance ${sinceText(given)}`;
  return changed === 'nothing' ? `${stands}: nothing was changed` : stands;
}
