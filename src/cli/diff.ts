/** `vipair diff`: what the two nodes should have in common and have not, line by line. */
import { askStatus } from '../api/client.js';
import type { GenerationStatus, ItemDifference } from '../telemetry/generation.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, good } from './paint.js';
import { generationLines } from './status/generation.js';
import { complain, print, printJson } from './terminal.js';

/** Whether both have the same is what is asked for: anything else is a failure. */
export async function diff(asked: Asked): Promise<ExitCode> {
  const answer = await askStatus(socketOf(asked));
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  const { generation } = answer.value;
  if (asked.form === 'json') {
    printJson({ generation });
  } else if (generation === undefined) {
    complain('there is no pair channel, so the nodes cannot be compared');
  } else if (generation.state === 'differs') {
    print(generation.differences.map((each) => whole(each, generation)).join('\n'));
  } else {
    print(generationLines(generation));
  }
  return generation?.state === 'in sync' ? EXIT.ok : EXIT.failed;
}

/** As diff(1) has it: what this node has, and what the other has instead. */
function whole(difference: ItemDifference, { peer }: GenerationStatus): string {
  const { item, here, there, lines, more } = difference;
  const said =
    here === undefined && there === undefined
      ? []
      : [good(`- ${here ?? 'nothing'}`), bad(`+ ${there ?? 'nothing'}`)];
  return [
    `${item} (- here, + on ${peer})`,
    ...said,
    ...lines.map(({ on, number, text }) => {
      const at = number === undefined ? '' : `${String(number)}: `;
      return on === 'here' ? good(`- ${at}${text}`) : bad(`+ ${at}${text}`);
    }),
    ...(more === 0 ? [] : [`… and ${String(more)} lines more`]),
  ].join('\n');
}
