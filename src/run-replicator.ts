/** `vipair replicator`: the replicator on the real machine, a child of the daemon that it tells of itself. */

import type { Instant } from './base/time.js';
import { between, later, millis } from './base/time.js';
import { SystemClock } from './os/clock.js';
import { TlsPairTransports } from './os/pair-transport.js';
import { becomeUser, memoryBytes, Parent } from './os/parent.js';
import { UnixPeersListener } from './os/peers-listener.js';
import { SystemRandom } from './os/random.js';
import { ownedFile, SnapshotFiles } from './os/snapshot-files.js';
import type { ReplicatorOrders } from './ports/replicator.js';
import type { Replicator } from './replicator.js';
import { startReplicator } from './replicator.js';
import { MOST_SNAPSHOT_BYTES } from './wire/tables/snapshot.js';

/** Something new is told at once, but not more often; all of it is told at least so often. */
const LOOK_EVERY = millis(200);
const TELL_EVERY = millis(1000);

/** Resolves when the parent is gone or wants an end, or when it takes another process to go on. */
export function runReplicator(): Promise<void> {
  const parent = new Parent();
  const clock = new SystemClock();
  let replicator: Replicator | undefined;
  return new Promise((resolve) => {
    parent.begin({
      line: (line) => {
        if (replicator === undefined) {
          // Our own parent says it: what is no order is a mistake of ours, and ends us.
          const started = start(JSON.parse(line) as ReplicatorOrders, clock);
          replicator = started;
          // The daemon starts HAProxy, which dials once, when it hears of us.
          void started.tried.then(() => {
            tell(started, parent, clock);
          });
          void started.lost.then(resolve);
        } else {
          void answer(replicator, parent, JSON.parse(line) as Question);
        }
      },
      ended: () => {
        replicator?.stop();
        resolve();
      },
    });
  });
}

function start(orders: ReplicatorOrders, clock: SystemClock): Replicator {
  const { snapshot, socketOwner } = orders;
  return startReplicator(orders, {
    // Its directory is made, and entered, while we may.
    snapshots:
      snapshot === undefined
        ? undefined
        : new SnapshotFiles(ownedFile(snapshot.file, socketOwner), MOST_SNAPSHOT_BYTES),
    clock,
    random: new SystemRandom(),
    transports: new TlsPairTransports(),
    listener: new UnixPeersListener(),
    memoryBytes,
    bound: () => {
      if (socketOwner !== undefined) {
        becomeUser(socketOwner);
      }
    },
  });
}

/** What the daemon asks. */
interface Question {
  readonly ask: string;
  readonly id: number;
  readonly table: string;
}

async function answer(replicator: Replicator, parent: Parent, asked: Question): Promise<void> {
  const audited = await replicator.audit(asked.table);
  parent.say(
    JSON.stringify(
      audited.ok
        ? { answer: asked.id, audit: audited.value }
        : { answer: asked.id, refused: audited.error },
    ),
  );
}

function tell(replicator: Replicator, parent: Parent, clock: SystemClock): void {
  let told = '';
  let toldAt: Instant | undefined;
  const look = (): void => {
    const now = clock.now();
    const report = replicator.report();
    // Memory is always another, and no news.
    const news = JSON.stringify({ ...report, memoryBytes: 0 });
    if (news !== told || toldAt === undefined || between(toldAt, now) >= TELL_EVERY) {
      told = news;
      toldAt = now;
      parent.say(JSON.stringify({ report }));
    }
    clock.alarm(later(now, LOOK_EVERY), look);
  };
  look();
}
