/** `vipair switchover --at` and `--cancel`: a switchover is planned, and stands on both nodes until then. */
import { askPlan } from '../api/client.js';
import type { Clock } from '../ports/clock.js';
import { scheduleText } from '../telemetry/schedule.js';
import { reportFailure, socketOf } from './asking.js';
import type { PlanAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { tellConfirmation } from './pause.js';
import { complain, confirm, print, printJson } from './terminal.js';
import { parseWhen } from './when.js';

export async function plan(asked: PlanAsked, clock: Pick<Clock, 'wallTime'>): Promise<ExitCode> {
  const { group, to, when } = asked;
  const at = when === undefined ? undefined : parseWhen(when, clock.wallTime());
  if (at?.ok === false) {
    complain(`vipair: --at: ${at.error}`);
    return EXIT.usage;
  }
  if (asked.consent === 'asked for') {
    const answer = await confirm(
      at === undefined
        ? 'What is planned is not carried out. Go on?'
        : `At ${new Date(at.value).toISOString()} the master gives the group to ${to ?? 'the node that is not master now'}; connections through its proxy are broken. Go on?`,
    );
    if (answer !== 'yes') {
      complain(answer === 'no' ? 'nothing was changed' : 'nobody is here to confirm: add --yes');
      return answer === 'no' ? EXIT.failed : EXIT.usage;
    }
  }
  const planned = await askPlan(socketOf(asked), { group, to, at: at?.value });
  if (!planned.ok) {
    return reportFailure(planned.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(planned.value);
  } else {
    print(scheduleText(planned.value));
  }
  return tellConfirmation(planned.value, asked.form);
}
