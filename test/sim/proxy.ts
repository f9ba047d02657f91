/** A simulated HAProxy: it outlives the daemon, dies, hangs and is started again. */
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import type { ProxyHost, ProxyRefusal } from '../../src/ports/proxy-host.js';
import type { SimProcess } from './process.js';
import { SimServers } from './proxy-servers.js';
import type { Scheduler } from './scheduler.js';

const START_TAKES = millis(60);
const CHECK_TAKES = millis(25);
const ANSWER_TAKES = millis(1);
const CONNECT_PATIENCE = millis(1000);

interface Listener {
  readonly process: SimProcess;
  /** Of the worker that answers. */
  readonly worker: number;
  readonly ended: () => void;
}

const ANSWERS: Readonly<Record<string, string>> = { 'show version': '2.6.12\n' };

function infoOf(worker: number, current: number): string {
  const stopping = worker === current ? 0 : 1;
  return `Name: HAProxy\nVersion: 2.6.12\nPid: ${String(worker)}\nStopping: ${String(stopping)}\n`;
}

type ProxyFate = 'running' | 'hung' | 'dead';

export class SimProxy {
  #fate: ProxyFate = 'dead';
  /** `broken`: it does not come up, however often it is started. */
  #program: 'works' | 'broken' = 'works';
  #pid = 100;
  #worker = 500;
  readonly #scheduler: Scheduler;
  readonly #configuration: 'valid' | 'invalid';
  readonly #sessions = new Set<Listener>();
  /** Whoever started it learns how it ended. */
  #parent: Listener | undefined;
  /** As the process that runs now uses them. */
  servers = new SimServers();

  constructor(scheduler: Scheduler, configuration: 'valid' | 'invalid' = 'valid') {
    this.#scheduler = scheduler;
    this.#configuration = configuration;
  }

  get serves(): boolean {
    return this.#fate === 'running';
  }

  /** It dies, and cannot be started. */
  breakDown(): void {
    this.#program = 'broken';
    this.die();
  }

  mend(): void {
    this.#program = 'works';
  }

  hang(): void {
    this.#become(this.#fate === 'running' ? 'hung' : this.#fate);
  }

  /** SIGUSR2: another worker serves, which knows what is configured only; the former one answers whom it has. */
  reload(): void {
    this.#worker += 1;
    this.servers = new SimServers();
  }

  die(): void {
    this.#become('dead');
    const parent = this.#parent === undefined ? [] : [this.#parent];
    for (const { process, ended } of [...this.#sessions, ...parent]) {
      process.deliver(ended);
    }
    this.#sessions.clear();
    this.#parent = undefined;
  }

  /** No goodbye: the machine is off. */
  powerLoss(): void {
    this.#become('dead');
    this.#sessions.clear();
    this.#parent = undefined;
  }

  host(process: SimProcess): ProxyHost {
    let before: Promise<unknown> = Promise.resolve();
    return {
      check: () =>
        process.answerAfter(CHECK_TAKES, () =>
          this.#configuration === 'valid' ? done : refuse('invalid-configuration'),
        ),
      start: (exited) => this.#start(process, exited),
      connect: (ended) => this.#connect(process, ended),
      reload: () => {
        const turn = before.then(() => process.answerAfter(CHECK_TAKES, () => this.#reloadFor()));
        before = turn;
        return turn;
      },
      kill: () =>
        process.answerAfter(millis(2), () => {
          this.die();
        }),
    };
  }

  #reloadFor(): Result<undefined, ProxyRefusal> {
    if (this.#configuration === 'invalid') {
      return refuse('invalid-configuration');
    }
    if (this.#fate !== 'running') {
      return refuse(this.#fate === 'dead' ? 'not-running' : 'no-answer');
    }
    this.reload();
    return done;
  }

  #become(fate: ProxyFate): void {
    this.#fate = fate;
    this.#scheduler.changed();
  }

  #start(process: SimProcess, exited: (how: string) => void): ReturnType<ProxyHost['start']> {
    this.#pid += 1;
    const pid = this.#pid;
    this.#scheduler.after(START_TAKES, () => {
      if (this.#program === 'broken') {
        process.deliver(() => {
          exited('exit code 1');
        });
      } else if (process.fate !== 'gone' && this.#fate === 'dead') {
        this.reload();
        this.#become('running');
        this.#parent = {
          process,
          worker: this.#worker,
          ended: () => {
            exited('killed');
          },
        };
      }
    });
    return process.answerAfter(millis(5), () => ok({ pid }));
  }

  #connect(process: SimProcess, ended: () => void): ReturnType<ProxyHost['connect']> {
    if (this.#fate === 'dead') {
      return process.answerAfter(ANSWER_TAKES, () => refuse('not-running'));
    }
    if (this.#fate === 'hung') {
      return process.answerAfter(CONNECT_PATIENCE, () => refuse('no-answer'));
    }
    return process.answerAfter(ANSWER_TAKES, () => {
      if (this.#fate !== 'running') {
        return refuse('not-running');
      }
      const session: Listener = { process, worker: this.#worker, ended };
      this.#sessions.add(session);
      return ok({
        pid: this.#pid,
        ask: (command) => this.#ask(process, session, command),
        close: () => {
          this.#sessions.delete(session);
        },
      });
    });
  }

  #ask(
    process: SimProcess,
    session: Listener,
    command: string,
  ): Promise<Result<string, ProxyRefusal>> {
    if (this.#fate === 'hung') {
      return new Promise(() => undefined);
    }
    return process.answerAfter(ANSWER_TAKES, () =>
      this.#sessions.has(session) ? ok(this.#answer(session, command)) : refuse('no-answer'),
    );
  }

  #answer({ worker }: Listener, command: string): string {
    return command === 'show info'
      ? infoOf(worker, this.#worker)
      : (ANSWERS[command] ?? this.servers.answer(command) ?? '\n');
  }
}

function refuse(code: ProxyRefusal['code']): Result<never, ProxyRefusal> {
  return fail({ code, detail: code });
}
