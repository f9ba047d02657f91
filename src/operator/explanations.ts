/**
 * What would happen if something failed now, worked out by both nodes: each knows best what its own decisions would be.
 * It is done a little at a time, so that no advert waits for it.
 */
import type { Ip } from '../base/ip.js';
import { later, millis } from '../base/time.js';
import type { NodeParams, NodeState } from '../core/node.js';
import { NO_ORDERS } from '../core/orders.js';
import { hypothesesOf } from '../explain/imagined/hypotheses.js';
import { modelPeer } from '../explain/imagined/peer-model.js';
import { predict } from '../explain/imagined/predict.js';
import type { Clock } from '../ports/clock.js';
import { maintenanceTexts, ordersStatus, pausedText } from '../telemetry/orders.js';
import type { ExplainAnswer, Hypothesis, Prediction } from '../telemetry/prediction.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { PredictionWords } from '../wire/pair/predictions.js';
import { PREDICTIONS } from '../wire/pair/predictions.js';
import type { Answers, Peer } from './ports.js';

/** What this node decides with. */
export interface Mind {
  params(): NodeParams;
  /** The virtual addresses, group by group. */
  readonly addresses: () => readonly (readonly Ip[])[];
  state(): NodeState;
}

export interface ExplanationPorts {
  readonly clock: Pick<Clock, 'now' | 'alarm'>;
  readonly mind: Mind;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export interface ExplanationOptions {
  readonly node: string;
  /** Of both nodes. */
  readonly names: readonly string[];
}

export class Explanations {
  readonly #options: ExplanationOptions;
  readonly #ports: ExplanationPorts;
  /** Under way: whoever asks meanwhile gets the same. */
  #own: Promise<PredictionWords> | undefined;

  constructor(options: ExplanationOptions, ports: ExplanationPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  async explain(): Promise<ExplainAnswer> {
    const [own, theirs] = await Promise.all([this.#ownPart(), this.#theirPart()]);
    return {
      node: this.#options.node,
      predictions: [...own.predictions, ...theirs.predictions].toSorted(byKind),
      missing: [...own.missing, ...theirs.missing],
      assumed: [...this.#standing(), ...ASSUMED],
    };
  }

  /** What the other node may ask of this one: what it knows better, the channel being the same for both. */
  answers(): Answers {
    return {
      explain: async () => {
        const { predictions, missing } = await this.#ownPart();
        const better = predictions.filter(({ hypothesis }) => hypothesis.kind !== 'channel');
        return { ok: true, value: JSON.stringify({ predictions: better, missing }) };
      },
    };
  }

  /** What operators have ordered is part of what is decided by. */
  #standing(): readonly string[] {
    const orders = this.#ports.mind.state().groups[0]?.orders ?? NO_ORDERS;
    const { node: own, names } = this.#options;
    const peer = names.find((each) => each !== own) ?? '';
    const status = ordersStatus(orders, { own, peer });
    return [pausedText(status) ?? [], maintenanceTexts(status)].flat();
  }

  #ownPart(): Promise<PredictionWords> {
    this.#own ??= this.#workOut().finally(() => {
      this.#own = undefined;
    });
    return this.#own;
  }

  async #theirPart(): Promise<PredictionWords> {
    const { peer } = this.#ports;
    if (peer === undefined) {
      return { predictions: [], missing: [] };
    }
    const missed = (why: string): PredictionWords => ({
      predictions: [],
      missing: [`what ${peer.name} would decide is not known: ${why}`],
    });
    const answer = await peer.ask('explain', '{}', ANSWER_WITHIN);
    if (!answer.ok) {
      return missed(answer.error.detail);
    }
    const read = readJson(PREDICTIONS, answer.value);
    return read.ok ? read.value : missed(`its answer makes no sense: ${read.error}`);
  }

  async #workOut(): Promise<PredictionWords> {
    const { node, names } = this.#options;
    const { mind } = this.#ports;
    const peer = names.find((each) => each !== node) ?? '';
    const predictions: Prediction[] = [];
    for (const hypothesis of hypothesesOf(mind.params(), mind.state(), { own: node, peer })) {
      const prediction = await this.#predict(hypothesis, { own: node, peer });
      if (prediction === undefined) {
        const why = `${peer} has said nothing to ${node}, so nothing is known of what it would do`;
        return { predictions, missing: [why] };
      }
      predictions.push(prediction);
    }
    return { predictions, missing: [] };
  }

  async #predict(
    hypothesis: Hypothesis,
    names: { readonly own: string; readonly peer: string },
  ): Promise<Prediction | undefined> {
    const { clock, mind } = this.#ports;
    const now = clock.now();
    const state = mind.state();
    const model = modelPeer(mind.params(), state, now);
    if (model === undefined || state.phase !== 'running') {
      return undefined;
    }
    const addresses = mind.addresses();
    const params = mind.params();
    const thought = predict({ params, state, model, addresses, names, now }, hypothesis);
    for (let steps = 1; ; steps += 1) {
      const next = thought.next();
      if (next.done === true) {
        return next.value;
      }
      if (steps % STEPS_AT_ONCE === 0) {
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      clock.alarm(later(clock.now(), PAUSE), resolve);
    });
  }
}

function byKind(a: Prediction, b: Prediction): number {
  return ORDER.indexOf(a.hypothesis.kind) - ORDER.indexOf(b.hypothesis.kind);
}

const ORDER: readonly Hypothesis['kind'][] = ['power', 'proxy', 'link', 'channel', 'check'];

const ASSUMED: readonly string[] = [
  'both nodes have the same configuration, and each is taken to stay as fit as it says',
  'one thing fails at a time, and stays failed; the time counts from when a check has failed often enough',
  'nothing else happens meanwhile, and a packet is under way for 0.3 ms',
  'what the clock brings later, such as a failback after a stable time, is not looked at',
];

/** Each is a fraction of a millisecond: together less than the shortest lease can spare. */
const STEPS_AT_ONCE = 8;
const PAUSE = millis(1);
const ANSWER_WITHIN = millis(5000);
