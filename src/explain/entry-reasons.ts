/** What entering a role means, whatever led there. */
import { spokenPriority } from '../core/group-state.js';
import { between, longer } from '../base/time.js';
import { masterDownInterval } from '../core/vrrp-timing.js';
import { effectsOf, noticesOf, patienceText } from './change.js';
import type { GroupChange, GroupScene } from './scene.js';
import { durationText } from './wording.js';

export function entryReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  return [
    ...frozenReasons(change),
    ...leftOverReasons(change),
    ...waitingReasons(scene, change),
    ...leavingReasons(scene, change),
    ...keptReasons(change),
  ];
}

/** This process slept, and what it knew is stale. */
function frozenReasons(change: GroupChange): readonly string[] {
  const lost = noticesOf(change, 'lease.lost').flatMap(({ endedAgo }) => [
    `the lease ended ${durationText(endedAgo)} ago, and the kernel fell silent in time`,
    'the peer may be master by now, so it listens before it speaks',
  ]);
  const stalled = noticesOf(change, 'vrrp.stalled').flatMap(({ lateFor }) => [
    `the alarm rang ${durationText(lateFor)} late: this node was frozen`,
    'that it heard nothing meanwhile says nothing about the master, so it listens anew',
  ]);
  return [...lost, ...stalled];
}

/** A master that is heard has a reason of its own. */
function leftOverReasons(change: GroupChange): readonly string[] {
  const released = noticesOf(change, 'address.left-over').some(
    ({ outcome }) => outcome === 'released',
  );
  return released && effectsOf(change, 'send-advert').length > 0
    ? [
        'no lease of a former life runs, so there is nothing to adopt',
        'what it left is given up as a master does it: the peer need not wait',
      ]
    : [];
}

function waitingReasons({ params, clock }: GroupScene, change: GroupChange): readonly string[] {
  const { before, after, now } = change;
  if (before.vrrp.name !== 'initialize') {
    return [];
  }
  if (after.vrrp.name === 'master') {
    return ['nobody has taken over, because the lease still runs: it goes on where it ended'];
  }
  if (after.vrrp.name === 'backup') {
    const listens = between(now, after.vrrp.masterDownAt);
    const patience = masterDownInterval(
      { ...params, priority: spokenPriority(after) },
      params.interval,
    );
    return longer(listens, patience) > patience
      ? [`has just been started, so it listens for ${durationText(listens)}, whoever is silent`]
      : [
          `listens before it speaks: ${patienceText(params, spokenPriority(after), params.interval)}`,
        ];
  }
  return before.adoptBy === undefined && after.adoptBy !== undefined
    ? [
        `may go on where a former life ended, as soon as it is fit, until ${clock(after.adoptBy)}: nobody takes over before`,
      ]
    : [];
}

function keptReasons(change: GroupChange): readonly string[] {
  return noticesOf(change, 'vrrp.kept').map(({ cause, because }) =>
    because === 'paused'
      ? `${cause}, but automatic moves are paused: it keeps the addresses`
      : `${cause}, and the other node is no fitter: to let go would leave the addresses to nobody`,
  );
}

function leavingReasons({ params }: GroupScene, change: GroupChange): readonly string[] {
  const { before, after, now } = change;
  if (after.vrrp.name === 'resigning' && before.vrrp.name === 'master') {
    const most = durationText(between(now, after.vrrp.until));
    return [`goes on answering until a successor is heard, for ${most} at the most`];
  }
  if (before.vrrp.name === 'resigning' && after.vrrp.name === 'resigning') {
    return before.vrrp.purpose === after.vrrp.purpose ? [] : ['a stop outranks a switchover'];
  }
  const patient = effectsOf(change, 'send-advert').find(
    ({ interval }) => interval > params.interval,
  );
  return patient === undefined || change.event?.kind === 'alarm'
    ? []
    : [
        `announces an interval of ${durationText(patient.interval)}, so that every backup waits for the next daemon`,
      ];
}
