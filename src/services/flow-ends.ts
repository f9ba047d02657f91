/** Open connections of servers that get no new ones: counted while they drain, and ended when it is time. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { FlowsDue, WhoseFlow } from '../core/service-flows.js';
import type { Clock } from '../ports/clock.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { FlowTable } from '../ports/flow-table.js';
import { MOST_FLOWS_AT_ONCE } from '../ports/flow-table.js';
import type { Log } from '../telemetry/events.js';
import type { Flow, FlowKey } from '../wire/conntrack/flow.js';

export interface FlowEndsPorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Called when it is needed, until it succeeds. */
  readonly openFlows: () => Result<FlowsOfServices, KernelRefusal>;
}

export type FlowsOfServices = Pick<FlowTable, 'list' | 'remove' | 'close'>;

/** One server, as it is now. */
export interface ServerDue {
  /** `SERVICE/SERVER`. */
  readonly name: string;
  readonly due: FlowsDue;
  /** Why its connections end, where they do. */
  readonly why: string;
}

/** What is known of a server that is being emptied. */
interface Emptying {
  readonly kind: FlowsDue['kind'];
  /** Undefined: it was not found out. */
  readonly left: number | undefined;
}

export class FlowEnds {
  readonly #ports: FlowEndsPorts;
  #emptying: ReadonlyMap<string, Emptying> = new Map();
  #counted: { readonly at: Instant; readonly counts: ReadonlyMap<string, number> } | undefined;
  /** How many times what was counted, or is being counted, came to tell nothing. */
  #forgotten = 0;
  #lookedAt: Instant | undefined;
  #looking: Promise<void> | undefined;
  #problem: string | undefined;
  #opened: Result<FlowsOfServices, KernelRefusal> | undefined;

  constructor(ports: FlowEndsPorts) {
    this.#ports = ports;
  }

  /** What a server that is being emptied had when it was looked at last. */
  leftOf(name: string): number | undefined {
    return this.#emptying.get(name)?.left;
  }

  /** Other connections may be here than before, such as those of the other node. */
  forget(): void {
    this.#emptying = new Map();
    this.#lookedAt = undefined;
  }

  /** What was counted so far tells nothing of what is open from now on. */
  countAnew(): void {
    this.#counted = undefined;
    this.#forgotten += 1;
  }

  /** Looks where there is anything to be found out or ended; one look at a time, and with a pause between two. */
  async tend(servers: readonly ServerDue[], whose: WhoseFlow): Promise<void> {
    const wanted = new Map(servers.map((each) => [each.name, each]));
    this.#emptying = new Map(
      [...this.#emptying].filter(([name, { kind }]) => wanted.get(name)?.due.kind === kind),
    );
    const open = servers.filter(({ name, due }) => due.kind !== 'stay' && this.leftOf(name) !== 0);
    const now = this.#ports.clock.now();
    const isTooSoon = this.#lookedAt !== undefined && between(this.#lookedAt, now) < LOOK_EVERY;
    // What is new is not made to wait.
    const isNews = open.some(({ name }) => !this.#emptying.has(name));
    if (open.length === 0 || this.#looking !== undefined || (isTooSoon && !isNews)) {
      return;
    }
    this.#lookedAt = now;
    for (const { name, due } of open) {
      this.#note(name, { kind: due.kind, left: this.leftOf(name) });
    }
    this.#looking = this.#look(open, whose);
    await this.#looking;
    this.#looking = undefined;
  }

  /** Open connections by server; as they were within the last seconds. */
  async counts(whose: WhoseFlow): Promise<Result<ReadonlyMap<string, number>, string>> {
    const now = this.#ports.clock.now();
    if (this.#counted === undefined || between(this.#counted.at, now) >= LOOK_EVERY) {
      await this.#list(whose, new Set());
    }
    if (this.#problem !== undefined) {
      return fail(this.#problem);
    }
    return this.#counted === undefined
      ? fail('what was counted is out of date already: the kernel was given other rules meanwhile')
      : ok(this.#counted.counts);
  }

  /** Idempotent. What the kernel has stays. */
  close(): void {
    if (this.#opened?.ok === true) {
      this.#opened.value.close();
    }
  }

  async #look(open: readonly ServerDue[], whose: WhoseFlow): Promise<void> {
    const ending = open.filter(({ due }) => due.kind === 'end');
    const found = await this.#list(whose, new Set(ending.map(({ name }) => name)));
    if (found === undefined) {
      return;
    }
    for (const { name, why } of ending) {
      await this.#end(name, why, found.get(name) ?? []);
    }
    const counts = this.#counted?.counts;
    if (counts === undefined) {
      return;
    }
    for (const { name } of open.filter(({ due }) => due.kind === 'until')) {
      this.#note(name, { kind: 'until', left: counts.get(name) ?? 0 });
      if (this.leftOf(name) === 0) {
        this.#ports.log.tell({ event: 'service.drained', server: name });
      }
    }
  }

  async #end(name: string, why: string, keys: readonly FlowKey[]): Promise<void> {
    const { log } = this.#ports;
    const flows = this.#flows();
    let refused = 0;
    for (let first = 0; first < keys.length; first += MOST_FLOWS_AT_ONCE) {
      const some = keys.slice(first, first + MOST_FLOWS_AT_ONCE);
      const answer = flows.ok ? await flows.value.remove(some) : flows;
      if (!answer.ok) {
        this.#complain(answer.error.detail);
        return;
      }
      refused += answer.value.length;
      const [refusal] = answer.value;
      if (refusal !== undefined) {
        this.#complain(`connections of ${name} are not removed: ${refusal.errno}`);
      }
    }
    this.#note(name, { kind: 'end', left: refused });
    if (keys.length > refused) {
      log.tell({ event: 'service.flows-ended', server: name, flows: keys.length - refused, why });
    }
  }

  /** Counts all, and tells the connections of those that are named; undefined where the kernel does not tell. */
  async #list(
    whose: WhoseFlow,
    named: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, readonly FlowKey[]> | undefined> {
    const counts = new Map<string, number>();
    const found = new Map<string, FlowKey[]>([...named].map((name) => [name, []]));
    const take = (flows: readonly Flow[]): void => {
      for (const { protocol, zone, original, reply } of flows) {
        const key = { protocol, zone, original };
        const name = whose({ ...key, reply });
        if (name !== undefined) {
          counts.set(name, (counts.get(name) ?? 0) + 1);
          found.get(name)?.push(key);
        }
      }
    };
    const now = this.#ports.clock.now();
    const forgotten = this.#forgotten;
    const flows = this.#flows();
    const listed = flows.ok ? await flows.value.list(take) : flows;
    if (!listed.ok) {
      this.#complain(listed.error.detail);
      return undefined;
    }
    this.#problem = undefined;
    this.#counted = forgotten === this.#forgotten ? { at: now, counts } : undefined;
    return found;
  }

  #flows(): Result<FlowsOfServices, KernelRefusal> {
    // A refusal may be over by now: the module was not loaded yet, or there were too many open files.
    if (this.#opened?.ok !== true) {
      this.#opened = this.#ports.openFlows();
    }
    return this.#opened;
  }

  #note(name: string, what: Emptying): void {
    this.#emptying = new Map([...this.#emptying, [name, what]]);
  }

  #complain(detail: string): void {
    if (this.#problem !== detail) {
      this.#problem = detail;
      this.#ports.log.tell({ event: 'service.flows-unknown', detail });
    }
  }
}

/** A list of 100,000 connections takes half a second of one processor. */
const LOOK_EVERY = millis(5000);
