/**
 * The snapshot on its way back: a HAProxy that has started with nothing, where the other node has nothing to tell either, is
 * handed the rows that were kept. Their versions say how long they still live, and lose against whatever is newer.
 */
import type { Snapshots } from '../ports/snapshots.js';
import type { SnapshotPart } from '../wire/tables/snapshot.js';
import { readSnapshot } from '../wire/tables/snapshot.js';
import type { TableDefinition } from '../wire/peers/table.js';
import { readRows } from '../wire/tables/rows.js';
import type { PeerRows } from './peer-rows.js';
import type { ProxySession } from './proxy-session.js';
import type { RelayTable } from './relay-table.js';
import type { RelayTables } from './relay-tables.js';
import type { RowClock } from './row-clock.js';

export interface PlayerPorts {
  readonly snapshots: Snapshots;
  readonly rowClock: RowClock;
  readonly tables: RelayTables;
  readonly rows: Pick<PeerRows, 'replay'>;
  /** Why one is of no use. */
  readonly refused: (detail: string) => void;
}

interface Playing {
  readonly session: ProxySession<RelayTable>;
  readonly done: () => void;
  parts: readonly SnapshotPart[] | undefined;
  next: number;
  /** By their numbers in the snapshot. */
  readonly definitions: Map<number, TableDefinition>;
}

/** Bytes that wait for HAProxy; then it is waited for. */
const MOST_QUEUED = 1 << 20;

export class SnapshotPlayer {
  readonly #ports: PlayerPorts;
  #playing: Playing | undefined;

  constructor(ports: PlayerPorts) {
    this.#ports = ports;
  }

  /** Hands all of it to HAProxy; `done` is called behind the last row, also where there is none. Once at a time. */
  play(session: ProxySession<RelayTable>, done: () => void): void {
    if (this.#playing?.session === session) {
      return;
    }
    const playing: Playing = { session, done, parts: undefined, next: 0, definitions: new Map() };
    this.#playing = playing;
    void this.#read().then((parts) => {
      playing.parts = parts;
      this.goOn();
    });
  }

  /** HAProxy has taken what was queued. */
  goOn(): void {
    const playing = this.#playing;
    if (playing?.parts === undefined) {
      return;
    }
    const { session, parts, done } = playing;
    while (playing.next < parts.length) {
      if (session.state.name !== 'open') {
        this.#playing = undefined;
        return;
      }
      if (session.queued > MOST_QUEUED) {
        return;
      }
      this.#hand(playing, parts[playing.next]);
      playing.next += 1;
    }
    this.#playing = undefined;
    done();
  }

  /** With the session. */
  stop(): void {
    this.#playing = undefined;
  }

  async #read(): Promise<readonly SnapshotPart[]> {
    const { snapshots, rowClock, refused } = this.#ports;
    const found = await snapshots.read();
    if (found.ok && found.value === undefined) {
      return [];
    }
    const read = found.ok ? readSnapshot(found.value ?? NOTHING, rowClock.now()) : found;
    if (read.ok) {
      return read.value;
    }
    refused(`snapshot: it ${read.error}; it is set aside`);
    await snapshots.setAside();
    return [];
  }

  #hand({ session, definitions }: Playing, part: SnapshotPart | undefined): void {
    const { rows, rowClock } = this.#ports;
    if (part?.kind === 'definition') {
      definitions.set(part.table.id, part.table);
      return;
    }
    const batch = part === undefined ? undefined : readRows(part.body, rowClock.now());
    if (batch?.ok !== true) {
      return;
    }
    const table = this.#tableOf(definitions.get(batch.value.table));
    if (table !== undefined) {
      rowClock.hearVersion(batch.value.newest);
      const violation = rows.replay(batch.value, { table, session, recovering: 'yes' });
      if (violation === undefined) {
        session.step({ kind: 'handed' });
      } else {
        this.#ports.refused(`snapshot: a row of ${table.name}: ${violation.where}`);
        definitions.delete(batch.value.table);
      }
    }
  }

  /**
   * As if the other node had it, where nobody there has said how it is now; a link that comes up meanwhile makes that unknown
   * again. Undefined where it is otherwise there: then what was kept is not read like this any more.
   */
  #tableOf(definition: TableDefinition | undefined): RelayTable | undefined {
    if (definition === undefined) {
      return undefined;
    }
    const table = this.#ports.tables.named(definition.name);
    if (table.peer === undefined) {
      table.definePeer(definition);
      return table;
    }
    const there = { ...table.peer, id: definition.id };
    return JSON.stringify(there) === JSON.stringify(definition) ? table : undefined;
  }
}

const NOTHING = new Uint8Array(0);
