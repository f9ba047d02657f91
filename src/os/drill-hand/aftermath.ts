/** What follows when a drill is undone: everything is put back, the node is looked over, and all of it is written down. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UndoReason } from '../../core/drill-hand.js';
import type { NodePicture } from '../../core/drill-picture.js';
import { leftBehind } from '../../core/drill-picture.js';
import type { ProcessHost } from '../../ports/process-host.js';
import type { HandRecord } from './hand-record.js';
import { takePicture } from './node-picture.js';
import type { UndoPorts } from './undoing.js';
import { undoAll } from './undoing.js';

export interface Aftermath {
  readonly problems: readonly string[];
  readonly left: readonly string[];
  readonly undone: { readonly from: number; readonly to: number; readonly why: UndoReason };
}

/** `to` is when the last fault was undone, before the node is looked over. */
export async function undoRecord(
  { undo, before, daemon, state }: Pick<HandRecord, 'undo' | 'before' | 'daemon' | 'state'>,
  why: UndoReason,
  ports: UndoPorts,
): Promise<Aftermath> {
  const from = ports.clock.wallTime();
  const problems = await undoAll(undo, ports);
  const to = ports.clock.wallTime();
  const left = await lookOver(before, { daemon, node: state.node, id: state.id }, ports.processes);
  return { problems, left, undone: { from, to, why } };
}

/** What has to come back by itself, such as a daemon that was killed, is given some time. */
async function lookOver(
  before: NodePicture,
  of: { readonly daemon: HandRecord['daemon']; readonly node: string; readonly id: string },
  processes: Pick<ProcessHost, 'run'>,
): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    const left = leftBehind(before, await takePicture(of, processes));
    if (left.length === 0 || performance.now() > deadline) {
      return left;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const SETTLES_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 250;
