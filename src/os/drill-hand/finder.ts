/** What is done by whoever finds the file of a hand: it undoes in its place where the hand is gone, or stuck. */
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '../../base/unreachable.js';
import type { Clock } from '../../ports/clock.js';
import type { HandState } from '../../core/drill-order.js';
import type { UndoReason } from '../../core/drill-hand.js';
import { isOver } from '../../core/drill-hand.js';
import { onFinding } from '../../core/drill-hand.js';
import { undoRecord } from './aftermath.js';
import { undoAll } from './undoing.js';
import type { HandRecord } from './hand-record.js';
import { readRecord, removeRecord, writeRecord } from './hand-record.js';
import { bootId, lives, signalTo } from './process-identity.js';
import type { UndoPorts } from './undoing.js';

export interface FinderPorts extends UndoPorts {
  readonly clock: Clock;
}

/** Undefined where there was nothing to do. */
export async function recoverHand(
  directory: string,
  why: UndoReason,
  ports: FinderPorts,
): Promise<HandState | undefined> {
  const record = readRecord(directory);
  if (!record.ok) {
    return undoBlindly(directory, record.error, why, ports);
  }
  if (record.value === undefined) {
    return undefined;
  }
  const found = onFinding(
    {
      phase: record.value.state.phase,
      deadline: record.value.deadline,
      process: lives(record.value.hand) ? 'lives' : 'gone',
      boot: record.value.boot === bootId() ? 'this' : 'former',
    },
    ports.clock.now(),
  );
  switch (found) {
    case 'nothing':
      return undefined;
    case 'expire':
      return close(directory, { ...record.value.state, phase: 'expired' }, record.value);
    case 'end and undo':
      signalTo(record.value.hand, 'SIGKILL');
      return undoFound(directory, record.value, why, ports);
    case 'undo':
      return undoFound(directory, record.value, why, ports);
    default:
      return unreachable(found);
  }
}

/** Undone in any case: by the hand, where it lives and can be told, or in its place. Undefined where there was nothing to undo. */
export async function endHand(
  directory: string,
  ports: FinderPorts,
): Promise<HandState | undefined> {
  const record = readRecord(directory);
  if (record.ok && record.value !== undefined && lives(record.value.hand)) {
    signalTo(record.value.hand, 'SIGTERM');
    const deadline = performance.now() + ENDS_WITHIN_MS;
    while (lives(record.value.hand) && performance.now() < deadline) {
      await sleep(LOOK_EVERY_MS);
    }
    signalTo(record.value.hand, 'SIGKILL');
    const after = readRecord(directory);
    if (after.ok && after.value !== undefined && isOver(after.value.state.phase)) {
      return after.value.state;
    }
  }
  if (record.ok && record.value?.state.phase === 'failed') {
    return undoFound(directory, record.value, 'asked', ports);
  }
  return recoverHand(directory, 'its hand was gone', ports);
}

/** Whatever its phase: also of one that failed, whose reason may be gone. */
export async function undoFound(
  directory: string,
  record: HandRecord,
  why: UndoReason,
  ports: FinderPorts,
): Promise<HandState> {
  const { problems, left, undone } = await undoRecord(record, why, ports);
  const phase = problems.length === 0 ? 'undone' : 'failed';
  return close(directory, { ...record.state, phase, undone, problems, left }, record);
}

/** Nobody knows any more what was done: whatever can be undone without knowing is, and a person is told of the rest. */
async function undoBlindly(
  directory: string,
  problem: string,
  why: UndoReason,
  ports: FinderPorts,
): Promise<HandState> {
  const from = ports.clock.wallTime();
  const problems = await undoAll([{ kind: 'rules' }], ports);
  const undone = { from, to: ports.clock.wallTime(), why };
  removeRecord(directory);
  return {
    ...{ id: UNKNOWN, drill: UNKNOWN, node: UNKNOWN, by: UNKNOWN, phase: 'failed' },
    ...{ armedAt: from, until: from, fired: undefined, undone, left: [] },
    problems: [
      `look whether every interface is up and no process is stopped: what a drill did is not known (${problem})`,
      ...problems,
    ],
  };
}

function close(directory: string, state: HandState, record: HandRecord): HandState {
  try {
    writeRecord(directory, { ...record, deadline: undefined, state });
  } catch {
    // It is found again, and undone again, which does no harm.
  }
  return state;
}

/** Of a drill whose file was damaged. */
export const UNKNOWN = 'unknown';
/** As long as an interface with its routes takes at the most. */
const ENDS_WITHIN_MS = 45_000;
const LOOK_EVERY_MS = 50;
