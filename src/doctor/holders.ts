/** Who has the virtual addresses according to the link itself, and whether the unicast peers are there. */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import { virtualMac } from '../core/virtual-mac.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import { list } from './differences.js';
import type { Finding, Said } from './finding.js';
import { problem, well } from './finding.js';
import type { NeighbourEntry, Observations, Router } from './observations.js';
import type { RouterScene, Scene } from './scene.js';
import { ofMasters } from './scene.js';

/** Unicast adverts go to addresses that somebody should have. */
export function checkPeers({ routers, observations }: Scene): readonly Finding[] {
  return routers.flatMap(({ router, heard }) => {
    const { audience, family } = router.expectations;
    if (audience.kind === 'multicast') {
      return [];
    }
    const there = audience.peers.filter(
      (each) => familyOf(each) === family && shouldAnswer(each, router, observations),
    );
    const silent = there.filter(
      (peer) =>
        !heard.some(({ source }) => source === peer) && !answers(peer, router, observations),
    );
    if (there.length === 0) {
      return [];
    }
    return [
      {
        check: 'peers' as const,
        about: router.group,
        ...(silent.length === 0
          ? well(
              `Somebody on ${router.interface} has ${list(there)}, where the adverts of group ${router.group} go.`,
            )
          : problem(
              `Nobody on ${router.interface} has ${list(silent)}, the unicast peer of group ${router.group}: the address is mistyped, or the machine is down.`,
            )),
      },
    ];
  });
}

function shouldAnswer(peer: Ip, router: Router, { asked }: Observations): boolean {
  return asked.some(
    (each) =>
      each.address === peer && each.interface === router.interface && each.where === 'on this link',
  );
}

function answers(address: Ip, router: Router, { claims }: Observations): boolean {
  return claims.some((each) => each.interface === router.interface && each.address === address);
}

/** Whoever has a virtual address should be the one whose adverts are heard, and nobody where this node has it. */
export function checkAddresses(scene: Scene): readonly Finding[] {
  return scene.routers.flatMap((of) =>
    of.router.expectations.addresses.map((address) => ({
      check: 'address' as const,
      about: of.router.group,
      ...whoHas(address, of, scene),
    })),
  );
}

function whoHas(address: Ip, of: RouterScene, scene: Scene): Said {
  const { router, claims, sent, heard } = of;
  const { observations } = scene;
  const holders = [
    ...new Set(claims.filter((each) => each.address === address).map(({ mac }) => mac)),
  ];
  const rightful = macsOfMasters(of);
  // Whoever advertises what is refused has been told about already.
  const known = new Set([...rightful, ...speakersFor(of, scene)]);
  const intruders = holders.filter((mac) => !known.has(mac));
  const isOurs = ofMasters(sent).length > 0;
  const [intruder] = intruders;
  if (intruder === undefined) {
    const holder = holders[0];
    if (isOurs) {
      return well(`Nobody but this node has ${address}.`);
    }
    return holder === undefined
      ? well(`Nobody on ${router.interface} has ${address}.`)
      : well(`${holder} has ${address}${rightful.has(holder) ? ', and advertises it' : ''}.`);
  }
  if (rightful.size > 0) {
    const master = ofMasters(heard)[0]?.source ?? 'the master';
    return problem(
      `${intruder} says that it has ${address}, which belongs to ${master}, the master of group ${router.group}: a duplicate address, so remove it there.`,
    );
  }
  return problem(
    silentHolder(intruder, address, { router, isOurs: isOurs ? 'ours' : 'theirs', observations }),
  );
}

/** Where a master may answer from: where its adverts come from, or its virtual router's own Ethernet address. */
function macsOfMasters({ router, heard }: RouterScene): ReadonlySet<MacAddress | undefined> {
  const { family, vrid } = router.expectations;
  const macs = ofMasters(heard).map(({ mac }) => mac);
  return new Set(macs.length > 0 ? [...macs, virtualMac(family, vrid)] : []);
}

/** Ethernet addresses of routers that advertise the VRID, or the addresses under another one. */
function speakersFor(
  { router, arrived }: RouterScene,
  scene: Scene,
): readonly (MacAddress | undefined)[] {
  const { addresses } = router.expectations;
  const underOther = scene.arrived.filter(
    ({ interface: name, advert }) =>
      name === router.interface &&
      advert?.addresses.some((each) => addresses.includes(each)) === true,
  );
  return [...arrived, ...underOther].map(({ mac }) => mac);
}

/** Somebody has it and says nothing that we hear. Whether that is the other node decides which of two stories it is. */
function silentHolder(
  mac: MacAddress,
  address: Ip,
  told: {
    readonly router: Router;
    readonly isOurs: 'ours' | 'theirs';
    readonly observations: Observations;
  },
): string {
  const { router, observations } = told;
  const as = told.isOurs === 'ours' ? ', which this node has as well,' : '';
  const filtered = `${wayHere(router)} is filtered towards this node`;
  const peer = peerMac(router, observations);
  if (peer === undefined) {
    return `${mac} holds ${address}${as} but no advert of it arrives: ${filtered}, or that machine has the address by mistake (duplicate).`;
  }
  const name = observations.peer?.name ?? 'the other node';
  return peer === mac
    ? `${name} (${mac}) holds ${address}${as} but no advert of it arrives: ${filtered}.`
    : `${mac} holds ${address}${as} and is not ${name} (${peer}): a duplicate address, so remove it there.`;
}

function wayHere({ expectations }: Router): string {
  return expectations.audience.kind === 'multicast'
    ? `protocol 112 or multicast ${VRRP_GROUPS[expectations.family]}`
    : 'protocol 112';
}

/** A machine answers for any of its addresses on any link unless told otherwise, so the other node is known here too. */
function peerMac(
  { interface: name, expectations: { audience } }: Router,
  { peer, claims }: Observations,
): MacAddress | undefined {
  const names: readonly (Ip | undefined)[] = [
    peer?.address,
    ...(audience.kind === 'unicast' ? audience.peers : []),
  ];
  return claims.find((each) => each.interface === name && names.includes(each.address))?.mac;
}

/** What this node's kernel believes of an address that another node has: it shows whether gratuitous ARP arrived. */
export function checkNeighbours({ routers, observations }: Scene): readonly Finding[] {
  return routers.flatMap((of) => {
    const master = ofMasters(of.heard)[0];
    if (master?.mac === undefined || of.sent.length > 0) {
      return [];
    }
    const macs = macsOfMasters(of);
    return entriesOf(of.router, observations.neighbours).map((entry) => ({
      check: 'neighbours' as const,
      about: of.router.group,
      ...(macs.has(entry.mac)
        ? well(
            `This node's neighbour table has ${entry.address} at ${entry.mac}, where its master advertises from.`,
          )
        : problem(
            `This node's neighbour table has ${entry.address} at ${entry.mac}, and its master ${master.source} advertises from ${master.mac ?? ''}: the master's gratuitous ARP did not arrive here.`,
          )),
    }));
  });
}

function entriesOf(
  { interface: name, expectations }: Router,
  entries: readonly NeighbourEntry[],
): readonly NeighbourEntry[] {
  return entries.filter(
    (each) => each.interface === name && expectations.addresses.includes(each.address),
  );
}
