/** The daemon survives itself: a new one takes the place of the old, and clients notice nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabNode } from '../../src/lab/node.js';
import { summarize, timeline } from '../../src/prober/gaps.js';
import type { ProbeReport } from '../../src/prober/sample.js';
import type { NodeName } from '../../src/lab/topology.js';
import { mayRaiseLabs, Rig, SECOND, TENTH, unstalled, value } from './rig.js';

/** What a client saw, with everything that must be zero. */
function noticed(report: ProbeReport): Readonly<Record<string, unknown>> {
  return {
    failed: summarize(report).failed,
    streamsBroken: report.streamBreaks.length,
    streamsOpened: report.streamsOpened,
    nodes: timeline(report).map(({ node }) => node),
  };
}

function nothing(node: NodeName): Readonly<Record<string, unknown>> {
  return { failed: 0, streamsBroken: 0, streamsOpened: 2, nodes: [node] };
}

async function restartUnharmed(
  rig: Rig,
  restart: (master: LabNode) => Promise<void>,
): Promise<void> {
  const { master, backup } = await rig.settled();
  const node = rig.node(master);
  const { proxyPids, enginePid } = node.processes();
  const mark = rig.events(master).length;
  const peerMark = rig.events(backup).length;
  const report = await unstalled(() =>
    rig.probed(2, async () => {
      await restart(node);
      await rig.settled();
    }),
  );
  expect(noticed(report)).toEqual(nothing(master));
  expect(await rig.settled()).toEqual({ master, backup });
  expect(node.processes().proxyPids).toEqual(proxyPids);
  expect(node.processes().enginePid).not.toBe(enginePid);
  const history = (await rig.status(master)).history.map(({ text }) => text);
  expect(history).toContainEqual(expect.stringContaining('adopted'));
  expect(rig.eventsSince(master, mark)).toContainEqual(
    expect.objectContaining({ event: 'address.left-over', outcome: 'adopted' }),
  );
  expect(rig.eventsSince(backup, peerMark).filter(({ event }) => event === 'vrrp.state')).toEqual(
    [],
  );
}

async function handOver(master: LabNode): Promise<void> {
  value(await master.stopEngine('hand-over'));
  value(await master.startEngine());
}

async function killAndStart(master: LabNode): Promise<void> {
  master.strikeEngine('kill');
  value(await master.startEngine());
}

describe.skipIf(!mayRaiseLabs)('a daemon restarted at 1 s adverts', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('slow', { advertInterval: SECOND });
  });

  afterAll(async () => {
    await rig.remove();
  });

  it('that hands over to the next is not missed by any client', async () => {
    await restartUnharmed(rig, handOver);
  });

  it('that is killed and started again at once is not missed by any client', async () => {
    await restartUnharmed(rig, killAndStart);
  });

  it('is not missed either where it is the backup', async () => {
    const { master, backup } = await rig.settled();
    const { proxyPids } = rig.node(backup).processes();
    const report = await unstalled(() =>
      rig.probed(2, async () => {
        await killAndStart(rig.node(backup));
        await rig.settled();
      }),
    );
    expect(noticed(report)).toEqual(nothing(master));
    expect(rig.node(backup).processes().proxyPids).toEqual(proxyPids);
  });
});

describe.skipIf(!mayRaiseLabs)('a daemon restarted at 100 ms adverts', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('fast', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  it('hands over to the next as well: the backup learns to be patient', async () => {
    await restartUnharmed(rig, handOver);
  });

  it('is back to its own interval afterwards', async () => {
    const { master, backup } = await rig.settled();
    value(await rig.node(master).powerOff());
    await rig.soon(
      'the backup to take over',
      async () => (await rig.role(backup)) === 'master',
      2_000,
    );
    value(await rig.node(master).powerOn());
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
  });
});
