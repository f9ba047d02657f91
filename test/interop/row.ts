/** The interoperation matrix as a table: who meets whom, in which dialect of VRRP. */
import type { Family } from '../../src/base/ip.js';
import type { Centis, Millis } from '../../src/base/time.js';
import { centis, centisToMillis, millis, scale, sum } from '../../src/base/time.js';
import type { ChecksumForm } from '../../src/config/config.js';

export type PeerKind = 'keepalived' | 'frr';

export interface Row {
  readonly peer: PeerKind;
  /** The master starts first, with the higher priority. */
  readonly weAre: 'master' | 'backup';
  readonly version: 2 | 3;
  readonly family: Family;
  readonly audience: 'multicast' | 'unicast';
  /** Of what we send. Only VRRPv3 over IPv4 has a choice. */
  readonly checksum: ChecksumForm;
  /** Whether the peer, where it has the higher priority, takes the addresses back. We are never asked to. */
  readonly peerPreempts: 'preempt' | 'nopreempt';
  /** `password`: VRRPv2's own; `hmac`: the trailer of keepalived 2.4.2, enforced by both. */
  readonly authentication: 'none' | 'password' | 'hmac';
}

/** What the peer's build can do beyond what every keepalived and FRR can. */
export interface PeerAbilities {
  readonly version: string;
  /** keepalived understands a checksum without pseudo-header since 2.2.8, where it is told to (`v3_checksum_as_v2`). */
  readonly checksums: 'both' | 'with-pseudo-header';
  /** Since 2.4.2. */
  readonly hmac: 'understood' | 'unknown';
}

export const HIGHER_PRIORITY = 200;
export const LOWER_PRIORITY = 100;

/** VRRPv2 knows whole seconds only (RFC 3768 §5.3.7). */
export function intervalOf({ version }: Row): Centis {
  return version === 2 ? centis(100) : centis(10);
}

/**
 * The longest a change of owner may take: four intervals and the longest skew either has. Two cores run four rows at a
 * time, so as much again as a program may be kept waiting there.
 */
export function changesWithin(row: Row): Millis {
  const interval = centisToMillis(intervalOf(row));
  return sum(scale(interval, 4), scale(interval, (256 - LOWER_PRIORITY) / 256), NOISE);
}
export const NOISE: Millis = millis(1_000);

/** Longer than any router waits before it takes over: if nothing moves for so long, nothing will. */
export function quietAfter(row: Row): Millis {
  return sum(scale(centisToMillis(intervalOf(row)), 4.5), millis(300));
}

/** One word for each choice: what a test is called, and what a person types to run that row alone. */
export function nameOf(row: Row): string {
  return [
    row.peer,
    `we-are-${row.weAre}`,
    `v${String(row.version)}`,
    row.family,
    row.audience,
    ...(row.checksum === 'without-pseudo-header' ? [row.checksum] : []),
    row.peerPreempts,
    ...(row.authentication === 'none' ? [] : [row.authentication]),
  ].join(' ');
}

export interface Matrix {
  /** The slow ones first, so that none of them is left for the end. */
  readonly rows: readonly Row[];
  /** What the installed keepalived does not know, and how many rows wait for a newer one. */
  readonly impossible: readonly string[];
}

/**
 * `every`: each row there is. `pairs`: half of them, in which each two choices still meet, such as a unicast VRRPv2 and a
 * peer that does not preempt.
 */
export type Extent = 'every' | 'pairs';

export function matrix(keepalived: PeerAbilities, extent: Extent): Matrix {
  const rows = [...keepalivedRows(), ...frrRows()].toSorted((a, b) => a.version - b.version);
  const all = extent === 'every' ? rows : rows.filter(isOfPairs);
  const lacks = all.map((row) => lackOf(row, keepalived));
  return {
    rows: all.filter((_row, index) => lacks[index] === undefined),
    impossible: [...new Set(lacks)].flatMap((lack) =>
      lack === undefined
        ? []
        : [
            `not possible with keepalived ${keepalived.version}: ` +
              `${String(lacks.filter((each) => each === lack).length)} rows ${lack}`,
          ],
    ),
  };
}

/** Of two rows that differ in whether the peer preempts alone, one; what authenticates is not asked twice anyway. */
function isOfPairs({
  weAre,
  audience,
  version,
  family,
  peerPreempts,
  authentication,
}: Row): boolean {
  const others = [weAre === 'master', audience === 'unicast', version === 2, family === 'ipv6'];
  const isEven = others.filter((each) => each).length % 2 === 0;
  return authentication !== 'none' || isEven === (peerPreempts === 'preempt');
}

/** Undefined where the peer can do all that the row asks of it. */
function lackOf({ peer, checksum, authentication }: Row, able: PeerAbilities): string | undefined {
  if (peer === 'keepalived' && authentication === 'hmac' && able.hmac === 'unknown') {
    return 'with an HMAC trailer, which it knows since 2.4.2';
  }
  return peer === 'keepalived' && checksum !== 'with-pseudo-header' && able.checksums !== 'both'
    ? 'without pseudo-header, which it knows since 2.2.8'
    : undefined;
}

function keepalivedRows(): readonly Row[] {
  const plain = DIALECTS.flatMap((dialect) =>
    SIDES.flatMap((side) => AUDIENCES.map((audience) => ({ audience, ...dialect, ...side }))),
  );
  // One row each way tells whether what authenticates is sent and understood; the rest does not depend on it.
  const told = SIDES.filter(({ peerPreempts }) => peerPreempts === 'preempt').flatMap((side) => [
    { audience: 'multicast' as const, ...V2, ...side, authentication: 'password' as const },
    ...[PLAIN, V2, IPV6].flatMap((dialect) =>
      AUDIENCES.map((audience) => ({
        ...{ audience, ...dialect, ...side, authentication: 'hmac' as const },
      })),
    ),
  ]);
  return [...plain, ...told].map((row) => ({ peer: 'keepalived', ...row }));
}

/** FRR speaks multicast alone, and its checksum has a pseudo-header. */
function frrRows(): readonly Row[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) =>
    SIDES.map((side) => ({
      ...{ peer: 'frr' as const, audience: 'multicast' as const, ...PLAIN, family, ...side },
    })),
  );
}

const SIDES = (['master', 'backup'] as const).flatMap((weAre) =>
  (['preempt', 'nopreempt'] as const).map((peerPreempts) => ({ weAre, peerPreempts })),
);

const PLAIN = {
  version: 3,
  family: 'ipv4',
  checksum: 'with-pseudo-header',
  authentication: 'none',
} as const;

const V2 = { ...PLAIN, version: 2 } as const;
const IPV6 = { ...PLAIN, family: 'ipv6' } as const;
const AUDIENCES = ['multicast', 'unicast'] as const;

/** Not all combinations: VRRPv2 is IPv4 alone, and only VRRPv3 over IPv4 can do without a pseudo-header. */
const DIALECTS: readonly Pick<Row, 'version' | 'family' | 'checksum' | 'authentication'>[] = [
  PLAIN,
  { ...PLAIN, checksum: 'without-pseudo-header' },
  IPV6,
  V2,
];
