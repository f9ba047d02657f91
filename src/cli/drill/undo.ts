/** `vipair drill undo`: whatever a drill has done to either node is undone, whoever began it. */
import { askDrillState, askDrillUndo } from '../../api/client.js';
import { isAsBefore } from '../../core/drill-hand.js';
import { handsIn } from '../../telemetry/drill.js';
import type { HandState } from '../../telemetry/drill.js';
import { reportFailure, socketOf } from '../asking.js';
import type { Asked } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { complain, print, printJson } from '../terminal.js';

export async function drillUndo(asked: Asked): Promise<ExitCode> {
  const socket = socketOf(asked);
  const known = await askDrillState(socket);
  if (!known.ok) {
    return reportFailure(known.error, asked.form);
  }
  const open = handsIn(known.value).filter(({ phase }) => !isAsBefore(phase));
  // Both at once: what one node does not answer must not keep the other one's fault.
  const undone = await Promise.all(open.map(({ node, id }) => askDrillUndo(socket, node, id)));
  const refused = undone.find((each) => !each.ok);
  if (refused?.ok === false) {
    return reportFailure(refused.error, asked.form);
  }
  const after = await askDrillState(socket);
  if (!after.ok) {
    return reportFailure(after.error, asked.form);
  }
  const hands = handsIn(after.value);
  if (asked.form === 'json') {
    printJson(after.value);
  } else if (open.length === 0) {
    const where = after.value.problem === undefined ? 'either node' : 'this node';
    print(`no drill is under way on ${where}: nothing had to be undone`);
  } else {
    hands.forEach(tell);
  }
  if (after.value.problem !== undefined && asked.form === 'text') {
    complain(`of the other node nothing is known: ${after.value.problem}`);
  }
  // Of a node that nobody hears, nobody can say that nothing is left to undo.
  const isKnown = after.value.problem === undefined;
  return isKnown && hands.every(({ phase }) => isAsBefore(phase)) ? EXIT.ok : EXIT.failed;
}

function tell({ node, drill, phase, problems, left }: HandState): void {
  print(`${node}: ${drill}: ${phase}`);
  [...problems, ...left.map((each) => `left: ${each}`)].forEach((each) => {
    complain(`  ${each}`);
  });
}
