/** Noise, lies and strangers on protocol 112: counted by name, and nothing moves. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { summarize } from '../../src/prober/gaps.js';
import { HOST_ADDRESSES, NODE_NAMES } from '../../src/lab/topology.js';
import { GARBAGE, packet, send } from './garbage.js';
import { mayRaiseLabs, pause, Rig, TENTH } from './rig.js';
import { ON_THE_LAN, WireTap } from './wire-tap.js';

const FLOOD = { perSecond: 50_000, count: 150_000 };
/** Three intervals: a backup that hears nothing for so long takes over. */
const PATIENCE_MS = 300;

describe.skipIf(!mayRaiseLabs)('a pair on a hostile LAN', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('noise', { advertInterval: TENTH });
  });

  afterAll(async () => {
    await rig.remove();
  });

  beforeEach(async () => {
    await rig.ownedBy('lb1');
  });

  async function unmoved(act: () => Promise<void>): Promise<void> {
    const marks = NODE_NAMES.map((name) => rig.events(name).length);
    await act();
    expect(await rig.settled()).toEqual({ master: 'lb1', backup: 'lb2' });
    const moves = NODE_NAMES.flatMap((name, index) =>
      rig.eventsSince(name, marks[index] ?? 0).filter(({ event }) => event === 'vrrp.state'),
    );
    expect(moves).toEqual([]);
  }

  async function rejected(name: 'lb1' | 'lb2', cause: string): Promise<number> {
    return (await rig.group(name)).counters.rejected[cause] ?? 0;
  }

  it.each(Object.entries(GARBAGE))('counts a packet of wrong %s', async (cause, each) => {
    const counted = cause === 'destination' ? (['lb1'] as const) : NODE_NAMES;
    await unmoved(async () => {
      const before = await Promise.all(counted.map((name) => rejected(name, cause)));
      await send(rig, {
        packets: [each],
        count: 20,
        perSecond: 1_000,
        ...(cause === 'destination' ? { destination: HOST_ADDRESSES.lb1 } : {}),
      });
      await pause(100);
      const after = await Promise.all(counted.map((name) => rejected(name, cause)));
      expect(after).toEqual(before.map((count) => count + 20));
    });
  });

  it('counts packets of almost 64 KB that came in fragments', async () => {
    await unmoved(async () => {
      const before = await rejected('lb1', 'not-ipv4');
      const body = Buffer.concat([packet({ priority: 255 }).subarray(20), Buffer.alloc(65_000)]);
      await send(rig, { form: 'fragmented', packets: [body], count: 20, perSecond: 100 });
      await pause(100);
      expect(await rejected('lb1', 'not-ipv4')).toBeGreaterThan(before);
    });
  });

  it("does not believe that somebody else speaks from the master's own address", async () => {
    await unmoved(async () => {
      // The kernel drops what claims to come from itself; the backup cannot tell, and waits on.
      const spoofed = packet({ source: HOST_ADDRESSES.lb1, priority: 255 });
      await send(rig, { packets: [spoofed], count: 50, perSecond: 100 });
    });
  });

  // Again where other work on the machine kept the prober itself waiting.
  it('goes on under a flood of it', { retry: 2 }, async () => {
    await unmoved(async () => {
      const causes = Object.keys(GARBAGE).filter((cause) => cause !== 'destination');
      const total = async (): Promise<number> => {
        const { counters } = await rig.group('lb2');
        return causes.reduce((sum, cause) => sum + (counters.rejected[cause] ?? 0), 0);
      };
      const before = await total();
      const filter = `ip proto 112 and not src ${HOST_ADDRESSES.client}`;
      const tap = await WireTap.open(rig, { ...ON_THE_LAN, filter });
      let tookMs = 0;
      const report = await rig.probed(2, async () => {
        const packets = causes.map((cause) => GARBAGE[cause] ?? Buffer.alloc(0));
        const salvo = await send(rig, { packets, ...FLOOD });
        expect(salvo.sent).toBe(FLOOD.count);
        ({ tookMs } = salvo);
      });
      await tap.close();
      const sent = tap.adverts();
      const pauses = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? at));
      expect(new Set(sent.map(({ source }) => source))).toEqual(new Set([HOST_ADDRESSES.lb1]));
      expect(Math.max(...pauses)).toBeLessThan(PATIENCE_MS);
      expect(sent.length).toBeGreaterThan(tookMs / 100 / 2);
      // Most of them were read and judged one by one; the kernel may drop some before.
      expect((await total()) - before).toBeGreaterThan(FLOOD.count / 2);
      expect(summarize(report).failed).toBe(0);
      expect(report.streamBreaks).toEqual([]);
    });
  });

  it('has a master that answers a stranger of lower priority, announces again, and stays', async () => {
    await unmoved(async () => {
      const mark = rig.events('lb1').length;
      const before = (await rig.group('lb1')).counters;
      await send(rig, { packets: [packet({ priority: 100 })], count: 10, perSecond: 20 });
      await pause(200);
      const after = (await rig.group('lb1')).counters;
      expect(after.announcements).toBeGreaterThan(before.announcements);
      const contests = rig.eventsSince('lb1', mark).filter(({ event }) => event === 'vrrp.contest');
      expect(contests).toEqual([
        expect.objectContaining({ source: HOST_ADDRESSES.client, priority: 100 }),
      ]);
    });
  });

  it('obeys a valid advert of priority 255, as VRRP without authentication must, and takes back', async () => {
    const mark = rig.events('lb1').length;
    const lying = send(rig, { packets: [packet({ priority: 255 })], count: 30, perSecond: 20 });
    await rig.soon('the master to yield', async () => (await rig.role('lb1')) === 'backup');
    expect(await rig.owner()).toBeUndefined();
    await lying;
    await rig.settled();
    expect(rig.eventsSince('lb1', mark)).toContainEqual(
      expect.objectContaining({
        event: 'vrrp.state',
        to: 'backup',
        cause: `${HOST_ADDRESSES.client} advertises priority 255`,
      }),
    );
  });
});
