/** Why an advert changed what it changed (RFC 9568 §6.4.2, §6.4.3). */
import { spokenPriority } from '../core/group-state.js';
import { between, later } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { failbackAt } from '../core/failback.js';
import type { NodeEvent } from '../core/node.js';
import type { Backup, Master } from '../core/vrrp-state.js';
import { skewTime } from '../core/vrrp-timing.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import { effectsOf, noticesOf, patienceText, skewText } from './change.js';
import type { GroupChange, GroupScene } from './scene.js';
import { durationText } from './wording.js';

type AdvertEvent = Extract<NodeEvent, { kind: 'advert' }>;

export function advertReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  const { event, before, after } = change;
  if (event?.kind !== 'advert') {
    return [];
  }
  if (noticesOf(change, 'address.left-over').length > 0) {
    return ['a master lives, so the lease outlived its patience: there is nothing to adopt'];
  }
  switch (before.vrrp.name) {
    case 'initialize':
      return ['takes no part, so it obeys nobody'];
    case 'backup':
      return after.vrrp.name === 'backup'
        ? backupHears(scene, change, event, { before: before.vrrp, after: after.vrrp })
        : [];
    case 'master':
      return masterHears(scene, change, event, before.vrrp);
    case 'resigning':
      return resigningHears(scene, change, event);
    default:
      return unreachable(before.vrrp);
  }
}

function backupHears(
  scene: GroupScene,
  change: GroupChange,
  { source, advert }: AdvertEvent,
  vrrp: { readonly before: Backup; readonly after: Backup },
): readonly string[] {
  const { params } = scene;
  const priority = spokenPriority(change.after);
  if (advert.priority === PRIORITY_RESIGNS) {
    const skew = skewText(params, priority, vrrp.before.masterInterval);
    const skewed = later(
      change.now,
      skewTime({ version: params.version, priority }, vrrp.before.masterInterval),
    );
    return vrrp.after.masterDownAt === skewed
      ? [`the master resigns, so only the skew of ${skew} is waited for`]
      : [`the master resigns, but its time is up sooner than in another skew of ${skew}`];
  }
  if (
    vrrp.after.outranked?.address === source &&
    vrrp.after.masterDownAt === vrrp.before.masterDownAt
  ) {
    return [
      `preemption: priority ${String(advert.priority)} is lower than ${String(priority)} and ${whyPreempts(scene, change)}`,
      'so the advert is discarded, and the timer runs on',
    ];
  }
  const waits = `waits anew: ${patienceText(params, priority, vrrp.after.masterInterval)}`;
  const learned =
    vrrp.after.masterInterval === vrrp.before.masterInterval
      ? []
      : [`learns that the master advertises every ${durationText(vrrp.after.masterInterval)}`];
  return [rankText(scene, change, advert.priority), ...learned, waits];
}

function rankText(scene: GroupScene, change: GroupChange, theirs: number): string {
  const ours = spokenPriority(change.after);
  if (theirs > ours) {
    return `priority ${String(theirs)} is greater than ${String(ours)}`;
  }
  return theirs === ours
    ? `priority ${String(theirs)} is ours too, and a backup does not contest that`
    : `priority ${String(theirs)} is lower than ${String(ours)}, but no preemption: ${whyNot(scene, change)}`;
}

function whyPreempts({ params }: GroupScene, { after, now }: GroupChange): string {
  if (after.failback.kind === 'asked') {
    return 'an operator asked for the group';
  }
  const due = failbackAt(params, after.failback);
  if (due === undefined || now < due || params.failback.kind !== 'after') {
    return 'this node is the healthier one';
  }
  return params.failback.stableFor === 0
    ? 'this node fails back at once'
    : `has been so for ${durationText(params.failback.stableFor)}`;
}

function whyNot({ params, clock }: GroupScene, { after, now }: GroupChange): string {
  if (after.failback.kind === 'given-away') {
    return 'an operator gave the group away';
  }
  if (params.failback.kind !== 'never' && after.tables.kind === 'awaited') {
    return 'its proxy has not all stick tables yet';
  }
  switch (params.failback.kind) {
    case 'never':
      return 'this node never fails back';
    case 'manual':
      return 'this node fails back when an operator asks for it';
    case 'after':
      return `this node fails back at ${clock(failbackAt(params, after.failback) ?? now)}, if nothing changes`;
    default:
      return unreachable(params.failback);
  }
}

function masterHears(
  { params }: GroupScene,
  change: GroupChange,
  event: AdvertEvent,
  vrrp: Master,
): readonly string[] {
  const { source } = event;
  const ours = spokenPriority(change.after);
  const theirs = event.advert.priority;
  if (noticesOf(change, 'lease.lost').length > 0) {
    return [];
  }
  if (change.after.vrrp.name === 'backup') {
    // An unfit master was compared by what it said, and listens by what it is.
    const said = spokenPriority(change.before);
    const rank =
      theirs === said
        ? `the priorities are equal, and ${source} is the greater address`
        : `priority ${String(theirs)} is greater than ${String(said)}`;
    const patience = patienceText(params, ours, change.after.vrrp.masterInterval);
    return [rank, LAST_ADVERT, `waits as a backup: ${patience}`];
  }
  const answers = effectsOf(change, 'send-advert').length > 0;
  const answer = answers
    ? 'says at once that there is a master'
    : `answered ${durationText(between(vrrp.lastAdvertAt, change.now))} ago, which is enough`;
  if (theirs === PRIORITY_RESIGNS) {
    return [`${source} resigns, and this node is master`, answer];
  }
  return [rivalText(event, ours), answer, ...againText(vrrp, change)];
}

function resigningHears(
  { params }: GroupScene,
  { after }: GroupChange,
  { advert }: AdvertEvent,
): readonly string[] {
  if (advert.priority === PRIORITY_RESIGNS) {
    return ['whoever resigns is no successor, so it goes on waiting for one'];
  }
  return after.vrrp.name === 'backup'
    ? [
        'it was asked to take over, so its priority does not matter',
        `waits as a backup: ${patienceText(params, after.priority, after.vrrp.masterInterval)}`,
      ]
    : [];
}

/** A rival that does not make a master give way. */
function rivalText({ source, instance, advert }: AdvertEvent, ours: number): string {
  if (advert.priority < ours) {
    return `priority ${String(advert.priority)} is lower than ${String(ours)}, so ${source} has to give way`;
  }
  return instance === 0
    ? `the priorities are equal, and ${source} is the lesser address, so it has to give way`
    : 'the priorities are equal, and the leading instance decides that';
}

/** Clients may have believed the rival's announcements. */
function againText(before: Master, { after, now }: GroupChange): readonly string[] {
  const next = after.vrrp.name === 'master' ? after.vrrp.announcements?.nextAt : undefined;
  return next === undefined || next === before.announcements?.nextAt
    ? []
    : [
        `tells the neighbours again in ${durationText(between(now, next))}, because they may have believed it`,
      ];
}

const LAST_ADVERT =
  'says so once more, so that the winner knows of the contest and announces again';
