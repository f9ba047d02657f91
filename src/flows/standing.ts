/** What both sides of a replicator know: which flows are selected, who has which addresses, and which node has told what. */
import type { Ip } from '../base/ip.js';
import type { FlowChoice, FlowHolder, FlowScope } from '../core/flow-selection.js';
import { chooseFlow, hasGroupAddress, holderOf } from '../core/flow-selection.js';
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

  /** Of a flow that is only routed: whoever tells it, and where nobody does, as the addresses say. */
  holderOf(flow: FlowKey & Pick<Flow, 'reply'>): FlowHolder {
    if (!this.hasGroupAddress(flow)) {
      const id = this.idOf(flow);
      const isHeard = this.heard.get(id) !== undefined;
      if (this.own.has(id)) {
        return isHeard ? 'both' : 'here';
      }
      if (isHeard) {
        return 'there';
      }
    }
    return this.holderByAddress(flow);
  }

  holderByAddress(flow: Pick<Flow, 'original' | 'reply'>): FlowHolder {
    return holderOf(this.scope, { here: this.here, there: this.there }, flow);
  }

  hasGroupAddress(flow: Pick<Flow, 'original' | 'reply'>): boolean {
    return hasGroupAddress(this.scope, flow);
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
