/** A drill that is under way on this node, or that could not be wholly undone. */
import { unreachable } from '../../base/unreachable.js';
import type { NodeStatus } from '../../telemetry/status.js';
import { bad, doubtful } from '../paint.js';
import { time } from './time.js';

/** Nothing where everything is as it was. */
export function drillLines({ drill }: Pick<NodeStatus, 'drill'>): string {
  if (drill === undefined) {
    return '';
  }
  const named = `drill: ${drill.drill} (${drill.id}), asked for on ${drill.by}`;
  switch (drill.phase) {
    case 'armed':
      return doubtful(`${named}: armed, until ${time(drill.until)} (vipair drill undo)`);
    case 'fired':
      return doubtful(`${named}: under way, undone by ${time(drill.until)} (vipair drill undo)`);
    case 'undoing':
      return doubtful(`${named}: being undone`);
    case 'failed':
      return [
        bad(`${named}: not wholly undone`),
        ...drill.problems.map((each) => `  ${each}`),
        '  then: vipair drill undo',
      ].join('\n');
    case 'undone':
    case 'expired':
      return '';
    default:
      return unreachable(drill.phase);
  }
}
