/** Why a virtual router of ours would not hear, or not like, an advert that is meant for it: the first difference, in words. */
import type { Ip } from '../base/ip.js';
import { isMulticastIp } from '../base/ip.js';
import { centisToMillis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { AuthenticationParams } from '../core/authentication.js';
import { authenticate, NOTHING_SIGNED } from '../core/authentication.js';
import type { Accepted, Rejection } from '../core/receive-checks.js';
import { describeRejection, judge } from '../core/receive-checks.js';
import { readTrailer } from '../wire/trailer.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import type { Said } from './finding.js';
import { note, problem } from './finding.js';
import type { Router } from './observations.js';
import type { Reading } from './reading.js';

/** The reading has the router's VRID, interface and family. Undefined where nothing differs. */
export function differenceOf(reading: Reading, router: Router): Said | undefined {
  const verdict = judge(reading.seen.arrived, router.expectations);
  if (verdict.kind === 'rejected') {
    return refusal(verdict.cause, reading, router);
  }
  const { authentication } = router;
  return (
    (authentication === undefined
      ? undefined
      : signatureDifference(verdict, reading, { router, authentication })) ??
    oddness(verdict, reading, router)
  );
}

/** Whether the router obeys it, whatever is odd about it. */
export function isHeard(reading: Reading, { expectations, authentication }: Router): boolean {
  const verdict = judge(reading.seen.arrived, expectations);
  return (
    verdict.kind === 'accepted' &&
    (authentication === undefined ||
      signatureRejection(verdict, reading, authentication) === undefined)
  );
}

/** Such as "10.77.0.3 advertises VRID 51 on eth0". */
function opening({ source, vrid, interface: name }: Reading): string {
  return `${source} advertises VRID ${String(vrid)} on ${name}`;
}

type Explain = (reading: Reading, router: Router) => Said;

/** The causes that deserve a story of their own. */
const REFUSALS: Readonly<Partial<Record<Rejection, Explain>>> = {
  ttl: (reading, router) =>
    problem(
      `${opening(reading)} with a TTL of ${String(reading.ttl)}, and group ${router.group} hears nothing below ${String(leastTtl(router))}: a router lies between, or the sender sets it wrongly.`,
    ),
  destination: (reading, router) => problem(`${opening(reading)} ${misdirected(reading, router)}`),
  own: (reading) =>
    problem(
      `${reading.mac ?? 'Another machine'} sends adverts of VRID ${String(reading.vrid)} on ${reading.interface} from ${reading.source}, this node's own address: both have the address, or the network returns what this node sends.`,
    ),
  stranger: (reading, router) =>
    problem(
      `${opening(reading)} to this node, and the unicast peers of group ${router.group} are ${list(peersOf(router))}: the peer's address is mistyped here, or it sends from another one.`,
      `set \`unicast\` of group ${router.group} to the address that the peer sends from`,
    ),
  version: (reading, { group, expectations }) =>
    problem(
      `${opening(reading)} in VRRP version ${String(reading.version)}, and group ${group} speaks version ${String(expectations.version)}: set the same \`version\` on both.`,
    ),
  checksum: (reading) =>
    problem(
      `${opening(reading)} with a wrong checksum${checksums(reading)}: the packets are damaged on their way, or the sender is broken.`,
    ),
  interval: (reading, router) => problem(intervalRefused(opening(reading), reading, router)),
  'auth-type': (reading, router) =>
    problem(`${opening(reading)} ${authenticationType(reading, router)}`),
  'auth-data': (reading, { group }) =>
    problem(
      `${opening(reading)} with another password than that of group ${group}: one of the two is mistyped.`,
    ),
};

function refusal(cause: Rejection, reading: Reading, router: Router): Said {
  return REFUSALS[cause]?.(reading, router) ?? refusedFor(cause, reading, router);
}

function refusedFor(cause: Rejection, reading: Reading, { group }: Router): Said {
  return problem(`${opening(reading)}, which group ${group} refuses: ${describeRejection(cause)}.`);
}

function leastTtl({ expectations }: Router): number {
  return expectations.audience.kind === 'multicast' ? 255 : expectations.minTtl;
}

function misdirected({ destination, family }: Reading, { expectations, group }: Router): string {
  const { audience, ownAddress } = expectations;
  const to = isMulticastIp(destination) ? `the multicast group ${destination}` : destination;
  switch (audience.kind) {
    case 'multicast':
      return `by unicast to ${to}, and group ${group} listens to multicast ${VRRP_GROUPS[family]}: configure \`unicast\` on both or on neither.`;
    case 'unicast':
      return isMulticastIp(destination)
        ? `to ${to}, and group ${group} hears only unicast to ${ownAddress}: configure \`unicast\` on both or on neither.`
        : `by unicast to ${to}, and group ${group} listens at ${ownAddress}: one of the two addresses is mistyped.`;
    default:
      return unreachable(audience);
  }
}

function peersOf({ expectations: { audience } }: Router): readonly Ip[] {
  return audience.kind === 'unicast' ? audience.peers : [];
}

function checksums({ wrongChecksum }: Reading): string {
  if (wrongChecksum === undefined) {
    return '';
  }
  const { found, expected } = wrongChecksum;
  return ` (${hex(found)}; ${hex(expected['with-pseudo-header'])} or ${hex(expected['without-pseudo-header'])} would be right)`;
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(4, '0')}`;
}

function intervalRefused(
  start: string,
  { advert }: Reading,
  { expectations, group }: Router,
): string {
  return advert === undefined
    ? `${start} with an interval of 0: the sender is broken (RFC 9568 §7.1).`
    : `${start} every ${duration(advert.maxAdvertInterval)}, and group ${group} every ${duration(expectations.interval)}: VRRPv2 hears only its own interval, so set the same on both.`;
}

function authenticationType({ advert }: Reading, { expectations, group }: Router): string {
  const type = advert?.version === 2 ? advert.authentication.type : 0;
  if (expectations.password === undefined) {
    return type === 1
      ? `with a password, and group ${group} has none: configure the same on both.`
      : `with authentication of type ${String(type)}, which group ${group} does not have: remove it there.`;
  }
  return type === 0
    ? `without a password, and group ${group} expects one: configure the same on both.`
    : `with authentication of type ${String(type)}, and group ${group} expects a password (type 1).`;
}

function signatureRejection(
  { source, advert, message, trailer }: Accepted,
  { seen }: Reading,
  authentication: AuthenticationParams,
): Rejection | undefined {
  const signed = { version: advert.version, source, message };
  return authenticate(authentication, NOTHING_SIGNED, { signed, trailer }, seen.wallTime).rejected;
}

function signatureDifference(
  verdict: Accepted,
  reading: Reading,
  {
    router,
    authentication,
  }: { readonly router: Router; readonly authentication: AuthenticationParams },
): Said | undefined {
  const rejected = signatureRejection(verdict, reading, authentication);
  if (rejected === undefined) {
    return verdict.trailer === undefined
      ? heardUnsigned(reading, router, authentication)
      : undefined;
  }
  const explain = SIGNATURE_REFUSALS[rejected];
  return explain === undefined
    ? refusedFor(rejected, reading, router)
    : problem(
        `${opening(reading)} ${explain({ signature: signatureOf(verdict), authentication, reading, router })}`,
      );
}

function heardUnsigned(reading: Reading, { group }: Router, { mode }: AuthenticationParams): Said {
  return note(`${opening(reading)} unsigned, which mode ${mode} of group ${group} still hears.`);
}

interface Signature {
  /** As text; `unknown` where the trailer cannot be read. */
  readonly keyId: string;
  /** Unix seconds, by the sender's clock. */
  readonly at: number;
}

function signatureOf({ trailer }: Accepted): Signature {
  const read = trailer === undefined ? undefined : readTrailer(trailer);
  return read?.ok === true
    ? { keyId: String(read.value.keyId), at: Number(read.value.sequence >> 32n) }
    : { keyId: 'unknown', at: 0 };
}

interface Signed {
  readonly signature: Signature;
  readonly authentication: AuthenticationParams;
  readonly reading: Reading;
  readonly router: Router;
}

type ExplainSignature = (signed: Signed) => string;

const SIGNATURE_REFUSALS: Readonly<Partial<Record<Rejection, ExplainSignature>>> = {
  'trailer-missing': ({ router }) =>
    `unsigned, and group ${router.group} enforces signatures: give the sender the key, or set \`mode: permissive\` until it has one.`,
  'trailer-key': ({ signature: { keyId }, authentication, router }) =>
    `signed with key ${keyId}, and group ${router.group} has ${keysOf(authentication)} only: add the key on this node.`,
  'trailer-forged': ({ signature: { keyId } }) =>
    `signed with key ${keyId}, but not with this node's key ${keyId}: the two secrets differ.`,
  'trailer-stale': ({ signature: { at }, reading }) =>
    `with a signature ${age(at, reading)}: one of the two clocks is wrong.`,
};

