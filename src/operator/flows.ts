/** Connections through the kernel as the flow replicators of both nodes see them, asked on either. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { FlowReplicationStatus, FlowsAnswer, NodeFlows } from '../telemetry/flows.js';
import type { Refusal } from '../telemetry/refusal.js';
import { NODE_FLOWS_WORD } from '../wire/pair/flows-report.js';
import { readJson } from '../wire/pair/json-answer.js';
import type { Answers, Peer } from './ports.js';

export interface FlowsPorts {
  readonly clock: Pick<Clock, 'wallTime'>;
  /** This node's replicator; undefined where no flows are copied. */
  readonly flows: () => { status(): FlowReplicationStatus } | undefined;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export class Flows {
  readonly #node: string;
  readonly #names: readonly string[];
  readonly #ports: FlowsPorts;

  constructor(
    { node, names }: { readonly node: string; readonly names: readonly string[] },
    ports: FlowsPorts,
  ) {
    this.#node = node;
    this.#names = names;
    this.#ports = ports;
  }

  /** Where the other node does not answer, that is said. */
  async flows(): Promise<Result<FlowsAnswer, Refusal>> {
    const own = this.#ports.flows();
    if (own === undefined) {
      const detail =
        'no flows are copied: vipair.yaml has neither replicate.flows nor a service that wants it, or no key';
      return fail({ code: 'not-replicated', detail });
    }
    const now = (): number => this.#ports.clock.wallTime();
    const nodes = await Promise.all(
      this.#names.map((node) =>
        node === this.#node
          ? Promise.resolve({ node, replication: own.status(), unknown: undefined, at: now() })
          : this.#there(node),
      ),
    );
    return ok({ node: this.#node, nodes });
  }

  /** What the other node may ask of this one. */
  answers(): Answers {
    return {
      flows: () => {
        const flows = this.#ports.flows();
        return Promise.resolve(
          flows === undefined
            ? fail('it copies no flows')
            : ok(JSON.stringify({ at: this.#ports.clock.wallTime(), replication: flows.status() })),
        );
      },
    };
  }

  async #there(node: string): Promise<NodeFlows> {
    const { peer } = this.#ports;
    const nothing = { node, replication: undefined };
    if (peer === undefined) {
      return { ...nothing, unknown: 'there is no pair channel' };
    }
    const answer = await peer.ask('flows', '{}', ANSWER_WITHIN);
    const word = answer.ok ? readJson(NODE_FLOWS_WORD, answer.value) : fail(answer.error.detail);
    if (!word.ok) {
      return { ...nothing, unknown: word.error };
    }
    const { state, pid, problem, restarts, report } = word.value.replication;
    const replication = { state, pid, problem, restarts, report };
    return { node, unknown: undefined, at: word.value.at, replication };
  }
}

const ANSWER_WITHIN = millis(1000);
