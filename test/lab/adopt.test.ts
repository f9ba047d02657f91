/** A pair whose HAProxy somebody else runs, as systemd does: adopted, watched, and never started nor ended by vipair. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxyWorker } from '../../src/lab/haproxy-socket.js';
import type { NodeName } from '../../src/lab/topology.js';
import { NODE_NAMES } from '../../src/lab/topology.js';
import { mayRaiseLabs, Rig, TENTH, value } from './rig.js';

describe.skipIf(!mayRaiseLabs)('a pair that adopts its HAProxy', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('adopt', {
      advertInterval: TENTH,
      pairChannel: 'open',
      proxyRun: 'systemd',
    });
  });

  afterAll(async () => {
    await rig.remove();
  });

  function processesOf(name: NodeName): readonly number[] {
    return rig.node(name).processes().proxyPids;
  }

  it('leaves it as it was: the daemon comes and goes, no process changes, nothing is reloaded', async () => {
    const before = NODE_NAMES.map((name) => processesOf(name).slice(0, 2));
    for (const name of NODE_NAMES) {
      value(await rig.node(name).stopEngine('hand-over'));
      value(await rig.node(name).startEngine());
      await rig.settled();
      value(await rig.node(name).stopEngine('for-good'));
      value(await rig.node(name).startEngine());
      await rig.settled();
    }
    expect(before.every((pids) => pids.length === 2)).toBe(true);
    // A daemon that looks around asks the program for its version, which is a process for a moment.
    await rig.soon(
      'the same processes and no other',
      () => JSON.stringify(NODE_NAMES.map(processesOf)) === JSON.stringify(before),
    );
  });

  it('follows a reload: nothing moves, and the new worker serves', async () => {
    const { master } = await rig.settled();
    const former = await proxyWorker(rig.node(master));
    const mark = rig.events(master).length;
    rig.node(master).reloadProxy();
    await rig.soon('another worker', async () => {
      const now = await proxyWorker(rig.node(master));
      return now !== undefined && now !== former;
    });
    await rig.soon('the reload to be told', () =>
      rig.eventsSince(master, mark).some(({ event }) => event === 'proxy.reloaded'),
    );
    expect((await rig.settled()).master).toBe(master);
    expect(rig.eventsSince(master, mark).map(({ event }) => event)).not.toContain('proxy.state');
  });

  it('moves away from where it dies, starts none, and takes the node for fit when it is started again', async () => {
    const { master, backup } = await rig.settled();
    rig.node(master).strikeProxy('kill');
    await rig.soon('the address to move', async () => (await rig.role(backup)) === 'master');
    await rig.soon('the node to be unfit', async () => (await rig.role(master)) === 'fault');
    await rig.soon('no process there', () => processesOf(master).length === 0);
    expect((await rig.status(master)).proxy).toMatchObject({ state: 'waiting' });
    value(await rig.node(master).startProxy());
    expect((await rig.settled()).master).toBe(backup);
  });

  it('moves away from where it hangs, and leaves it alone', async () => {
    const { master, backup } = await rig.settled();
    const before = processesOf(master).slice(0, 2);
    rig.node(master).strikeProxy('freeze');
    await rig.soon('the address to move', async () => (await rig.role(backup)) === 'master');
    expect(processesOf(master)).toEqual(expect.arrayContaining(before));
    rig.node(master).strikeProxy('thaw');
    expect((await rig.settled()).master).toBe(backup);
    expect(processesOf(master)).toEqual(expect.arrayContaining(before));
  });
});
