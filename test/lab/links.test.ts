/** A master that loses its link is followed, and comes back as backup; also when its interface was made anew. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longestGap, summarize, timeline } from '../../src/prober/gaps.js';
import type { NamespaceRole } from '../../src/lab/topology.js';
import { HARDWARE_ADDRESSES, HOST_ADDRESSES } from '../../src/lab/topology.js';
import { mayRaiseLabs, must, pause, Rig, TENTH } from './rig.js';

/** Three intervals and a skew are 301 ms; a probe's own deadline is 500 ms; the rest is room for noise. */
const LOST_LINK_MS = 2_000;

describe.skipIf(!mayRaiseLabs)('a master', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('links', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  function ip(role: NamespaceRole, line: string): Promise<string> {
    return rig.told(role, 'ip', ...line.split(' '));
  }

  it.each([
    ['whose interface is set down', 'down here', 'up here'],
    ['whose cable is pulled', 'down there', 'up there'],
  ])('%s is followed, and is backup once it is back', async (_what, down, up) => {
    const { master, backup } = await rig.settled();
    const set = async (how: string): Promise<void> => {
      const [state, where] = how.split(' ');
      await (where === 'here'
        ? ip(master, `link set eth0 ${must(state, 'a state')}`)
        : ip('lan', `link set port-${master} ${must(state, 'a state')}`));
    };
    const mark = rig.events(master).length;
    const report = await rig.probed(0, async () => {
      await set(down);
      await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
      expect(await rig.group(master)).toMatchObject({ role: 'fault', fault: 'link eth0 down' });
    });
    expect(longestGap(report)).toMatchObject({ end: 'answered' });
    expect(longestGap(report)?.length ?? 0).toBeLessThan(LOST_LINK_MS);
    expect(rig.eventsSince(master, mark)).toContainEqual(
      expect.objectContaining({ event: 'link.state', state: 'down' }),
    );
    const healing = await rig.probed(0, async () => {
      await set(up);
      expect(await rig.settled()).toEqual({ master: backup, backup: master });
      await pause(500);
    });
    expect(summarize(healing).failed).toBe(0);
    expect(timeline(healing).map(({ node }) => node)).toEqual([backup]);
  });

  it('whose interface is deleted and made again finds it, and can be master again', async () => {
    const { master, backup } = await rig.settled();
    await ip(master, 'link del eth0');
    await rig.soon('the peer to take over', async () => (await rig.role(backup)) === 'master');
    expect(await rig.group(master)).toMatchObject({ role: 'fault', fault: 'link eth0 missing' });
    await pause(500);
    await ip(
      'lan',
      `link add port-${master} type veth peer name eth0 address ${HARDWARE_ADDRESSES[master]} netns ${rig.namespace(master)}`,
    );
    await ip('lan', `link set port-${master} master lan0`);
    await ip('lan', `link set port-${master} up`);
    await ip(master, `address add ${HOST_ADDRESSES[master]}/24 dev eth0`);
    await ip(master, 'link set eth0 up');
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    const before = (await rig.group(master)).counters.advertsReceived;
    await rig.soon('adverts to be heard', async () => {
      return (await rig.group(master)).counters.advertsReceived > before;
    });
    await rig.ownedBy(master);
    const report = await rig.probed(0, () => pause(500));
    expect(summarize(report).failed).toBe(0);
    expect(timeline(report).map(({ node }) => node)).toEqual([master]);
  });
});
