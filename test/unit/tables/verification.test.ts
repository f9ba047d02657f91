/** Whether both nodes hold the same rows. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import { Mirror } from '../../../src/tables/mirror.js';
import { RowClock } from '../../../src/tables/row-clock.js';
import { Verification } from '../../../src/tables/verification.js';
import type { Digest, DigestVerdict } from '../../../src/wire/tables/message.js';
import { HandClock } from '../engine/fakes.js';

/** One node, and what its verification says and asks for. */
function given(id = 1) {
  const clock = new HandClock();
  const rowClock = new RowClock({ own: 'lb1', peer: 'lb2' }, clock);
  const mirror = new Mirror(() => rowClock.now());
  const table = { name: 'app', id, isShared: true, mirror: mirror.table('app') };
  table.mirror.expire = 60_000;
  const world = { link: 'up' as 'up' | 'down', settled: true, sent: 0, received: 0, heals: 0 };
  const [digests, verdicts]: [Digest[], DigestVerdict[]] = [[], []];
  const told: string[] = [];
  const verification = new Verification({
    clock,
    rowClock,
    link: {
      digest: (digest) => digests.push(digest),
      verdict: (verdict) => verdicts.push(verdict),
      sentOf: () => world.sent,
      get received() {
        return world.received;
      },
      get status() {
        return { state: world.link, since: clock.wallTime(), problem: undefined };
      },
    },
    tables: () => [table, { ...table, name: 'other', id: 99, isShared: false }],
    ofPeer: (peerId) => (peerId === 7 ? table : undefined),
    isSettled: () => world.settled,
    heal: () => {
      world.heals += 1;
    },
    told: (name, is) => told.push(`${name} ${is}`),
  });
  return { clock, rowClock, table, world, digests, verdicts, told, verification };
}

function verdict(is: DigestVerdict['verdict'], table = 1): DigestVerdict {
  return { kind: 'digest-verdict', table, verdict: is };
}

describe('verification', () => {
  it('sends a digest of each table that both have, every five seconds', () => {
    const { clock, rowClock, table, world, digests, verification } = given();
    table.mirror.take(1, 2, rowClock.now(), 3);
    table.mirror.take(2, 2, rowClock.now() - 55_000, 3);
    world.received = 4;
    verification.begin();
    clock.ringNext();
    const cut = rowClock.now() + 2000;
    const { high, low } = table.mirror.digest(cut);
    expect(digests).toEqual([{ kind: 'digest', table: 1, cut, rows: 1, high, low, heard: 4 }]);
    world.settled = false;
    clock.ringNext();
    world.settled = true;
    world.link = 'down';
    clock.ringNext();
    expect(digests).toHaveLength(1);
    verification.stop();
    expect(clock.pending()).toEqual([]);
  });

  it('compares the digest of the other node with its own', () => {
    const [here, there] = [given(), given(7)];
    there.verification.begin();
    there.clock.ringNext();
    const version = here.rowClock.now();
    here.table.mirror.take(1, 2, version, 3);
    there.table.mirror.take(1, 2, version, 3);
    there.clock.ringNext();
    const [empty, same] = there.digests;
    here.verification.heardDigest(same!);
    here.verification.heardDigest(empty!);
    here.verification.heardDigest({ ...same!, high: same!.high ^ 1 });
    here.verification.heardDigest({ ...same!, low: same!.low ^ 1 });
    expect(here.verdicts).toEqual(
      ['equal', 'differs', 'differs', 'differs'].map((is) => verdict(is as never, 7)),
    );
  });

  it.each<[string, (given_: ReturnType<typeof given>) => number]>([
    [
      'rows of its own are on their way',
      ({ world }) => {
        world.sent = 5;
        return 7;
      },
    ],
    [
      'something is being taught',
      ({ world }) => {
        world.settled = false;
        return 7;
      },
    ],
    [
      'one of them does not have the table',
      ({ table }) => {
        table.isShared = false;
        return 7;
      },
    ],
    ['it knows nothing of the table', () => 8],
  ])('says nothing of it while %s', (_why, arrange) => {
    const all = given();
    const table = arrange(all);
    const digest: Digest = {
      kind: 'digest',
      table,
      cut: all.rowClock.now(),
      ...{ rows: 0, high: 0, low: 0, heard: 4 },
    };
    all.verification.heardDigest(digest);
    expect(all.verdicts).toEqual([verdict('busy', table)]);
  });

  it('rows are otherwise when they were so twice in a row; then both are taught, once a minute', () => {
    const { verification, told, world, clock } = given();
    expect(verification.of('app')).toEqual({ verdict: 'unknown' });
    verification.heardVerdict(verdict('equal'));
    const equal = { verdict: 'equal', at: clock.wallTime() };
    clock.time = instant(clock.time + 5000);
    verification.heardVerdict(verdict('differs'));
    verification.heardVerdict(verdict('busy'));
    verification.heardVerdict(verdict('differs', 98));
    expect([verification.of('app'), told, world.heals]).toEqual([equal, [], 0]);
    verification.heardVerdict(verdict('differs'));
    expect(verification.of('app')).toEqual({ verdict: 'differs', at: clock.wallTime() });
    expect([told, world.heals]).toEqual([['app diverged'], 1]);
    clock.time = instant(clock.time + 59_999);
    verification.heardVerdict(verdict('differs'));
    expect(world.heals).toBe(1);
    clock.time = instant(clock.time + 1);
    verification.heardVerdict(verdict('differs'));
    expect(world.heals).toBe(2);
    verification.heardVerdict(verdict('equal'));
    expect(told).toEqual(['app diverged', 'app equal again']);
  });

  it('a difference on a former connection does not count', () => {
    const { verification, world } = given();
    verification.heardVerdict(verdict('differs'));
    verification.down();
    verification.heardVerdict(verdict('differs'));
    expect(world.heals).toBe(0);
  });
});
