/** What outlives a loss of power, for the relay: recorded whenever HAProxy tells everything, told where nobody else can. */
import type { Instant, Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { Snapshots } from '../ports/snapshots.js';
import type { TeachingEnd } from '../wire/tables/message.js';
import type { LinkRow } from '../wire/tables/rows.js';
import type { PeerRows } from './peer-rows.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayTable } from './relay-table.js';
import type { RelayTables } from './relay-tables.js';
import type { RowClock } from './row-clock.js';
import { SnapshotPlayer } from './snapshot-player.js';
import { SnapshotRecorder } from './snapshot-recorder.js';

export interface Keeping {
  readonly snapshots: Snapshots;
  /** How old the last one may be before HAProxy is made to tell everything for the next. */
  readonly every: Millis;
  /** Why one is of no use, or was not kept. */
  readonly refused: (detail: string) => void;
}

export interface KeptRowsPorts {
  readonly clock: Clock;
  readonly rowClock: RowClock;
  readonly tables: RelayTables;
  readonly rows: Pick<PeerRows, 'replay'>;
  /** Undefined: nothing is kept. */
  readonly keeping: Keeping | undefined;
}

type Session = ProxySession<RelayTable>;

interface Kept {
  readonly recorder: SnapshotRecorder;
  readonly player: SnapshotPlayer;
  readonly every: Millis;
}

export class KeptRows {
  readonly #clock: Clock;
  readonly #kept: Kept | undefined;
  #dueAt: Instant;

  constructor({ keeping, clock, ...ports }: KeptRowsPorts) {
    this.#clock = clock;
    this.#dueAt = clock.now();
    this.#kept =
      keeping === undefined
        ? undefined
        : {
            recorder: new SnapshotRecorder(keeping),
            player: new SnapshotPlayer({ ...ports, ...keeping }),
            every: keeping.every,
          };
    this.#postpone();
  }

  /** Once a second: HAProxy is to tell everything when the next snapshot is due. */
  tick(session: Session | undefined): void {
    const isDue = this.#kept !== undefined && this.#clock.now() >= this.#dueAt;
    if (isDue && session?.state.name === 'open' && session.state.learning.name === 'no') {
      this.#postpone();
      session.step({ kind: 'teach' });
    }
  }

  teachingBegan(): void {
    this.#kept?.recorder.begin();
  }

  /** HAProxy has told this row. */
  row(table: RelayTable, row: LinkRow): void {
    this.#kept?.recorder.row(table, row);
  }

  teachingEnded(how: 'complete' | 'partial'): void {
    if (how === 'complete') {
      void this.#kept?.recorder.keep();
      this.#postpone();
    } else {
      this.#kept?.recorder.drop();
    }
  }

  /** The other node has told all it has, or that it has nothing. */
  taught(session: Session | undefined, how: TeachingEnd): void {
    if (how === 'no-proxy') {
      this.teach(session);
    } else {
      session?.step({ kind: 'taught' });
    }
  }

  /** Nobody tells a HAProxy that waits for rows: it is told what was kept, and then that this was all. */
  teach(session: Session | undefined): void {
    if (session?.state.name !== 'open' || session.state.learning.name === 'no') {
      return;
    }
    const done = (): void => {
      session.step({ kind: 'taught' });
    };
    if (this.#kept === undefined) {
      done();
    } else {
      this.#kept.player.play(session, done);
    }
  }

  /** HAProxy has taken what was queued for it. */
  drained(): void {
    this.#kept?.player.goOn();
  }

  /** The session with HAProxy has ended. */
  ended(): void {
    this.#kept?.recorder.drop();
    this.#kept?.player.stop();
  }

  #postpone(): void {
    if (this.#kept !== undefined) {
      this.#dueAt = later(this.#clock.now(), this.#kept.every);
    }
  }
}
