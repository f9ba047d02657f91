/** `npm run bench -- tables`: stick tables replicated by vipair, and by HAProxy's own peers in the same kind of lab. */
import { centis, centisToMillis, millis } from '../../src/base/time.js';
import type { Lab } from '../../src/lab/lab.js';
import { pause } from '../../src/lab/pause.js';
import { defaultSettings } from '../../src/lab/settings.js';
import { otherNode } from '../../src/lab/topology.js';
import { AdvertObserver } from './advert-observer.js';
import type { Progress } from './failover.js';
import { whole } from './fitness.js';
import type { Labs } from './labs.js';
import { lateness, quantile } from './statistics.js';
import type { Cost } from './tables-cost.js';
import { costFrom } from './tables-cost.js';
import type { Part, PartFigures } from './tables-parts.js';
import { benchSections } from './tables-sections.js';

export const REPLICATORS = ['vipair', 'haproxy'] as const;
export type Replicator = (typeof REPLICATORS)[number];

export interface TablesRound extends PartFigures {
  readonly part: Part;
  readonly by: Replicator;
  readonly cost: Cost;
  /** The 99th percentile of how late the owner's adverts were meanwhile, in milliseconds. */
  readonly advertsLateMs: number;
}

export interface TablesPlan {
  readonly parts: readonly Part[];
  readonly by: readonly Replicator[];
  readonly rounds: number;
}

export const TABLES_ADVERTS = centis(10);
const P99 = 0.99;
/** Until both HAProxys have met their peers: they dial every five seconds. */
const PEERS_MEET = millis(6_000);

/** In turn, so that a machine that grows busier favours neither. */
export async function measureTables(
  { parts, by, rounds }: TablesPlan,
  labs: Labs,
  progress: Progress,
): Promise<readonly TablesRound[]> {
  const measured: TablesRound[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const lab of ['live', 'resync'] as const) {
      const chosen = parts.filter((part) => part.lab === lab);
      for (const each of chosen.length === 0 ? [] : by) {
        progress(`round ${String(round)} of ${String(rounds)}, ${lab}, ${each}`);
        measured.push(...(await measureIn(each, chosen, { labs, progress })));
        await labs.clear();
      }
    }
  }
  return measured;
}

async function measureIn(
  by: Replicator,
  parts: readonly Part[],
  { labs, progress }: { readonly labs: Labs; readonly progress: Progress },
): Promise<readonly TablesRound[]> {
  const lab = await raise(by, labs);
  const { clock } = labs.ports;
  const owner = await whole(lab, clock);
  await pause(clock, PEERS_MEET);
  const adverts = new AdvertObserver(lab, clock, centisToMillis(TABLES_ADVERTS));
  const measured: TablesRound[] = [];
  try {
    for (const part of parts) {
      adverts.forget();
      const cost = costFrom(lab);
      const there = lab.nodes[otherNode(owner.name)];
      const outcome = await part.measure({ lab, here: owner, there });
      const late = lateness(adverts.stampsOf(owner.name), centisToMillis(TABLES_ADVERTS));
      const round = { ...outcome, part, by, cost: cost(), advertsLateMs: quantile(late, P99) };
      progress(`  ${part.label}: ${figuresText(outcome)}`);
      measured.push(round);
    }
    return measured;
  } finally {
    adverts.stop();
  }
}

export function figuresText({ figures }: Pick<PartFigures, 'figures'>): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure >= 1_000 ? figure.toFixed(0) : figure.toFixed(2)}`)
    .join(', ');
}

function raise(by: Replicator, labs: Labs): Promise<Lab> {
  const name = labs.nameOf(by);
  return labs.raiseAs({
    ...defaultSettings(name),
    advertInterval: TABLES_ADVERTS,
    pairChannel: 'open',
    replicate: by,
    furtherHaproxy: benchSections(name, by),
  });
}
