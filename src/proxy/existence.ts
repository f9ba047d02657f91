/** One process of the proxy: servers are added to it and removed from it as operators want. */
import type { Result } from '../base/result.js';
import { keyOf } from '../core/intents.js';
import type { Register, Registers } from '../core/registers.js';
import type { ExistenceCommand } from '../core/server-existence.js';
import { isDone, lookAtExistence } from '../core/server-existence.js';
import type { ProxyRefusal } from '../ports/proxy-host.js';
import type { Log } from '../telemetry/events.js';
import type { ServerState } from '../wire/haproxy/servers-state.js';
import { readLoads, SHOW_SERVERS } from './show-stat.js';

export interface ExistencePorts {
  readonly log: Log;
  readonly ask: (command: string) => Promise<Result<string, ProxyRefusal>>;
}

/** What the process said to a command that it did not carry out. */
interface Refused {
  readonly intent: Register;
  readonly text: string;
  readonly why: string;
}

export class ProxyExistence {
  readonly #ports: ExistencePorts;
  /** By register key. */
  #refused: ReadonlyMap<string, Refused> = new Map();

  /** By register key: what it did last, as it says. */
  #done: ReadonlyMap<string, string> = new Map();

  constructor(ports: ExistencePorts) {
    this.#ports = ports;
  }

  /** `told`: another look shows what became of it. */
  async look(
    servers: ReadonlyMap<string, ServerState>,
    registers: Registers,
  ): Promise<'told' | 'nothing to tell'> {
    let { commands, waits } = lookAtExistence({ servers, sessions: undefined }, registers);
    if (waits === 'for sessions') {
      const sessions = await this.#sessions();
      ({ commands, waits } = lookAtExistence({ servers, sessions }, registers));
    }
    let outcome: 'told' | 'nothing to tell' = 'nothing to tell';
    for (const command of commands.filter((each) => !this.#isInVain(each))) {
      const answer = await this.#ports.ask(command.text);
      if (!answer.ok) {
        break;
      }
      if (this.#settle(command, answer.value) === 'done') {
        outcome = 'told';
      }
    }
    return outcome;
  }

  /** Why the process does not have it as that register says; undefined where it has not said so. */
  refusedOf(intent: Register): string | undefined {
    const refused = this.#refused.get(intent.key);
    return refused?.intent === intent ? refused.why : undefined;
  }

  async #sessions(): Promise<ReadonlyMap<string, number> | undefined> {
    const answer = await this.#ports.ask(SHOW_SERVERS);
    const loads = answer.ok ? readLoads(answer.value) : undefined;
    return loads?.ok === true
      ? new Map(loads.value.map(({ name, sessions }) => [name, sessions]))
      : undefined;
  }

  #isInVain({ intent, text, tried }: ExistenceCommand): boolean {
    const refused = this.#refused.get(intent.key);
    return tried === 'once' && refused?.intent === intent && refused.text === text;
  }

  #settle(command: ExistenceCommand, answer: string): 'done' | 'pending' {
    const { server, intent, text, makes, tried } = command;
    const key = keyOf(server, 'existence');
    const before = this.#refused.get(key);
    const after = new Map(this.#refused);
    after.delete(key);
    this.#refused = after;
    if (isDone(command, answer)) {
      if (makes !== 'neither') {
        this.#ports.log.tell({ event: 'intent.applied', server, to: makes });
      }
      // What it says to have done once more, and what takes its time, waits for the next look in its turn.
      const isRepeated = this.#done.get(key) === text;
      this.#done = new Map(this.#done).set(key, text);
      return isRepeated || (makes === 'neither' && tried === 'again') ? 'pending' : 'done';
    }
    const why = answer.trim().slice(0, MOST_QUOTED);
    after.set(key, { intent, text, why });
    if (before?.why !== why || before.text !== text) {
      const to = makes === 'neither' ? text : makes;
      this.#ports.log.tell({ event: 'intent.not-applied', server, to, detail: why });
    }
    return 'pending';
  }
}

const MOST_QUOTED = 200;
