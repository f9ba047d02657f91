/** What is wrong with the adverts we sent in a row, in tshark's eyes and by the RFC's letter. */
import type { Ip } from '../../src/base/ip.js';
import type { NodeName } from '../../src/lab/topology.js';
import type { TapedAdvert } from './advert-tape.js';
import type { Row } from './row.js';
import { OURS, THEIRS } from './site.js';

/** Wireshark's verdict on a checksum that is as it expects it. */
const GOOD = '1';
const BAD = '0';
const ON_THE_LINK = 255;
const GROUPS = { ipv4: '224.0.0.18', ipv6: 'ff02::12' } as const;
const LINK_LOCAL = 'fe80:';

/** Empty where every one of them is good. `adverts` are ours alone. */
export function flawsOf(
  adverts: readonly TapedAdvert[],
  row: Row,
  { nodes }: { readonly nodes: Readonly<Record<NodeName, Ip>> },
): readonly string[] {
  const destination = row.audience === 'multicast' ? GROUPS[row.family] : nodes[THEIRS];
  const knownForm =
    row.checksum === 'with-pseudo-header' &&
    // The checksum of IPv4 does not cover a trailer, of which tshark knows nothing.
    (row.authentication !== 'hmac' || row.family === 'ipv6');
  const isOwn = (source: string): boolean =>
    row.family === 'ipv6' && row.audience === 'multicast'
      ? source.startsWith(LINK_LOCAL)
      : source === nodes[OURS];
  const flaws: readonly (readonly [string, (advert: TapedAdvert) => boolean])[] = [
    ['version', ({ version }) => version !== row.version],
    ['hops', ({ hops }) => hops !== ON_THE_LINK],
    ['source', ({ source }) => !isOwn(source)],
    ['destination', (advert) => advert.destination !== destination],
    ['checksum', ({ checksum }) => checksum !== (knownForm ? GOOD : BAD)],
    // Of a form it does not know, tshark complains about the checksum, and may complain about nothing else.
    ['complaint', ({ complaint }) => !(knownForm ? /^$/u : /^Bad checksum[^;]*$/u).test(complaint)],
  ];
  const resigned = adverts.some(({ priority }) => priority === 0);
  return [
    ...flaws.flatMap(([what, isFlawed]) => {
      const flawed = adverts.filter(isFlawed);
      return flawed.length === 0
        ? []
        : [`${String(flawed.length)} adverts: ${what}: ${JSON.stringify(flawed[0])}`];
    }),
    ...(adverts.length === 0 ? ['we sent no advert'] : []),
    // Only as the first master are we sure to be stopped while we own the address.
    ...(resigned || row.weAre === 'backup' ? [] : ['we never resigned with priority 0']),
  ];
}