function keysOf({ keys }: AuthenticationParams): string {
  return `key ${keys.map(({ id }) => String(id)).join(' and ')}`;
}

function age(at: number, { seen }: Reading): string {
  const seconds = Math.round(seen.wallTime / 1000 - at);
  return seconds >= 0
    ? `${String(seconds)} s old by this node's clock`
    : `${String(-seconds)} s ahead of this node's clock`;
}

/** What is obeyed all the same. A pair that disagrees about its addresses loses one of them at the next move. */
function oddness(verdict: Accepted, reading: Reading, router: Router): Said | undefined {
  const { advert, warnings, checksum, trailer } = verdict;
  const { expectations, group } = router;
  const start = opening(reading);
  if (warnings.includes('address-list-differs')) {
    const shared = advert.addresses.some((each) => expectations.addresses.includes(each));
    return shared
      ? problem(
          `${start} for ${list(advert.addresses)}, and group ${group} has ${list(expectations.addresses)}: configure the same addresses on both.`,
        )
      : problem(
          `${start}, the VRID of group ${group}, for other addresses (${list(advert.addresses)}): two pairs share one VRID, so give one of them another.`,
        );
  }
  if (warnings.includes('interval-differs')) {
    return note(
      `${start} every ${duration(advert.maxAdvertInterval)}, and group ${group} every ${duration(expectations.interval)}: version 3 follows its master, but the time to fail over depends on who is master.`,
    );
  }
  if (reading.family === 'ipv4' && advert.version === 3 && checksum !== router.checksum) {
    return note(
      `${start} with a checksum ${FORMS[checksum]}, and this node sends the other form: vipair hears both, other routers one.`,
      `\`checksum: ${checksum}\` in group ${group} makes them the same`,
    );
  }
  return trailer !== undefined && router.authentication === undefined
    ? note(`${start} signed, and group ${group} has no key to verify it with.`)
    : undefined;
}

const FORMS = {
  'with-pseudo-header': 'that covers a pseudo-header, as of keepalived',
  'without-pseudo-header': 'that covers the message only, as of RFC 9568',
} as const;

export function list(items: readonly string[]): string {
  return items.length < 2
    ? items.join('')
    : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

export function duration(interval: Parameters<typeof centisToMillis>[0]): string {
  const ms = centisToMillis(interval);
  return ms % 1000 === 0 ? `${String(ms / 1000)} s` : `${String(ms)} ms`;
}
