/** A change that both nodes make at the same moment, at work: what core decides is said, answered and carried out. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type {
  Answer,
  JointChange,
  JointEffect,
  JointEvent,
  JointOutcome,
} from '../core/joint-change-state.js';
import { jointDeadline, NO_CHANGE, stepJoint } from '../core/joint-change.js';
import type { NodeEvent } from '../core/node.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Log } from '../telemetry/events.js';
import {
  ASK_COMMIT,
  ASK_PREPARE,
  ASK_WITHDRAW,
  readChange,
  readCommit,
  readPrepare,
  readWithdrawn,
} from '../wire/pair/reload.js';
import type { Ask } from './comparison.js';

/** Another configuration, ready to be switched to. */
export interface Readied {
  /** In this turn. */
  switch(): void;
  discard(): void;
}

export interface JointChangePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly ask: Ask;
  /** Makes ready for what the file says, if what both nodes must have just the same has that digest. */
  readonly prepare: (
    digest: string,
  ) => Promise<Result<Readied & { readonly what: string }, string>>;
  readonly dispatch: (event: Extract<NodeEvent, { kind: 'change' }>) => void;
}

export interface JointChangeOptions {
  readonly node: string;
  readonly peer: string;
}

type Asking = Extract<JointEffect, { kind: 'ask' }>;

export class JointChangeRunner {
  readonly #options: JointChangeOptions;
  readonly #ports: JointChangePorts;
  #state: JointChange = NO_CHANGE;
  #alarm: Alarm | undefined;
  #attempts = 0;
  #phase: 'running' | 'stopped' = 'running';
  /** By attempt. */
  readonly #digests = new Map<string, string>();
  readonly #readied = new Map<string, Readied & { readonly what: string }>();
  readonly #ended = new Map<string, (outcome: JointOutcome) => void>();
  /** What the other daemon waits for, by what it asked and of which attempt. */
  readonly #waiting = new Map<string, (answer: Result<string, string>) => void>();

