/**
 * Whether both nodes hold the same rows: each sends a digest of what its mirror says, behind all rows it sent before, and the
 * other compares it with its own. What is still on its way the other way makes a comparison worthless, and it is said so.
 */
import type { Instant, WallTime } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Digest, DigestVerdict } from '../wire/tables/message.js';
import type { Link } from './link.js';
import type { RowClock } from './row-clock.js';
import type { RowsDigest } from './table-mirror.js';

export interface VerifiedTable {
  readonly name: string;
  /** By which the link knows it from us. */
  readonly id: number;
  /** Both nodes have it, and alike. */
  readonly isShared: boolean;
  readonly mirror: { digest(cut: number): RowsDigest };
}

export interface VerificationPorts {
  readonly clock: Clock;
  readonly rowClock: RowClock;
  readonly link: Pick<Link, 'digest' | 'received' | 'sentOf' | 'status' | 'verdict'>;
  readonly tables: () => readonly VerifiedTable[];
  /** By the number that the other node has given it. */
  readonly ofPeer: (id: number) => VerifiedTable | undefined;
  /** Nothing is being taught in either direction. */
  readonly isSettled: () => boolean;
  /** Both proxies are to teach everything. */
  readonly heal: () => void;
  readonly told: (table: string, is: 'diverged' | 'equal again') => void;
}

export interface Verified {
  readonly verdict: 'equal' | 'differs' | 'unknown';
  /** When that was so. */
  readonly at?: WallTime;
}

interface Comparison {
  readonly verified: Verified;
  /** How often in a row it was otherwise. */
  readonly differences: number;
}

const VERIFY_EVERY = millis(5000);
/** Rows that expire while a digest is on its way are not compared, in milliseconds. */
const MARGIN_MS = 2000;
/** Once may be a row that came in between; twice in a row is not. */
const DIFFERENCES_THAT_COUNT = 2;
const HEAL_EVERY = millis(60_000);
const NEVER: Comparison = { verified: { verdict: 'unknown' }, differences: 0 };

export class Verification {
  readonly #ports: VerificationPorts;
  /** Only of tables that both nodes have, which are bounded. */
  readonly #comparisons = new Map<string, Comparison>();
  #alarm: Alarm | undefined;
  #healedAt: Instant | undefined;

  constructor(ports: VerificationPorts) {
    this.#ports = ports;
  }

  begin(): void {
    const { clock } = this.#ports;
    this.#alarm = clock.alarm(later(clock.now(), VERIFY_EVERY), () => {
      this.#say();
      this.begin();
    });
  }

  stop(): void {
    this.#alarm?.cancel();
  }

  /** What was said on the former connection was of other rows. */
  down(): void {
    for (const [name, { verified }] of this.#comparisons) {
      this.#comparisons.set(name, { verified, differences: 0 });
    }
  }

  of(table: string): Verified {
    return this.#comparison(table).verified;
  }

  /** Of the other node; all rows that it sent before have been taken. */
  heardDigest(digest: Digest): void {
    const { link, ofPeer } = this.#ports;
    const table = ofPeer(digest.table);
    const verdict = table === undefined ? 'busy' : this.#judge(table, digest);
    link.verdict({ kind: 'digest-verdict', table: digest.table, verdict });
  }

  /** On a digest of ours. */
  heardVerdict({ table: id, verdict }: DigestVerdict): void {
    const table = this.#ports.tables().find((each) => each.id === id);
    if (table === undefined) {
      return;
    }
    switch (verdict) {
      case 'equal':
        this.#foundEqual(table.name);
        return;
      case 'differs':
        this.#foundDifferent(table.name);
        return;
      case 'busy':
        return;
      default:
        unreachable(verdict);
    }
  }

  #say(): void {
    const { link, rowClock, tables, isSettled } = this.#ports;
    if (link.status.state === 'down' || !isSettled()) {
      return;
    }
    const cut = rowClock.now() + MARGIN_MS;
    for (const { id, isShared, mirror } of tables()) {
      if (isShared) {
        const { received: heard } = link;
        link.digest({ kind: 'digest', table: id, cut, ...mirror.digest(cut), heard });
      }
    }
  }

  #judge({ id, isShared, mirror }: VerifiedTable, digest: Digest): DigestVerdict['verdict'] {
    const { link, isSettled } = this.#ports;
    if (!isShared || !isSettled() || link.sentOf(id) > digest.heard) {
      return 'busy';
    }
    const { rows, high, low } = mirror.digest(digest.cut);
    const isEqual = rows === digest.rows && high === digest.high && low === digest.low;
    return isEqual ? 'equal' : 'differs';
  }

  #foundEqual(table: string): void {
    const { clock, told } = this.#ports;
    if (this.of(table).verdict === 'differs') {
      told(table, 'equal again');
    }
    const verified: Verified = { verdict: 'equal', at: clock.wallTime() };
    this.#comparisons.set(table, { verified, differences: 0 });
  }

  #foundDifferent(table: string): void {
    const { clock, told } = this.#ports;
    const { verified, differences: before } = this.#comparison(table);
    const differences = before + 1;
    if (differences < DIFFERENCES_THAT_COUNT) {
      this.#comparisons.set(table, { verified, differences });
      return;
    }
    if (verified.verdict !== 'differs') {
      told(table, 'diverged');
    }
    const differs: Verified = { verdict: 'differs', at: clock.wallTime() };
    this.#comparisons.set(table, { verified: differs, differences });
    this.#heal();
  }

  /** A cause that is not mended by it must not keep both proxies teaching. */
  #heal(): void {
    const { clock, heal } = this.#ports;
    const now = clock.now();
    if (this.#healedAt === undefined || between(this.#healedAt, now) >= HEAL_EVERY) {
      this.#healedAt = now;
      heal();
    }
  }

  #comparison(table: string): Comparison {
    return this.#comparisons.get(table) ?? NEVER;
  }
}
