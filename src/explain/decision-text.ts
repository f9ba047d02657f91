/** What a group decided and why: its role first, then each reason that the log does not name by itself. */
import { roleOf } from '../core/group-state.js';
import { advertReasons } from './advert-reasons.js';
import { alarmReasons } from './alarm-reasons.js';
import { noticesOf } from './change.js';
import { entryReasons } from './entry-reasons.js';
import { pairReasons } from './pair-reasons.js';
import { requestReasons } from './request-reasons.js';
import type { GroupChange, GroupScene } from './scene.js';
import { trackingReasons } from './tracking-reasons.js';

/** Empty where the event was none of the group's business. The first sentence names the role. */
export function decisionText(scene: GroupScene, change: GroupChange): readonly string[] {
  const moves = noticesOf(change, 'vrrp.state').map(
    ({ from, to, cause }) => `${from} → ${to}: ${cause}`,
  );
  const reasons = [
    ...trackingReasons(scene, change),
    ...advertReasons(scene, change),
    ...alarmReasons(scene, change),
    ...pairReasons(scene, change),
    ...requestReasons(scene, change),
    ...entryReasons(scene, change),
  ];
  if (moves.length > 0) {
    return [...moves, ...reasons];
  }
  const concerned =
    change.before !== change.after || change.effects.length > 0 || reasons.length > 0;
  return concerned ? [`stays ${roleText(change)}`, ...reasons] : [];
}

function roleText({ after, phase }: GroupChange): string {
  if (after.vrrp.name === 'initialize' && (phase === 'stopping' || phase === 'stopped')) {
    return 'stopped';
  }
  const role = roleOf(after);
  return role === 'fault' && after.fault !== undefined ? `in fault: ${after.fault}` : role;
}
