/** What either node has begun and not ended that the restart of a daemon would cut short: pushes, changes together, drills. */
import { isAsBefore } from '../core/drill-hand.js';
import type { PairReport } from '../telemetry/status.js';
import type { UnderWay, UnderWayKind } from '../telemetry/under-way.js';
import type { UpgradeLine } from './upgrade-line.js';
import { no, ok, warn } from './upgrade-line.js';

/** Where a daemon is of a version that does not say, that is said. */
export function checkUnderWay(report: PairReport): readonly UpgradeLine[] {
  const { node, underWay, version, peer } = report;
  if (underWay === undefined) {
    return [
      ...ownDrill(report),
      warn(
        ABOUT,
        `the daemon that runs (${version}) does not say whether a push, a reload or a run of drills is under way, on neither node`,
        'make sure that nobody has begun one',
      ),
    ];
  }
  const here = underWay.map((each) => lineOf(node, each));
  if (peer === undefined) {
    return here.length === 0 ? [ok(ABOUT, `nothing on ${node}`)] : here;
  }
  const unknown = whyUnknown(peer);
  const there = (peer.underWay ?? []).map((each) => lineOf(peer.node, each));
  const lines = [
    ...here,
    ...there,
    ...(unknown === undefined
      ? []
      : [
          warn(
            ABOUT,
            `not known of ${peer.node}: ${unknown}`,
            `make sure that nobody pushes, reloads or drills there: vipair status, on ${peer.node}`,
          ),
        ]),
  ];
  return lines.length === 0 ? [ok(ABOUT, `nothing on ${node}, nothing on ${peer.node}`)] : lines;
}

function whyUnknown({
  word,
  underWay,
  release,
}: NonNullable<PairReport['peer']>): string | undefined {
  if (word !== 'answer') {
    return 'it gives no answer';
  }
  return underWay === undefined
    ? `it runs ${release ?? 'an unknown version'}, which does not say`
    : undefined;
}

function lineOf(node: string, { what, says }: UnderWay): UpgradeLine {
  return no(ABOUT, `${node} ${says}`, TODO[what]);
}

/** All that a daemon told before it told of the rest. */
function ownDrill({ drill: hand, node }: PairReport): readonly UpgradeLine[] {
  return hand === undefined || isAsBefore(hand.phase)
    ? []
    : [no(ABOUT, `${node} takes part in the drill ${hand.drill}: ${hand.phase}`, TODO.drill)];
}

const ABOUT = 'under way';
const TODO: Readonly<Record<UnderWayKind, string>> = {
  push: 'wait until vipair push has ended; if it was interrupted, this ends within a minute',
  reload: 'wait until vipair reload has ended',
  'joint change': 'wait until vipair reload has ended, some seconds',
  drill: 'wait until vipair drill run has ended, or vipair drill undo, and look at vipair status',
  other: 'wait until it is over: vipair status',
};
