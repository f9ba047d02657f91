/** One row from beginning to end: a network, two routers, an observer, a tape; the drill; the judgement of what we said. */
import type { Millis } from '../../src/base/time.js';
import { between, centisToMillis, millis } from '../../src/base/time.js';
import type { LabPorts } from '../../src/lab/lab.js';
import type { Scheduling } from '../../src/lab/settings.js';
import type { LabName } from '../../src/lab/topology.js';
import { AdvertTape } from './advert-tape.js';
import { flawsOf } from './advert-judge.js';
import type { Stage } from './drill.js';
import { Drill } from './drill.js';
import { FrrRouter } from './frr-router.js';
import { KeepalivedRouter } from './keepalived-router.js';
import { LiveWatch } from './live-watch.js';
import type { Row } from './row.js';
import { intervalOf } from './row.js';
import type { Router } from './router.js';
import { Site } from './site.js';
import { VipairRouter } from './vipair-router.js';

export interface RowOutcome {
  readonly row: Row;
  readonly took: ReadonlyMap<Stage, Millis>;
  /** How many adverts of ours tshark has judged. */
  readonly judged: number;
  readonly lasted: Millis;
  /** Everything that was not as it must be; empty for a row that passed. */
  readonly failures: readonly string[];
}

export interface RowPorts extends LabPorts {
  readonly scheduling: Scheduling;
}

export async function runRow(row: Row, name: LabName, ports: RowPorts): Promise<RowOutcome> {
  const startedAt = ports.clock.now();
  const site = await Site.make(name, row.family, ports);
  const failures: string[] = [];
  const routers: Router[] = [];
  let drill: Drill | undefined;
  let judged = 0;
  try {
    const ours = new VipairRouter(site, row, ports);
    const theirs = peerOf(site, row, ports);
    routers.push(ours, theirs);
    const [watch, tape] = await Promise.all([
      LiveWatch.open(site, askEvery(row), ports),
      AdvertTape.open(site),
    ]);
    try {
      drill = new Drill({ row, site, ours, theirs, watch, tape, ports });
      await drill.run();
    } finally {
      await Promise.all([watch.close(), tape.close()]);
    }
    const adverts = tape.adverts().filter(({ mac }) => ours.advertMacs.includes(mac));
    judged = adverts.length;
    failures.push(...flawsOf(adverts, row, site.plan));
    for (const router of routers) {
      const said = router.complaints().map((each) => `${router.program} says: ${each}`);
      failures.push(...said.slice(0, COMPLAINTS));
    }
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
    failures.push(...routers.map((router) => `${router.program}:\n${router.story()}`));
  } finally {
    await site.remove();
  }
  const lasted = between(startedAt, ports.clock.now());
  return { row, took: drill?.took ?? new Map<Stage, Millis>(), judged, lasted, failures };
}

const COMPLAINTS = 5;

function peerOf(site: Site, row: Row, ports: RowPorts): Router {
  return row.peer === 'keepalived'
    ? new KeepalivedRouter(site, row, ports)
    : new FrrRouter(site, row, ports);
}

/** Often enough to tell a hand-over of half an interval from none. */
function askEvery(row: Row): Millis {
  return millis(Math.min(50, centisToMillis(intervalOf(row)) / 10));
}
