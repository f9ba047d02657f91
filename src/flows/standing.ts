/** What both sides of a replicator know: which flows are selected, who has which addresses, and which node has told what. */
import type { Ip } from '../base/ip.js';
import type { FlowChoice, FlowHolder, FlowScope } from '../core/flow-selection.js';
import { chooseFlow, holderOf } from '../core/flow-selection.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';
import type { FlowId } from '../wire/conntrack/flow-id.js';
import { FlowIds } from '../wire/conntrack/flow-id.js';
import { flowHash } from '../wire/flows/flow-hash.js';
import { HeardFlows } from './heard-flows.js';
import { OwnFlows } from './own-flows.js';

export class Standing {
  readonly own: OwnFlows = new OwnFlows();
  readonly heard: HeardFlows = new HeardFlows();
  scope: FlowScope;
  here: ReadonlySet<Ip> = new Set();
  /** Whatever the other node says. */
  there: ReadonlySet<Ip> = new Set();
  readonly #ids = new FlowIds();

  constructor(scope: FlowScope) {
    this.scope = scope;
  }

  choiceOf(flow: Flow): FlowChoice {
    return chooseFlow(this.scope, flow);
  }

  holderOf(flow: Pick<Flow, 'original' | 'reply'>): FlowHolder {
    return holderOf(this.scope, { here: this.here, there: this.there }, flow);
  }

  /** Whether this kernel holds it for the other node. */
  isMirrored(flow: Flow): boolean {
    const holder = this.holderOf(flow);
    return holder === 'there' || holder === 'nobody';
  }

  idOf(key: FlowKey): FlowId {
    return this.#ids.of(key);
  }

  hashOf(id: FlowId, flow: Flow): number {
    const { protocol, zone, reply } = flow;
    return flowHash({ id, reply: this.#ids.of({ protocol, zone, original: reply }) }, flow);
  }
}

/** What names it, without the rest. */
export function keyOf({ protocol, zone, original }: FlowKey): FlowKey {
  return { protocol, zone, original };
}
