/** What a daemon has of drills: the desk where they are asked for, and the watch over its hand. */
import type { Result } from './base/result.js';
import { fail } from './base/result.js';
import type { Config } from './config/config.js';
import { isAsBefore } from './core/drill-hand.js';
import type { DaemonOptions, DaemonPorts } from './daemon-ports.js';
import { DrillDesk } from './operator/drill-desk.js';
import type { DrillAsked } from './operator/drill-desk.js';
import { DrillWatch } from './operator/drill-watch.js';
import type { Answers, Peer } from './operator/ports.js';
import type { DrillState, HandState } from './telemetry/drill.js';
import type { Refusal } from './telemetry/refusal.js';
import type { UnderWay } from './telemetry/under-way.js';

/** What drills need of the daemon. */
export interface DrillsPorts extends Pick<DaemonPorts, 'clock' | 'log' | 'drillHost'> {
  /** Undefined where there is no pair channel. */
  readonly pair: Peer | undefined;
  /** The configuration that is in force. */
  readonly running: () => Pick<Config, 'drills'>;
}

export class Drills {
  readonly #node: string;
  readonly #host: DaemonPorts['drillHost'];
  readonly #watch: DrillWatch | undefined;
  readonly #desk: DrillDesk | undefined;
  readonly #answers: ReadonlyMap<string, Answers[string]>;

  constructor(
    { node, config }: Pick<DaemonOptions, 'node' | 'config'>,
    { clock, log, drillHost, pair, running }: DrillsPorts,
  ) {
    this.#node = node;
    this.#host = drillHost;
    const names = config.pair.nodes.map(({ name }) => name);
    this.#watch =
      drillHost === undefined ? undefined : new DrillWatch({ clock, log, host: drillHost });
    this.#desk =
      drillHost === undefined || this.#watch === undefined
        ? undefined
        : new DrillDesk(
            { node, names },
            {
              ...{ host: drillHost, watch: this.#watch, peer: pair },
              allowed: () => running().drills?.enabled ?? true,
              power: () => running().drills?.power,
            },
          );
    this.#answers = new Map(Object.entries(this.#desk?.answers() ?? {}));
  }

  /** Of this node's hand, as it was seen last. */
  get hand(): HandState | undefined {
    return this.#watch?.state;
  }

  /** The hand's part, and that of an operator's command which runs one drill after the other. */
  get underWay(): readonly UnderWay[] {
    const { hand } = this;
    const run = this.#host?.running?.();
    return [
      ...(run === undefined ? [] : [{ what: 'drill', says: `runs drills: ${run}` } as const]),
      ...(hand === undefined || isAsBefore(hand.phase)
        ? []
        : [{ what: 'drill', says: handText(hand) } as const]),
    ];
  }

  drill(asked: DrillAsked): Promise<Result<DrillState, Refusal>> {
    return this.#desk?.drill(asked) ?? Promise.resolve(fail(NO_DRILLS));
  }

  state(): Promise<DrillState> {
    return (
      this.#desk?.state() ??
      Promise.resolve({
        ...{ node: this.#node, here: undefined, there: undefined },
        problem: NO_DRILLS.detail,
      })
    );
  }

  /** Undefined where something else is asked. */
  answer(ask: string, body: string): Promise<Result<string, string>> | undefined {
    return this.#answers.get(ask)?.(body);
  }

  async begin(): Promise<void> {
    await this.#watch?.begin();
  }

  /** The hand goes on. */
  stop(): void {
    this.#watch?.stop();
  }
}

function handText({ drill, by, phase }: HandState): string {
  return phase === 'failed'
    ? `could not wholly undo the drill ${drill}`
    : `takes part in the drill ${drill}, asked for on ${by}: ${phase}`;
}

const NO_DRILLS: Refusal = {
  code: 'drill-not-feasible',
  detail: 'this node has no hand that could do what a drill wants',
};
