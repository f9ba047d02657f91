/** `vipair explain`: what would happen if something failed now, thing by thing. */
import { askExplain } from '../api/client.js';
import type { GroupPrediction, Hypothesis, Prediction } from '../telemetry/prediction.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, strong } from './paint.js';
import { complain, print, printJson } from './terminal.js';

export async function explain(asked: Asked, depth: 'lines' | 'details'): Promise<ExitCode> {
  const answer = await askExplain(socketOf(asked));
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  const { predictions, missing, assumed } = answer.value;
  if (asked.form === 'json') {
    printJson(answer.value);
    return EXIT.ok;
  }
  for (const prediction of predictions) {
    print(predictionText(prediction, depth));
  }
  print(['', 'assumed:', ...assumed.map((each) => `  ${each}`)].join('\n'));
  for (const each of missing) {
    complain(doubtful(each));
  }
  return EXIT.ok;
}

function predictionText({ hypothesis, groups, steps, end }: Prediction, depth: string): string {
  const told =
    depth === 'details'
      ? steps.map(({ atMs, node, says }) => `    ${String(atMs).padStart(8)} ms  ${node}  ${says}`)
      : [];
  return [
    strong(`if ${hypothesisText(hypothesis)}`),
    ...groups.map((group) => `  ${groupText(group)}`),
    ...(end === 'settled' ? [] : [`  ${doubtful('and it does not come to rest')}`]),
    ...told,
  ].join('\n');
}

function hypothesisText({ kind, node, name }: Hypothesis): string {
  switch (kind) {
    case 'power':
      return `${node} lost its power`;
    case 'proxy':
      return `the proxy of ${node} died, and did not come back`;
    case 'link':
      return `the link ${name ?? ''} of ${node} went down`;
    case 'channel':
      return 'the pair channel broke';
    case 'check':
      return `${name ?? ''} failed on ${node}`;
    default:
      return kind satisfies never;
  }
}

function groupText({ group, before, after, afterMs, why }: GroupPrediction): string {
  const reason = why === undefined ? '' : ` (${why})`;
  const owner = ownerText(after);
  if (afterMs === undefined) {
    return `${group} stays at ${owner}${reason}`;
  }
  const moved =
    before.join() === after.join()
      ? `${group} is at ${owner} again`
      : `${group} moves from ${ownerText(before)} to ${owner}`;
  return `${moved} after ${String(Math.round(afterMs))} ms${reason}`;
}

function ownerText(owners: readonly string[]): string {
  if (owners.length === 0) {
    return bad('nobody');
  }
  return owners.length === 1 ? (owners[0] ?? '') : bad(`both ${owners.join(' and ')}`);
}
