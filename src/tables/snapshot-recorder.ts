/** What HAProxy teaches, written down as it comes: a snapshot of its tables, kept when it has told all of them. */
import { encodeLinkFrame } from '../wire/tables/frame.js';
import { writeLinkMessage } from '../wire/tables/message.js';
import type { LinkRow } from '../wire/tables/rows.js';
import { RowsWriter } from '../wire/tables/rows.js';
import {
  Checksum,
  CHECKSUM_BYTES,
  MOST_SNAPSHOT_BYTES,
  SNAPSHOT_MARK,
} from '../wire/tables/snapshot.js';
import type { SnapshotDraft, Snapshots } from '../ports/snapshots.js';
import type { RelayTable } from './relay-table.js';

export interface RecorderPorts {
  readonly snapshots: Snapshots;
  /** Why one was not kept, or not all of it. */
  readonly refused: (detail: string) => void;
}

interface Recording {
  readonly draft: SnapshotDraft;
  readonly checksum: Checksum;
  readonly defined: Set<RelayTable>;
  table: RelayTable | undefined;
  batches: number;
  bytes: number;
  left: number;
}

export class SnapshotRecorder {
  readonly #ports: RecorderPorts;
  readonly #mostBytes: number;
  readonly #batch = new RowsWriter();
  #recording: Recording | undefined;

  constructor(ports: RecorderPorts, mostBytes: number = MOST_SNAPSHOT_BYTES) {
    this.#ports = ports;
    this.#mostBytes = mostBytes;
  }

  /** HAProxy begins to tell everything. */
  begin(): void {
    this.drop();
    const [draft, checksum] = [this.#ports.snapshots.begin(), new Checksum()];
    this.#recording = {
      ...{ draft, checksum, defined: new Set(), table: undefined },
      ...{ batches: 0, bytes: CHECKSUM_BYTES, left: 0 },
    };
    this.#write(SNAPSHOT_MARK);
  }

  /** A row that it has told, with the version that it has. */
  row(table: RelayTable, row: LinkRow): void {
    const recording = this.#recording;
    if (recording === undefined) {
      return;
    }
    if (recording.table !== table) {
      this.#flush();
      this.#define(table);
    }
    this.#batch.add(row);
    if (this.#batch.isFull) {
      this.#flush();
    }
  }

  /** It has told all of it: that is kept from now on. */
  async keep(): Promise<void> {
    this.#flush();
    const recording = this.#recording;
    if (recording === undefined) {
      return;
    }
    this.#recording = undefined;
    const { draft, checksum, left } = recording;
    if (left > 0) {
      const most = String(this.#mostBytes);
      this.#ports.refused(`snapshot: ${String(left)} rows are left out, beyond ${most} bytes`);
    }
    // A few bytes more are always taken, or nothing would have been since long.
    draft.add(checksum.bytes);
    const kept = await draft.keep();
    if (!kept.ok) {
      this.#ports.refused(`snapshot: ${kept.error}`);
    }
  }

  /** That was not all of it: the one before stays. */
  drop(): void {
    this.#batch.clear();
    this.#recording?.draft.drop();
    this.#recording = undefined;
  }

  #define(table: RelayTable): void {
    const recording = this.#recording;
    if (recording === undefined) {
      return;
    }
    recording.table = table;
    if (table.own !== undefined && !recording.defined.has(table)) {
      recording.defined.add(table);
      const definition = { ...table.own, id: table.id };
      this.#write(encodeLinkFrame(writeLinkMessage({ kind: 'definition', table: definition })));
    }
  }

  #flush(): void {
    const recording = this.#recording;
    const { rows } = this.#batch;
    if (rows === 0 || recording?.table === undefined) {
      return;
    }
    recording.batches += 1;
    const frame = this.#batch.take(recording.table.id, recording.batches);
    if (recording.bytes + frame.length > this.#mostBytes) {
      recording.left += rows;
    } else {
      this.#write(frame);
    }
  }

  #write(bytes: Uint8Array): void {
    const recording = this.#recording;
    if (recording === undefined) {
      return;
    }
    recording.checksum.add(bytes);
    recording.bytes += bytes.length;
    if (recording.draft.add(bytes) === 'slow') {
      this.#ports.refused('snapshot: the disk is too slow; the one before stays');
      this.drop();
    }
  }
}
