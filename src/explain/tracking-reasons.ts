/** Why a tracked thing did or did not change the group's standing. */
import { inWords } from '../core/group-tracking.js';
import { invariant } from '../base/unreachable.js';
import type { Verdict } from '../core/tracking.js';
import { noticesOf } from './change.js';
import type { GroupChange, GroupScene } from './scene.js';
import { durationText } from './wording.js';

export function trackingReasons(scene: GroupScene, change: GroupChange): readonly string[] {
  const verdicts = noticesOf(change, 'track.state').map(({ name, to }) => `${name} ${to}`);
  const priorities = noticesOf(change, 'vrrp.priority').map(
    ({ priority, why }) => `advertises priority ${String(priority)} from now on: ${why}`,
  );
  return [...verdicts, ...priorities, ...doubts(scene, change)];
}

/** One look seldom overturns a verdict. */
function doubts({ params }: GroupScene, { event, before, after }: GroupChange): readonly string[] {
  if (event?.kind !== 'sampled') {
    return [];
  }
  const thing = params.things[event.index];
  const was = before.trackers[event.index];
  const is = after.trackers[event.index];
  invariant(
    thing !== undefined && was !== undefined && is !== undefined,
    'looks name things that are tracked',
  );
  if (is.doubt !== undefined) {
    const { looks } = is.doubt;
    const counts = `${thing.name} counts as ${verdictText(is.verdict)} until`;
    return [
      thing.thing.kind === 'interface'
        ? `${counts} that has lasted ${durationText(thing.thing.debounce)}`
        : `${counts} there are more such looks; this is number ${String(looks)}`,
    ];
  }
  return was.doubt !== undefined && was.verdict.kind === is.verdict.kind
    ? [`${thing.name} is as before, so the doubt is forgotten`]
    : [];
}

function verdictText(verdict: Verdict): string {
  return verdict.kind === 'failing' ? 'failing' : inWords(verdict);
}
