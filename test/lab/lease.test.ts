/**
 * A master whose daemon dies or freezes falls silent before its peer speaks, and the address itself goes too.
 *
 * The lease is renewed in the same turn in which an advertisement is sent, so the last advertisement of a node, as the
 * kernel stamped it on the wire, is taken for its last renewal: it is never earlier, and a fraction of a millisecond
 * later. The answers are stamped by the kernel as well; only the questions come from a program.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Centis } from '../../src/base/time.js';
import type { Blow } from '../../src/lab/node.js';
import type { Ownership } from '../../src/prober/ownership.js';
import { ownership } from '../../src/prober/ownership.js';
import type { NodeName } from '../../src/lab/topology.js';
import { HARDWARE_ADDRESSES, HOST_ADDRESSES, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import { mayRaiseLabs, must, now, pause, Rig, SECOND, TENTH, value } from './rig.js';
import { WireTap } from './wire-tap.js';

/** What the last answer may come later than the end of the lease. */
const LATE_ANSWER_MS = 20;
/** What the kernel may take longer than the lifetime of an address to remove it. */
const LATE_REMOVAL_MS = 1_000;
/** Two looks at the interface, and the noise of the machine. */
const LOOK_MS = 150;

interface Silenced {
  /** From the last advertisement on the wire to the last answer. */
  readonly lastAnswerAfterMs: number;
  readonly leaseMs: number;
  /** To the last question that was asked while the lease surely ran: the watch may itself have been kept waiting. */
  readonly lastQuestionAfterMs: number;
  /** From the last advertisement to the first look that did not find the address. */
  readonly addressGoneAfterMs: number;
  readonly backstopMs: number;
  readonly ownership: Ownership;
}

async function hasAddress(rig: Rig, node: NodeName): Promise<boolean> {
  return (await rig.told(node, 'ip', 'address', 'show', 'dev', 'eth0')).includes(VIRTUAL_ADDRESS);
}

/** Strikes the master's daemon under the eyes of a watch, and waits until its address is gone and the peer serves. */
async function silence(rig: Rig, master: NodeName, blow: Blow): Promise<Silenced> {
  const { lease, advertIntervalMs } = await rig.group(master);
  const tap = await WireTap.open(rig);
  let goneAt = now();
  const report = await rig.watched(async () => {
    // Once more an advertisement, for the tap to see; then somewhere between two of them.
    await pause(advertIntervalMs * 1.5);
    rig.node(master).strikeEngine(blow);
    await rig.soon('the address to go', async () => !(await hasAddress(rig, master)), 8_000);
    goneAt = now();
    await pause(500);
  });
  await tap.close();
  const lastAdvert = must(
    tap.adverts().findLast(({ source }) => source === HOST_ADDRESSES[master]),
    'an advert',
  );
  const lastAnswer = must(
    tap.answers().findLast(({ node }) => node === master),
    'an answer',
  );
  const surelyLeased = lastAdvert.at + lease.lastsMs - 2 * LATE_ANSWER_MS;
  const lastQuestion = must(
    report.asks.findLast((at) => at < surelyLeased),
    'a question',
  );
  return {
    lastQuestionAfterMs: lastQuestion - lastAdvert.at,
    lastAnswerAfterMs: lastAnswer.at - lastAdvert.at,
    leaseMs: lease.lastsMs,
    addressGoneAfterMs: goneAt - lastAdvert.at,
    backstopMs: lease.backstopMs,
    ownership: ownership(report),
  };
}

function expectSilence(silenced: Silenced, master: NodeName, backup: NodeName): void {
  const { lastAnswerAfterMs, leaseMs, addressGoneAfterMs, backstopMs } = silenced;
  expect(lastAnswerAfterMs).toBeLessThan(leaseMs + LATE_ANSWER_MS);
  // It was the lease that ended it, and nothing sooner.
  expect(lastAnswerAfterMs).toBeGreaterThan(silenced.lastQuestionAfterMs - LATE_ANSWER_MS);
  expect(addressGoneAfterMs).toBeLessThan(backstopMs + LATE_REMOVAL_MS + LOOK_MS);
  expect(silenced.ownership.contestedAsks).toBe(0);
  expect(silenced.ownership.tenures.map(({ hardwareAddress }) => hardwareAddress)).toEqual([
    HARDWARE_ADDRESSES[master],
    HARDWARE_ADDRESSES[backup],
  ]);
}

describe.skipIf(!mayRaiseLabs).each<readonly [string, Centis]>([
  ['100 ms', TENTH],
  ['1 s', SECOND],
])('at %s adverts, a master', (_every, advertInterval) => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.raise('lease', { advertInterval });
  });

  afterAll(async () => {
    await rig.remove();
  });

  beforeEach(() => rig.heal());

  it('whose daemon is killed answers no longer than its lease, and never beside its peer', async () => {
    const { master, backup } = await rig.settled();
    expectSilence(await silence(rig, master, 'kill'), master, backup);
    value(await rig.node(master).startEngine());
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
  });

  it('whose daemon is frozen does the same, and stays backup once it thaws', async () => {
    const { master, backup } = await rig.settled();
    expectSilence(await silence(rig, master, 'freeze'), master, backup);
    const report = await rig.watched(async () => {
      rig.node(master).strikeEngine('thaw');
      await rig.soon('the old master to step down', async () => {
        return (await rig.role(master)) === 'backup';
      });
      for (let look = 0; look < 10; look += 1) {
        expect(await hasAddress(rig, master)).toBe(false);
        await pause(50);
      }
    });
    const { tenures, contestedAsks } = ownership(report);
    expect(contestedAsks).toBe(0);
    expect(tenures.map(({ hardwareAddress }) => hardwareAddress)).toEqual([
      HARDWARE_ADDRESSES[backup],
    ]);
    expect(await rig.settled()).toEqual({ master: backup, backup: master });
    expect(rig.events(master)).toContainEqual(expect.objectContaining({ event: 'lease.lost' }));
  });
});
