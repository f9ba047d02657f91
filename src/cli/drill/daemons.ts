/** The daemons of the pair, as a drill asks them: through the control socket of this node's. */
import type { ApiFailure } from '../../api/client.js';
import {
  askDrillArm,
  askDrillState,
  askDrillFire,
  askHistory,
  askPair,
  askSwitchover,
  askTables,
  askDrillUndo,
} from '../../api/client.js';
import { MOST_ENTRIES } from '../../api/contract.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { DrillDaemons } from '../../drill/ports.js';

export function daemonsAt(socket: string): DrillDaemons {
  return {
    report: async () => plain(await askPair(socket)),
    history: async (group) =>
      plain(await askHistory(socket, { group, node: undefined, limit: MOST_ENTRIES })),
    tables: async (look) => {
      const answer = await askTables(socket, { table: undefined, node: undefined, look });
      if (!answer.ok && answer.error.code === 'refused') {
        return answer.error.refusal.code === 'not-replicated' ? ok(undefined) : plain(answer);
      }
      return answer.ok ? ok(answer.value.nodes) : plain(answer);
    },
    switchover: async (group) => {
      const answer = await askSwitchover(socket, { group });
      if (!answer.ok) {
        return sentenceOf(answer.error);
      }
      const { value } = answer;
      return value.kind === 'moved'
        ? undefined
        : `the switchover was not made: ${JSON.stringify(value)}`;
    },
    arm: async (node, order) => plain(await askDrillArm(socket, node, order)),
    fire: async (node, id) => plain(await askDrillFire(socket, node, id)),
    undo: async (node, id) => plain(await askDrillUndo(socket, node, id)),
    state: async () => plain(await askDrillState(socket)),
  };
}

function plain<Value>(answer: Result<Value, ApiFailure>): Result<Value, string> {
  return answer.ok ? answer : fail(sentenceOf(answer.error));
}

export function sentenceOf(failure: ApiFailure): string {
  return failure.code === 'refused' ? failure.refusal.detail : failure.detail;
}
