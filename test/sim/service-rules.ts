/** A simulated kernel's rules of services. */
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { LeaseRefusal } from '../../src/ports/lease-table.js';
import type { ServerPlace, ServiceRule, ServiceRules } from '../../src/ports/service-rules.js';

export class SimServiceRules implements ServiceRules {
  /** In the kernel now; undefined: nothing of ours. */
  rules: readonly ServiceRule[] | undefined;
  /** Whether those of both families are, where there are any. */
  there: 'all' | 'some' = 'all';
  /** Of the changes to come. */
  refusal: LeaseRefusal | undefined;
  loads = 0;

  load(rules: readonly ServiceRule[]): Promise<Result<undefined, LeaseRefusal>> {
    this.loads += 1;
    if (this.refusal !== undefined) {
      return Promise.resolve(fail(this.refusal));
    }
    this.rules = rules;
    this.there = 'all';
    return Promise.resolve(done);
  }

  loaded(): ReturnType<ServiceRules['loaded']> {
    const there = this.rules === undefined ? 'none' : this.there;
    return Promise.resolve(ok(there));
  }

  dismantle(): Promise<Result<undefined, LeaseRefusal>> {
    if (this.refusal !== undefined) {
      return Promise.resolve(fail(this.refusal));
    }
    this.rules = undefined;
    return Promise.resolve(done);
  }

  /** Where new connections to the port may go. */
  serversOf(port: number): readonly ServerPlace[] | 'nothing' {
    const rule = this.rules?.find((each) => each.port === port);
    return rule === undefined
      ? 'nothing'
      : [...new Map(rule.slots.map((each) => [JSON.stringify(each), each])).values()];
  }
}