  constructor(options: JointChangeOptions, ports: JointChangePorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** A change is under way: what it was made ready from must stay what it is. */
  get isBusy(): boolean {
    return this.#state.name !== 'idle';
  }

  /** What of it is not over, as `underWay` of the status says it; undefined: nothing. */
  get underWay(): string | undefined {
    return JOINT_UNDER_WAY[this.#state.name];
  }

  /** As coordinator. Resolves when it is known what came of it. */
  begin(digest: string): Promise<JointOutcome> {
    this.#attempts += 1;
    const life = Math.round(this.#ports.clock.wallTime());
    // An attempt of a former life of this daemon must not be taken for this one.
    const id = `${this.#options.node}-${String(life)}-${String(this.#attempts)}`;
    this.#digests.set(id, digest);
    return new Promise((resolve) => {
      this.#ended.set(id, resolve);
      this.#happen({ kind: 'begin', id });
    });
  }

  /** What the other daemon asks; undefined where it is something else. */
  answer(ask: string, body: string): Promise<Result<string, string>> | undefined {
    switch (ask) {
      case ASK_PREPARE: {
        const asked = readPrepare(body);
        return asked.ok ? this.#askedToPrepare(asked.value) : Promise.resolve(asked);
      }
      case ASK_COMMIT: {
        const asked = readCommit(body);
        return asked.ok
          ? this.#answered(`commit ${asked.value.id}`, { kind: 'asked-to-commit', ...asked.value })
          : Promise.resolve(asked);
      }
      case ASK_WITHDRAW: {
        const asked = readChange(body);
        return asked.ok
          ? this.#answered(`withdraw ${asked.value.id}`, {
              kind: 'asked-to-withdraw',
              id: asked.value.id,
            })
          : Promise.resolve(asked);
      }
      default:
        return undefined;
    }
  }

  /** Nothing is switched after it. */
  stop(): void {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
  }

  #askedToPrepare({
    id,
    digest,
  }: {
    readonly id: string;
    readonly digest: string;
  }): Promise<Result<string, string>> {
    const { node, peer } = this.#options;
    if (this.#digests.has(id)) {
      return Promise.resolve(fail('that attempt is known already'));
    }
    this.#digests.set(id, digest);
    const from = peer < node ? 'first' : 'second';
    return this.#answered(`prepare ${id}`, { kind: 'asked-to-prepare', id, from });
  }

  /** Whatever core makes of it; where it says nothing, there is nothing to wait for. */
  #answered(key: string, event: JointEvent): Promise<Result<string, string>> {
    if (this.#waiting.has(key)) {
      return Promise.resolve(fail('that was asked already'));
    }
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve);
      this.#happen(event);
    });
  }

  #happen(event: JointEvent): void {
    const { clock } = this.#ports;
    if (this.#phase === 'stopped') {
      return;
    }
    const { state, effects } = stepJoint(this.#state, event, clock.now());
    this.#state = state;
    this.#setAlarm();
    for (const effect of effects) {
      this.#carryOut(effect);
    }
  }

  #setAlarm(): void {
    const { clock } = this.#ports;
    this.#alarm?.cancel();
    const at = jointDeadline(this.#state);
    this.#alarm =
      at === undefined
        ? undefined
        : clock.alarm(at, () => {
            this.#happen({ kind: 'alarm' });
          });
  }

  #carryOut(effect: JointEffect): void {
    const { dispatch } = this.#ports;
    switch (effect.kind) {
      case 'prepare':
        void this.#prepare(effect.id);
        return;
      case 'discard':
        this.#readied.get(effect.id)?.discard();
        this.#readied.delete(effect.id);
        this.#digests.delete(effect.id);
        return;
      case 'ask':
        void this.#ask(effect);
        return;
      case 'answer':
        this.#say(effect);
        return;
      case 'expect':
        dispatch({ kind: 'change', word: { kind: 'expected' } });
        return;
      case 'relax':
        dispatch({ kind: 'change', word: { kind: 'relaxed' } });
        return;
      case 'doubt':
        dispatch({ kind: 'change', word: { kind: 'doubted', until: effect.until } });
        return;
      case 'switch':
        this.#switch(effect);
        return;
      case 'end':
        this.#end(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  /** A disk that does not answer keeps nobody waiting: what becomes ready after that is discarded. */
  async #prepare(id: string): Promise<void> {
    const { clock, prepare } = this.#ports;
    const digest = this.#digests.get(id) ?? '';
    const patience = clock.alarm(later(clock.now(), READY_WITHIN), () => {
      this.#happen({ kind: 'unready', id, why: TOO_LONG });
    });
    const readied = await prepare(digest);
    patience.cancel();
    if (readied.ok) {
      this.#readied.set(id, readied.value);
      this.#happen({ kind: 'ready', id });
    } else {
      this.#digests.delete(id);
      this.#happen({ kind: 'unready', id, why: readied.error });
    }
  }

  async #ask(asking: Asking): Promise<void> {
    const { clock, ask } = this.#ports;
    const { id, within } = asking;
    const askedAt = clock.now();
    const said = await ask(KINDS[asking.ask], this.#bodyOf(asking), within);
    const roundTrip = between(askedAt, clock.now());
    this.#happen({ kind: 'answered', id, answer: this.#read(asking, said), roundTrip });
  }

  #bodyOf(asking: Asking): string {
    const { id } = asking;
    switch (asking.ask) {
      case 'prepare':
        return JSON.stringify({ id, digest: this.#digests.get(id) ?? '' });
      case 'commit':
        return JSON.stringify({ id, delay: asking.delay });
      case 'withdraw':
        return JSON.stringify({ id });
      default:
        return unreachable(asking);
    }
  }

  #read(asking: Asking, said: Awaited<ReturnType<Ask>>): Answer {
    const { peer } = this.#options;
    if (!said.ok) {
      const why = `${peer}: ${said.error.detail}`;
      // Where it was not even sent, and where the other daemon says no, nothing is done there.
      return { kind: said.error.code === 'no-answer' ? 'lost' : 'refused', why };
    }
    if (asking.ask !== 'withdraw') {
      return { kind: 'granted' };
    }
    const read = readWithdrawn(said.value);
    if (!read.ok) {
      return { kind: 'lost', why: `${peer}: ${read.error}` };
    }
    return read.value.outcome === 'switched' ? { kind: 'switched' } : { kind: 'granted' };
  }

  #say({ id, to, answer }: Extract<JointEffect, { kind: 'answer' }>): void {
    const key = `${to} ${id}`;
    const outcome = answer.kind === 'switched' ? 'switched' : 'withdrawn';
    const granted = to === 'withdraw' ? { outcome } : {};
    this.#waiting.get(key)?.(
      answer.kind === 'refused' ? fail(answer.why) : ok(JSON.stringify(granted)),
    );
    this.#waiting.delete(key);
    if (to === 'prepare' && answer.kind === 'granted') {
      const what = this.#readied.get(id)?.what ?? '';
      this.#ports.log.tell({ event: 'reload.prepared', peer: this.#options.peer, what });
    } else if (to === 'prepare') {
      this.#digests.delete(id);
    }
  }

  #switch({ id, lateBy }: Extract<JointEffect, { kind: 'switch' }>): void {
    const readied = this.#readied.get(id);
    this.#readied.delete(id);
    this.#digests.delete(id);
    readied?.switch();
    const { peer } = this.#options;
    this.#ports.log.tell({
      ...{ event: 'reload.switched', peer, what: readied?.what ?? '' },
      lateBy,
    });
  }

  #end({ id, outcome }: Extract<JointEffect, { kind: 'end' }>): void {
    const { log } = this.#ports;
    const { peer } = this.#options;
    const asked = this.#ended.get(id);
    this.#ended.delete(id);
    this.#digests.delete(id);
    if (outcome.kind === 'doubtful') {
      log.tell({ event: 'reload.doubtful', peer, detail: outcome.why });
    } else if (outcome.kind === 'refused' && asked === undefined) {
      log.tell({ event: 'reload.undone', peer, detail: outcome.why });
    }
    asked?.(outcome);
  }
}

const JOINT_UNDER_WAY: Readonly<Record<JointChange['name'], string | undefined>> = {
  idle: undefined,
  preparing: 'makes ready for a change that both nodes make at the same moment',
  asking: 'asks the other node for a change that both make at the same moment',
  prepared: 'is ready for a change of both nodes, and has not been told yet whether it is made',
  committing: 'has said when both nodes change, and has not been answered yet',
  withdrawing: 'takes a change of both nodes back, and does not know yet whether the other made it',
  switching: 'is about to change together with the other node',
};
/** The coordinator waits for the participant a little longer. */
const READY_WITHIN = millis(2500);
const TOO_LONG = 'its files or its kernel take too long to answer';
const KINDS = { prepare: ASK_PREPARE, commit: ASK_COMMIT, withdraw: ASK_WITHDRAW } as const;
