/** What we say on the wire, judged by Wireshark, in every form the configuration offers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ADDRESSES, otherNode } from '../../src/lab/topology.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';

import { packet, send } from './garbage.js';
import { mayRaiseLabs, pause, Rig, TENTH, value } from './rig.js';
import type { TappedAdvert } from './wire-tap.js';
import { ON_THE_LAN, WireTap } from './wire-tap.js';

/** Wireshark's verdicts on a checksum; it knows the form with a pseudo-header alone. */
const BAD = '0';
const GOOD = '1';

describe.skipIf(!mayRaiseLabs)('adverts', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('dialect', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  async function heard(options = ON_THE_LAN): Promise<readonly TappedAdvert[]> {
    const tap = await WireTap.open(rig, options);
    await pause(1_500);
    await tap.close();
    const adverts = tap.adverts();
    expect(adverts.length).toBeGreaterThanOrEqual(10);
    return adverts;
  }

  function only(values: readonly unknown[]): readonly unknown[] {
    return [...new Set(values)];
  }

  it('are well formed, and their checksum is good', async () => {
    const adverts = await heard();
    expect(only(adverts.map(({ complaint }) => complaint))).toEqual(['']);
    expect(only(adverts.map(({ checksum }) => checksum))).toEqual([GOOD]);
    expect(only(adverts.map(({ destination }) => destination))).toEqual([VRRP_GROUPS.ipv4]);
  });

  it('without the pseudo-header are well formed too, and understood by the peer', async () => {
    await rig.reconfigure((text) =>
      text.replace('vrid: 51', 'vrid: 51\n    checksum: without-pseudo-header'),
    );
    const adverts = await heard();
    expect(only(adverts.map(({ complaint }) => complaint))).toEqual(['']);
    expect(only(adverts.map(({ checksum }) => checksum))).toEqual([BAD]);
    const { backup } = await rig.settled();
    const { counters } = await rig.group(backup);
    expect(counters.rejected).toEqual({});
    expect(counters.advertsReceived).toBeGreaterThan(10);
  });

  it('of the other form are obeyed, and that is told once', async () => {
    const { master, backup } = await rig.settled();
    value(await rig.node(backup).stopEngine('for-good'));
    rig.editConfig(backup, (text) => text.replace('without-pseudo-header', 'with-pseudo-header'));
    const mark = rig.events(backup).length;
    value(await rig.node(backup).startEngine());
    expect(await rig.settled()).toEqual({ master, backup });
    await pause(500);
    const told = rig.eventsSince(backup, mark);
    expect(told.filter(({ event }) => event === 'vrrp.checksum-form')).toEqual([
      expect.objectContaining({ source: HOST_ADDRESSES[master], form: 'without-pseudo-header' }),
    ]);
  });

  describe('from address to address', () => {
    beforeAll(async () => {
      await rig.reconfigure((text) =>
        text
          .replace(/\n {4}checksum: .*/u, '')
          .replace(
            'vrid: 51',
            `vrid: 51\n    unicast: { lb1: ${HOST_ADDRESSES.lb1}, lb2: ${HOST_ADDRESSES.lb2} }`,
          ),
      );
    });

    it('go to the peer alone, and are good', async () => {
      const { master, backup } = await rig.settled();
      const adverts = await heard({ ...ON_THE_LAN, role: 'lan', interface: `port-${master}` });
      expect(only(adverts.map(({ complaint }) => complaint))).toEqual(['']);
      expect(only(adverts.map(({ checksum }) => checksum))).toEqual([GOOD]);
      expect(only(adverts.map(({ source, destination }) => [source, destination].join()))).toEqual([
        [HOST_ADDRESSES[master], HOST_ADDRESSES[backup]].join(),
      ]);
    });

    it('of a stranger are counted, and change nothing', async () => {
      const before = await rig.settled();
      for (const name of ['lb1', 'lb2'] as const) {
        const destination = HOST_ADDRESSES[name];
        const lie = packet({ priority: 255, destination });
        await send(rig, { packets: [lie], count: 20, perSecond: 100, destination });
      }
      await pause(100);
      expect(await rig.settled()).toEqual(before);
      for (const name of ['lb1', 'lb2'] as const) {
        expect((await rig.group(name)).counters.rejected).toEqual({ stranger: 20 });
      }
    });

    it('of a stranger to everybody change nothing either', async () => {
      const before = await rig.settled();
      await send(rig, { packets: [packet({ priority: 255 })], count: 20, perSecond: 100 });
      await pause(100);
      expect(await rig.settled()).toEqual(before);
    });

    it('are missed when their sender loses power, and heard again from it', async () => {
      const { master } = await rig.settled();
      value(await rig.node(master).powerOff());
      const peer = otherNode(master);
      await rig.soon('the peer to take over', async () => (await rig.role(peer)) === 'master');
      value(await rig.node(master).powerOn());
      expect(await rig.settled()).toEqual({ master: peer, backup: master });
      await rig.ownedBy(master);
    });
  });
});
