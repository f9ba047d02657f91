/** Why the end of a timer changed what it changed. */
import { spokenPriority } from '../core/group-state.js';
import type { Instant } from '../base/time.js';
import { between } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Backup, Resigning } from '../core/vrrp-state.js';
import { effectsOf, noticesOf, patienceText, skewText } from './change.js';
import type { GroupChange, GroupScene } from './scene.js';
import { durationText } from './wording.js';

export function alarmReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  if (change.event?.kind !== 'alarm') {
    return [];
  }
  return [...routerReasons(scene, change), ...lastWordReasons(change)];
}

function routerReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  const { vrrp } = change.before;
  switch (vrrp.name) {
    case 'initialize':
      return [];
    case 'backup':
      return isDue(vrrp.masterDownAt, change) ? backupReasons(scene, change, vrrp) : [];
    case 'master':
      return masterReasons(change);
    case 'resigning':
      return isDue(vrrp.until, change) ? resigningReasons(change, vrrp) : [];
    default:
      return unreachable(vrrp);
  }
}

function backupReasons(scene: GroupScene, change: GroupChange, before: Backup): readonly string[] {
  const { after } = change;
  if (noticesOf(change, 'vrrp.stalled').length > 0 || after.vrrp.name === 'initialize') {
    return [];
  }
  if (after.vrrp.name === 'backup') {
    if (after.vrrp.lookedAgain !== before.lookedAgain) {
      return [lookAgainText(before.masterDownAt, change)];
    }
    return after.firstClaim !== change.before.firstClaim
      ? ['somebody answers for the addresses without advertising: they are not claimed meanwhile']
      : [];
  }
  return [
    ...waitedText(scene, change, before),
    'the neighbours are told, and the first advert sent, when the kernel confirms the claim',
  ];
}

/** Where nobody was heard, the cause says so. */
function waitedText(
  { params }: GroupScene,
  { before }: GroupChange,
  { master, masterInterval, outranked, resigned }: Backup,
): readonly string[] {
  const priority = spokenPriority(before);
  if (outranked !== undefined) {
    return ['its adverts were discarded, so the timer ran out'];
  }
  if (master === undefined) {
    return [];
  }
  return resigned === 'yes'
    ? [`waited for the skew of ${skewText(params, priority, masterInterval)}`]
    : [`heard nothing of it for ${patienceText(params, priority, masterInterval)}`];
}

function masterReasons(change: GroupChange): readonly string[] {
  const advertises =
    change.after.vrrp.name === 'master' && effectsOf(change, 'send-advert').length > 0;
  return advertises ? ['one advert is due, and with it a new lease'] : [];
}

function resigningReasons(change: GroupChange, before: Resigning): readonly string[] {
  const { vrrp } = change.after;
  return vrrp.name === 'resigning' && vrrp.lookedAgain !== before.lookedAgain
    ? [lookAgainText(before.until, change)]
    : [];
}

function lastWordReasons({ before, after }: GroupChange): readonly string[] {
  const said = before.lastWord;
  if (said === undefined || said === after.lastWord || after.vrrp.name === 'master') {
    return [];
  }
  const left = after.lastWord?.copiesLeft ?? 0;
  return said.copiesLeft - left === 1
    ? [
        `one packet may be lost and nothing follows, so its last word is said again${left === 0 ? '' : `, and ${String(left)} more to come`}`,
      ]
    : ['too late to say its last word again: a hand-over could depose a living master'];
}

function lookAgainText(due: Instant, change: GroupChange): string {
  const late = durationText(between(due, change.now));
  return `the alarm rang ${late} late, so an advert may lie unread: it looks once more`;
}

function isDue(due: Instant, change: GroupChange): boolean {
  return change.now >= due;
}
