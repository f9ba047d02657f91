/** One planned move for certain: a node gives the address away, and the other one has it. */
import { askSwitchover } from '../api/client.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import { millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import type { LabNode } from './node.js';
import { pause } from './pause.js';
import { controlSocketOf } from './readiness.js';

/**
 * Resolves with when it was asked for. A switchover that is undone, because the other node was too late on a busy machine,
 * has moved nothing: what was seen around it would prove nothing, so it is asked for again.
 */
export async function giveAway(
  owner: LabNode,
  order: Parameters<typeof askSwitchover>[1],
  clock: Clock,
): Promise<Result<Instant, LabFailure>> {
  let undone = '';
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const at = clock.now();
    const answer = await askSwitchover(controlSocketOf(owner), order);
    if (!answer.ok) {
      const { error } = answer;
      return refused(owner, error.code === 'refused' ? error.refusal.detail : error.detail);
    }
    switch (answer.value.kind) {
      case 'moved':
        return ok(at);
      case 'already-there':
        return refused(owner, 'it has no address to give away');
      case 'undone':
        undone = answer.value.reason;
        await pause(clock, BEFORE_AGAIN);
        break;
      default:
        return unreachable(answer.value);
    }
  }
  return refused(owner, `undone ${String(MOST_ATTEMPTS)} times: ${undone}`);
}

function refused({ name }: LabNode, why: string): Result<never, LabFailure> {
  return fail({ code: 'not-ready', detail: `switchover on ${name}: ${why}` });
}

const MOST_ATTEMPTS = 5;
const BEFORE_AGAIN = millis(500);
