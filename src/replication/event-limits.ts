/**
 * What the kernel is told of flows that are copied: of which it tells in few words. Where it cannot, it tells in more. It is told
 * again now and then: somebody who loads a ruleset of their own may have flushed ours.
 */
import type { Result } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { FlowEvents, FlowSelection } from '../ports/flow-events.js';
import type { LeaseRefusal } from '../ports/lease-table.js';
import type { Log } from '../telemetry/events.js';
import type { FlowsReport } from '../telemetry/flows.js';

export interface EventLimitsPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: FlowEvents;
  /** The kernel's setting by which it tells of flows that began while nobody listened. */
  readonly setting: { makeSure(): Promise<void>; putBack(): Promise<void> };
}

const AGAIN_EVERY = millis(60_000);
/** Of what the nft program says. */
const MOST_CHARACTERS = 300;

export class EventLimits {
  readonly #ports: EventLimitsPorts;
  /** Undefined: nobody has said anything yet. */
  #wanted: FlowSelection | 'none' | undefined;
  /** It is not known to be in the kernel. */
  #isDue = false;
  /** One after the other, or the former might come last. */
  #working: Promise<void> | undefined;
  #alarm: Alarm | undefined;
  /** Once in a life: what somebody else sets later is theirs. */
  #setting: 'as it was' | 'made sure of' = 'as it was';
  #refused: { readonly detail: string; readonly count: number } | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor(ports: EventLimitsPorts) {
    this.#ports = ports;
  }

  /** `none`: no flows are copied, and the kernel is to be as it was. Nobody waits for it; the last that is wanted wins. */
  want(selection: FlowSelection | 'none'): void {
    const isSame = JSON.stringify(selection) === JSON.stringify(this.#wanted);
    this.#wanted = selection;
    if (!isSame) {
      this.#bring();
    }
  }

  /** What the kernel does not take, as the report has it; empty while it does. */
  get refused(): FlowsReport['refused'] {
    const code = 'the kernel was not told which flows';
    return this.#refused === undefined ? [] : [{ code, ...this.#refused }];
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#phase = 'stopped';
    this.#isDue = false;
    this.#alarm?.cancel();
  }

  /** Nothing comes later than this resolves. `removed`: nothing of it is left in the kernel, either. */
  async end(what: 'removed' | 'left'): Promise<void> {
    this.stop();
    await this.#working;
    if (what === 'removed') {
      await this.#remove();
    }
  }

  #bring(): void {
    if (this.#phase === 'running') {
      this.#isDue = true;
      this.#alarm?.cancel();
      this.#working ??= this.#work();
    }
  }

  async #work(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      if (this.#wanted === 'none') {
        await this.#remove();
      } else if (this.#wanted !== undefined) {
        await this.#load(this.#wanted);
      }
    }
    this.#working = undefined;
    const isDone = this.#wanted === 'none' && this.#refused === undefined;
    if (this.#phase === 'running' && !isDone) {
      const { clock } = this.#ports;
      this.#alarm = clock.alarm(later(clock.now(), AGAIN_EVERY), () => {
        this.#bring();
      });
    }
  }

  async #load(selection: FlowSelection): Promise<void> {
    const { events, setting } = this.#ports;
    const loaded = await events.select(selection);
    this.#tell(loaded);
    // Behind the rules, which have the kernel follow connections: before that there may be no such setting.
    if (loaded.ok && this.#setting === 'as it was') {
      this.#setting = 'made sure of';
      await setting.makeSure();
    }
  }

  async #remove(): Promise<void> {
    const { events, setting } = this.#ports;
    this.#tell(await events.dismantle());
    this.#setting = 'as it was';
    await setting.putBack();
  }

  /** What is the same as before is not told again. */
  #tell(answer: Result<undefined, LeaseRefusal>): void {
    const { log } = this.#ports;
    if (answer.ok) {
      if (this.#refused !== undefined) {
        log.tell({ event: 'flows.rules-loaded' });
      }
      this.#refused = undefined;
      return;
    }
    const detail = sentenceOf(answer.error).slice(0, MOST_CHARACTERS);
    if (detail !== this.#refused?.detail) {
      log.tell({ event: 'flows.rules-refused', detail });
    }
    this.#refused = { detail, count: (this.#refused?.count ?? 0) + 1 };
  }
}

function sentenceOf({ code, detail }: LeaseRefusal): string {
  return code === 'no-nftables' ? `nftables is missing: install nft (${detail})` : detail;
}
