/** What is heard of our virtual routers, and of others: the first thing that is wrong with a pair is mostly here. */
import type { Ip } from '../base/ip.js';
import { differenceOf, duration, list } from './differences.js';
import type { Finding, Said } from './finding.js';
import { note, problem, well } from './finding.js';
import type { Router } from './observations.js';
import { familyName } from './observations.js';
import type { Reading } from './reading.js';
import type { RouterScene, Scene } from './scene.js';
import { ofMasters } from './scene.js';

/** Differences of one virtual router that are told; what goes wrong in more ways is told after those are mended. */
const MOST_DIFFERENCES = 3;

export function checkAdverts(scene: Scene): readonly Finding[] {
  return scene.routers.flatMap((each) =>
    sayings(each, scene).map((said) => ({
      check: 'adverts' as const,
      about: each.router.group,
      ...said,
    })),
  );
}

function sayings(of: RouterScene, scene: Scene): readonly Said[] {
  const { router } = of;
  const differences = new Map<string, Said>();
  for (const each of of.arrived) {
    const said = differenceOf(each, router);
    if (said !== undefined) {
      differences.set(said.sentence, said);
    }
  }
  const mistyped = new Map(
    strangers(scene)
      .filter((each) => speaksFor(each, router))
      .map((each) => [each.vrid, wrongVrid(each, router)] as const),
  );
  const found = [...differences.values(), ...mistyped.values()].slice(0, MOST_DIFFERENCES);
  return found.length > 0 ? found : [harmony(of, scene)];
}

/** Adverts of VRIDs that none of our routers on that interface has. */
function strangers({ arrived, observations }: Scene): readonly Reading[] {
  return arrived.filter(
    (reading) =>
      !observations.routers.some(
        ({ interface: name, expectations }) =>
          name === reading.interface &&
          expectations.family === reading.family &&
          expectations.vrid === reading.vrid,
      ),
  );
}

function speaksFor(reading: Reading, { interface: name, expectations }: Router): boolean {
  return (
    reading.interface === name &&
    (reading.advert?.addresses.some((each) => expectations.addresses.includes(each)) ?? false)
  );
}

function wrongVrid(
  { source, vrid, interface: name }: Reading,
  { group, expectations }: Router,
): Said {
  return problem(
    `${source} advertises VRID ${String(vrid)} on ${name} with the addresses of group ${group}, whose VRID is ${String(expectations.vrid)}: one of the two is mistyped.`,
  );
}

/** Nothing that is heard differs, if anything is heard. */
function harmony(of: RouterScene, { observations }: Scene): Said {
  const { router, heard, sent, daemon } = of;
  const what = `VRID ${String(router.expectations.vrid)} on ${router.interface} (${familyName(router.expectations.family)})`;
  const [first] = ofMasters(heard);
  if (first?.advert !== undefined) {
    const { priority, maxAdvertInterval } = first.advert;
    const count = heard.filter(({ source }) => source === first.source).length;
    return well(
      `${first.source} advertises ${what} with priority ${String(priority)} every ${duration(maxAdvertInterval)}; ${counted(count)} heard, and nothing about them differs.`,
    );
  }
  if (sent.length > 0) {
    return well(
      `This node advertises ${what}, ${counted(sent.length)} sent; no other router does, as it should be.`,
    );
  }
  if (daemon?.group.role === 'master') {
    return problem(
      `The daemon is master of group ${router.group}, but none of its adverts leaves ${router.interface}: a firewall of this node drops protocol 112 on its way out.`,
    );
  }
  return note(
    `Nobody advertises ${what}; listened for ${String(Math.round(observations.listenedFor / 100) / 10)} s.`,
    daemon === undefined ? 'start the daemon on a node' : undefined,
  );
}

function counted(adverts: number): string {
  return `${String(adverts)} advert${adverts === 1 ? '' : 's'}`;
}

/** Virtual routers that are none of ours: common and harmless, but their VRIDs are taken. */
export function checkOthers(scene: Scene): readonly Finding[] {
  const others = new Map<string, Reading>();
  for (const each of strangers(scene)) {
    if (!scene.observations.routers.some((router) => speaksFor(each, router))) {
      others.set([each.interface, each.family, each.vrid, each.source].join(), each);
    }
  }
  return [...others.values()].slice(0, MOST_OTHERS).map((each) => ({
    check: 'others',
    about: each.interface,
    ...note(
      `VRID ${String(each.vrid)} (${familyName(each.family)}) belongs to another router: ${each.source}, version ${String(each.version)}${contents(each)}.`,
    ),
  }));
}

const MOST_OTHERS = 20;

function contents({ advert }: Reading): string {
  if (advert === undefined) {
    return '';
  }
  const addresses: readonly Ip[] = advert.addresses;
  return `, priority ${String(advert.priority)}, ${list(addresses)}`;
}
