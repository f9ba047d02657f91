/** `npm run bench -- failover`: every contender under the same faults, in turns, in one run. */
import { centisToMillis } from '../../src/base/time.js';
import type { ContenderId } from './contenders.js';
import { CONTENDER_IDS, TITLES } from './contenders.js';
import { AdvertObserver } from './advert-observer.js';
import type { Labs } from './labs.js';
import type { Scenario } from './plan.js';
import { labelOf } from './plan.js';
import type { Bout, Round } from './round.js';
import { runRound } from './round.js';
import { strata } from './statistics.js';

export interface Measured {
  readonly scenario: Scenario;
  readonly rounds: Readonly<Partial<Record<ContenderId, readonly Round[]>>>;
}

export type Progress = (line: string) => void;

/** A round whose lab does not heal, or whose prober stalled, is repeated in a new lab. */
const ATTEMPTS = 4;

export async function measureFailover(
  scenarios: readonly Scenario[],
  labs: Labs,
  progress: Progress,
): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const scenario of scenarios) {
    progress(`${labelOf(scenario)}: raising labs`);
    measured.push({ scenario, rounds: await measureScenario(scenario, labs, progress) });
    await labs.clear();
  }
  return measured;
}

async function measureScenario(
  scenario: Scenario,
  labs: Labs,
  progress: Progress,
): Promise<Measured['rounds']> {
  const contenders = CONTENDER_IDS.filter((id) => (scenario.rounds[id] ?? 0) > 0);
  const stage = new Stage(scenario, labs);
  const seen = new Map<ContenderId, Round[]>(contenders.map((id) => [id, []]));
  try {
    await Promise.all(contenders.map((id) => stage.raise(id)));
    const most = Math.max(...contenders.map((id) => scenario.rounds[id] ?? 0));
    for (let turn = 0; turn < most; turn += 1) {
      for (const id of contenders.filter((each) => turn < (scenario.rounds[each] ?? 0))) {
        const share = strata(scenario.rounds[id] ?? 1)[turn] ?? 0;
        const round = await attempt(stage, { id, share }, progress);
        seen.get(id)?.push(round);
        progress(told(scenario, { id, turn }, round));
      }
    }
  } finally {
    stage.close();
  }
  return Object.fromEntries(seen);
}

async function attempt(
  stage: Stage,
  { id, share }: { readonly id: ContenderId; readonly share: number },
  progress: Progress,
): Promise<Round> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await runRound(stage.scenario, share, stage.bout(id));
    } catch (error) {
      if (left === 1) {
        throw error;
      }
      progress(`${TITLES[id]}: ${String(error)}; once more in a new lab`);
      await stage.raise(id);
    }
  }
}

/** The labs of one scenario, each with somebody who reads its adverts. */
class Stage {
  readonly scenario: Scenario;
  readonly #labs: Labs;
  readonly #bouts = new Map<ContenderId, Bout>();

  constructor(scenario: Scenario, labs: Labs) {
    this.scenario = scenario;
    this.#labs = labs;
  }

  async raise(id: ContenderId): Promise<void> {
    this.#bouts.get(id)?.adverts.stop();
    const { ports } = this.#labs;
    const lab = await this.#labs.raise(id, this.scenario.interval);
    const interval = centisToMillis(this.scenario.interval);
    const adverts = new AdvertObserver(lab, ports.clock, interval);
    this.#bouts.set(id, { lab, ports, adverts });
  }

  bout(id: ContenderId): Bout {
    const bout = this.#bouts.get(id);
    if (bout === undefined) {
      throw new Error(`the lab of ${TITLES[id]} was not raised`);
    }
    return bout;
  }

  close(): void {
    for (const { adverts } of this.#bouts.values()) {
      adverts.stop();
    }
  }
}

function told(
  scenario: Scenario,
  { id, turn }: { readonly id: ContenderId; readonly turn: number },
  round: Round,
): string {
  const gap = `${round.ended === 'never' ? '> ' : ''}${round.gap.toFixed(1)} ms`;
  const phase = round.phase === undefined ? '?' : round.phase.toFixed(2);
  return [
    `${labelOf(scenario)} ${TITLES[id]} round ${String(turn + 1)}: gap ${gap}`,
    `${String(round.failed)} failed, phase ${phase}`,
    `${round.before ?? 'nobody'} → ${round.after ?? 'nobody'}`,
  ].join(', ');
}
