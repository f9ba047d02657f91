/** What a hypothesis comes to: the imagined pair is struck, and watched until nothing moves any more. */
import type { Ip } from '../../base/ip.js';
import type { Instant, Millis } from '../../base/time.js';
import { between, later, longer, millis, scale, sum } from '../../base/time.js';
import type { NodeParams, NodeState } from '../../core/node.js';
import { hearPeer, NO_PEER } from '../../core/node-peer.js';
import type {
  GroupPrediction,
  Hypothesis,
  PredictedStep,
  Prediction,
} from '../../telemetry/prediction.js';
import { explain } from '../explain.js';
import { Actor, owns } from './actor.js';
import type { Names } from './hypotheses.js';
import { strike } from './hypotheses.js';
import type { ImaginedStep } from './pair.js';
import { ImaginedPair } from './pair.js';
import type { PeerModel } from './peer-model.js';

export interface Situation {
  readonly params: NodeParams;
  readonly state: NodeState;
  readonly model: PeerModel;
  readonly addresses: readonly (readonly Ip[])[];
  readonly names: Names;
  readonly now: Instant;
}

/** Works a hypothesis out, a step at a time: whoever asks may do something else in between. */
export function* predict(
  situation: Situation,
  hypothesis: Hypothesis,
): Generator<undefined, Prediction> {
  const pair = imagine(situation);
  const watch = new Watch(pair, situation);
  for (const step of strike(pair, hypothesis)) {
    watch.saw(step);
  }
  watch.saw(undefined);
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const step = pair.next(later(watch.changedAt, quietFor(situation)));
    if (step === undefined) {
      return { hypothesis, end: 'settled', ...watch.report() };
    }
    watch.saw(step === 'nothing to tell' ? undefined : step);
    yield;
  }
  return { hypothesis, end: 'unsettled', ...watch.report() };
}

function imagine({ params, state, model, addresses, names, now }: Situation): ImaginedPair {
  const { life, views } = state.peer;
  const speaks = life.name === 'fresh' || life.name === 'late';
  const interval = speaks ? life.interval : SLOWEST_HEARTBEAT;
  const heartbeatAt = later(now, scale(interval, 0.5));
  const own = new Actor({ name: names.own, params, state, lans: new Map(), heartbeatAt });
  const heartbeat = {
    kind: 'peer-heartbeat',
    interval,
    age: millis(0),
    views: own.views,
  } as const;
  // Twice, so that it notices what changes.
  const known = hearPeer(hearPeer(NO_PEER, heartbeat, now), heartbeat, now);
  const peer = new Actor({
    ...{ name: names.peer, params: model.params, heartbeatAt },
    state: { ...model.state, peer: speaks ? known : NO_PEER },
    lans: new Map([...views].map(([group, { lan }]) => [group, lan])),
  });
  const channel = speaks ? 'open' : 'broken';
  return new ImaginedPair({
    actors: [own, peer],
    ...{ addresses, channel, heartbeat: interval, now },
  });
}

/** Whoever waits for something waits no longer: four intervals is a backup's patience, and a lease is shorter. */
function quietFor({ params, state: { peer } }: Situation): Millis {
  const { life } = peer;
  const heartbeat = life.name === 'fresh' || life.name === 'late' ? life.interval : millis(0);
  const slowest = params.groups.map(({ interval }) => interval).reduce(longer, heartbeat);
  return sum(scale(slowest, QUIET_INTERVALS), QUIET_LEAST);
}

/** What is seen of an imagined pair. */
class Watch {
  readonly #pair: ImaginedPair;
  readonly #situation: Situation;
  readonly #before: readonly (readonly string[])[];
  readonly #groups: {
    owners: readonly string[];
    at: Instant | undefined;
    why: string | undefined;
  }[];
  readonly #steps: PredictedStep[] = [];
  changedAt: Instant;

  constructor(pair: ImaginedPair, situation: Situation) {
    this.#pair = pair;
    this.#situation = situation;
    this.changedAt = situation.now;
    this.#before = [...situation.params.groups.keys()].map((group) => this.#owners(group));
    this.#groups = this.#before.map((owners) => ({ owners, at: undefined, why: undefined }));
  }

  /** Undefined: something happened that is not told. */
  saw(step: ImaginedStep | undefined): void {
    if (step !== undefined) {
      this.#tell(step);
    }
    for (const [group, known] of this.#groups.entries()) {
      const owners = this.#owners(group);
      if (owners.join() !== known.owners.join()) {
        known.owners = owners;
        known.at = this.#pair.now;
        this.changedAt = this.#pair.now;
      }
    }
  }

  report(): {
    readonly groups: readonly GroupPrediction[];
    readonly steps: readonly PredictedStep[];
  } {
    const groups = this.#groups.map(({ owners, at, why }, index) => ({
      group: this.#situation.params.groups[index]?.group ?? '',
      before: this.#before[index] ?? [],
      after: owners,
      afterMs: at === undefined ? undefined : this.#since(at),
      why,
    }));
    return { groups, steps: this.#steps };
  }

  #owners(group: number): readonly string[] {
    return this.#pair.actors.filter((each) => owns(each, group)).map(({ name }) => name);
  }

  #tell(step: ImaginedStep): void {
    const notices = step.effects.flatMap((effect) =>
      effect.kind === 'group' && effect.effect.kind === 'tell'
        ? [{ group: effect.group, notice: effect.effect.notice }]
        : [],
    );
    for (const { group, notice } of notices) {
      const known = this.#groups[group];
      if (known !== undefined && (notice.event === 'vrrp.state' || notice.event === 'vrrp.kept')) {
        known.why = `${step.actor.name}: ${notice.cause}`;
      }
    }
    const moves = notices.some(({ notice }) => TOLD.has(notice.event));
    if (moves && this.#steps.length < MOST_TOLD) {
      const { addresses } = this.#situation;
      const scene = { params: step.actor.params, addresses, clock: () => '' };
      const { event, decided } = explain(scene, step);
      const says = cut(`${event}: ${decided.join('; ')}`);
      this.#steps.push({ atMs: this.#since(step.now), node: step.actor.name, says });
    }
  }

  #since(at: Instant): number {
    return Math.round(between(this.#situation.now, at) * 10) / 10;
  }
}

const TOLD: ReadonlySet<string> = new Set([
  'vrrp.state',
  'vrrp.kept',
  'vrrp.path-broken',
  'track.state',
  'link.state',
]);

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

const SLOWEST_HEARTBEAT = millis(1000);
/** More than a backup waits for at the most, with what a node that yields has to say. */
const QUIET_INTERVALS = 6;
const QUIET_LEAST = millis(100);
/** Adverts and heartbeats of two nodes until nothing moves any more are a few hundred. */
const MOST_STEPS = 5000;
/** Of one prediction, so that a whole answer fits into what the channel carries. */
const MOST_TOLD = 8;
const MOST_CHARACTERS = 200;
