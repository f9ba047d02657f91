/** Whether what is on the wire reaches the daemons: a firewall here, and one between here and there. */
import { compareIp } from '../base/ip.js';
import type { InstanceCounters } from '../telemetry/status.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import type { Finding, Said } from './finding.js';
import { problem, well } from './finding.js';
import type { Router } from './observations.js';
import type { Reading } from './reading.js';
import type { RouterDaemon, RouterScene, Scene } from './scene.js';
import { ofMasters } from './scene.js';

/** One alone may have crossed the counters on its way. */
const FEWEST_ADVERTS = 2;

/** Adverts that the configuration accepts arrive at the interface: does the daemon count them? */
export function checkFirewall({ routers }: Scene): readonly Finding[] {
  return routers.flatMap(({ router, heard, daemon }) => {
    const said =
      heard.length >= FEWEST_ADVERTS && daemon !== undefined
        ? whatTheDaemonCounts(router, heard, daemon)
        : undefined;
    return said === undefined ? [] : [{ check: 'firewall' as const, about: router.group, ...said }];
  });
}

function whatTheDaemonCounts(
  { interface: name, group }: Router,
  heard: readonly Reading[],
  { before, after }: RouterDaemon,
): Said {
  const source = heard[0]?.source ?? 'the peer';
  if (after.advertsReceived > before.advertsReceived) {
    return well(`The daemon counts the adverts that arrive at ${name} for group ${group}.`);
  }
  const cause = causeThatGrew(before, after);
  return cause === undefined
    ? problem(
        `Adverts of ${source} arrive at ${name}, but the daemon counts none of them: a firewall of this node drops protocol 112.`,
        'let protocol 112 in, such as `nft insert rule inet filter input meta l4proto 112 accept`',
      )
    : problem(
        `The daemon refuses the adverts of ${source} (${cause}), which the configuration file accepts: it was started with another one, so restart it.`,
      );
}

function causeThatGrew(before: InstanceCounters, after: InstanceCounters): string | undefined {
  return Object.keys(after.rejected).find(
    // What belongs to other routers, and what we hear of ourselves, says nothing here.
    (cause) =>
      cause !== 'vrid' &&
      cause !== 'own' &&
      (after.rejected[cause] ?? 0) > (before.rejected[cause] ?? 0),
  );
}

/** Two routers that both advertise do not hear each other, at least not both. */
export function checkMasters({ routers }: Scene): readonly Finding[] {
  return routers.flatMap((of) => {
    const rivals = rivalsOf(of);
    const { group } = of.router;
    if (rivals.length > 0) {
      return rivals.map((rival) => ({
        check: 'masters' as const,
        about: group,
        ...twoMasters(rival, of),
      }));
    }
    const hasOne = ofMasters(of.heard).length > 0 || ofMasters(of.sent).length > 0;
    return hasOne
      ? [{ check: 'masters' as const, about: group, ...well(`Group ${group} has one master.`) }]
      : [];
  });
}

/** The last advert of each router that goes on advertising beside this node: neither began after the other ended. */
function rivalsOf({ heard, sent }: RouterScene): readonly Reading[] {
  const ours = ofMasters(sent);
  const sources = new Set(ofMasters(heard).map(({ source }) => source));
  return [...sources].flatMap((source) => {
    const theirs = ofMasters(heard).filter((each) => each.source === source);
    const last = theirs.at(-1);
    const both = theirs.length >= FEWEST_ADVERTS && ours.length >= FEWEST_ADVERTS;
    return both && last !== undefined && overlap(ours, theirs) ? [last] : [];
  });
}

function overlap(a: readonly Reading[], b: readonly Reading[]): boolean {
  const [firstA, firstB] = [a[0]?.at ?? Infinity, b[0]?.at ?? Infinity];
  const [lastA, lastB] = [a.at(-1)?.at ?? -Infinity, b.at(-1)?.at ?? -Infinity];
  return firstA < lastB && firstB < lastA;
}

function twoMasters(rival: Reading, { router, sent, daemon }: RouterScene): Said {
  const { group, expectations } = router;
  const own = ofMasters(sent).at(-1)?.advert?.priority ?? router.priority;
  const theirs = rival.advert?.priority ?? 0;
  const start = `${rival.source} is master of group ${group} as well, with priority ${String(theirs)} against ${String(own)} here`;
  if (theirs < own || (theirs === own && compareIp(rival.source, expectations.ownAddress) < 0)) {
    return problem(
      `${start}: it does not hear our adverts, so ${wayThere(rival, router)} is filtered from here to there.`,
    );
  }
  const isDeaf =
    daemon === undefined || daemon.after.advertsReceived === daemon.before.advertsReceived;
  return problem(
    isDeaf
      ? `${start}: its adverts arrive at ${rival.interface}, but the router on this node does not hear them, so a firewall of this node drops protocol 112.`
      : `${start}: both have advertised for as long as the doctor listened, although this node hears the other.`,
  );
}

function wayThere({ family, source }: Reading, { expectations }: Router): string {
  return expectations.audience.kind === 'multicast'
    ? `multicast ${VRRP_GROUPS[family]} (protocol 112)`
    : `protocol 112 to ${source}`;
}
