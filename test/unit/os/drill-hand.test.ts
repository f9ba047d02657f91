import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ok } from '../../../src/base/result.js';
import { SystemClock } from '../../../src/os/clock.js';
import type { HandPorts } from '../../../src/os/drill-hand/hand.js';
import { DrillHand } from '../../../src/os/drill-hand/hand.js';
import { readRecord, writeRecord } from '../../../src/os/drill-hand/hand-record.js';
import { identityOf } from '../../../src/os/drill-hand/process-identity.js';
import { value } from '../../contract/expected.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-hand-'));
const daemon = identityOf(process.pid)!;
const told = (id: string) => ({
  order: { id, drill: 'a', by: 'lb1', faults: [], lastsMs: 5000, armedForMs: 5000 },
  setup: {
    ...{ node: 'lb1', runtimeDirectory: directory, stateDirectory: directory, daemon },
    ...{ controlSocket: '', proxy: undefined, burner: ['false'] as const, power: undefined },
  },
});
const ports = (): HandPorts =>
  ({
    clock: new SystemClock(),
    processes: { run: () => Promise.resolve(ok({ stdout: '', stderr: '' })) },
  }) as unknown as HandPorts;

describe('the file of a hand', () => {
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('takes the place of a former drill’s, and is left alone once it is another hand’s', async () => {
    for (const id of ['former', 'mine']) {
      const hand = new DrillHand(told(id), ports());
      value(await hand.arm());
      hand.undo();
      await hand.over;
      expect(value(readRecord(directory))?.state).toMatchObject({ id, phase: 'undone' });
    }
    const hand = new DrillHand(told('frozen'), ports());
    value(await hand.arm());
    const record = value(readRecord(directory))!;
    const next = { ...record, hand: { pid: 1, startedAt: '1' } };
    writeRecord(directory, { ...next, state: { ...record.state, id: 'next' } });
    hand.undo();
    await hand.over;
    expect(value(readRecord(directory))?.state).toMatchObject({ id: 'next', phase: 'armed' });
  });
});
