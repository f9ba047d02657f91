/** A simulated HAProxy: it outlives the daemon, dies, hangs and is started again, by the daemon or by a unit of systemd's. */
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { later, millis, sum } from '../../src/base/time.js';
import type { ProxyHost, ProxyRefusal } from '../../src/ports/proxy-host.js';
import type { SimProcess } from './process.js';
import { SimServers } from './proxy-servers.js';
import type { Scheduler } from './scheduler.js';

const START_TAKES = millis(60);
const CHECK_TAKES = millis(25);
const ANSWER_TAKES = millis(1);
/** `Restart=always` with systemd's own RestartSec. How often it tries in vain before it gives up is left out. */
const UNIT_RESTARTS_AFTER = millis(100);
const CONNECT_PATIENCE = millis(1000);
/** A daemon looks for one that is not its own every 100 ms, by its clock, and it answers. */
const FOUND_WITHIN = millis(105);
const NO_TIME = millis(0);

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
  /** `active`: systemd runs it, and starts it again when it has died; the daemon does neither. */
  #unit: 'none' | 'active' = 'none';
  #pid = 100;
  #worker = 500;
  #foundBy: Instant;
  readonly #scheduler: Scheduler;
  /** As its file has it now. */
  configuration: 'valid' | 'invalid';
  readonly #sessions = new Set<Listener>();
  /** Whoever started it learns how it ended. */
  #parent: Listener | undefined;
  /** Addresses of servers that nothing this machine sends arrives at. */
  readonly unreachable = new Set<string>();
  /** As the process that runs now uses them. */
  servers = new SimServers();

  constructor(scheduler: Scheduler, configuration: 'valid' | 'invalid' = 'valid') {
    this.#scheduler = scheduler;
    this.#foundBy = scheduler.now;
    this.configuration = configuration;
  }

  /** So that a daemon knows it: one that systemd runs has to be found first. */
  get serves(): boolean {
    return this.#fate === 'running' && this.#scheduler.now >= this.#foundBy;
  }

  /** Whether a request is answered by a server. */
  get servesClients(): boolean {
    return (
      this.#fate === 'running' && this.servers.inService.some((each) => !this.unreachable.has(each))
    );
  }

  /** It dies, and cannot be started. */
  breakDown(): void {
    this.#program = 'broken';
    this.die();
  }

  mend(): void {
    this.#program = 'works';
    this.#unitStarts(UNIT_RESTARTS_AFTER);
  }

  /** From now on, until the power is lost, systemd runs it. */
  beginUnit(): void {
    this.#unit = 'active';
    this.#unitStarts(NO_TIME);
  }

  /** An operator restarts the unit, since systemd does not notice that it hangs. */
  restartUnit(): void {
    if (this.#unit === 'active' && this.#fate === 'hung') {
      this.die();
    }
  }

  hang(): void {
    this.#become(this.#fate === 'running' ? 'hung' : this.#fate);
  }

  /** One that stood still. */
  goOn(): void {
    this.#become(this.#fate === 'hung' ? 'running' : this.#fate);
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
    this.#unitStarts(UNIT_RESTARTS_AFTER);
  }

  #unitStarts(after: Millis): void {
    if (this.#unit === 'active') {
      this.#scheduler.after(sum(after, START_TAKES), () => {
        if (this.#unit === 'active' && this.#fate === 'dead' && this.#program === 'works') {
          this.#pid += 1;
          this.reload();
          this.#foundBy = later(this.#scheduler.now, FOUND_WITHIN);
          this.#become('running');
          this.#scheduler.after(FOUND_WITHIN, () => {
            this.#scheduler.changed();
          });
        }
      });
    }
  }

  /** No goodbye: the machine is off. */
  powerLoss(): void {
    this.#unit = 'none';
    this.#become('dead');
    this.#sessions.clear();
    this.#parent = undefined;
  }

  host(process: SimProcess): ProxyHost {
    let before: Promise<unknown> = Promise.resolve();
    const ours: Pick<ProxyHost, 'check' | 'start' | 'kill'> = {
      check: () =>
        process.answerAfter(CHECK_TAKES, () =>
          this.configuration === 'valid' ? done : refuse('invalid-configuration'),
        ),
      start: (exited) => this.#start(process, exited),
      kill: () =>
        process.answerAfter(millis(2), () => {
          this.die();
        }),
    };
    const systemds: typeof ours = {
      check: () => process.answer(() => done),
      start: () => process.answer(() => refuse('not-started')),
      kill: () => process.answer(() => undefined),
    };
    return {
      ...(this.#unit === 'active' ? systemds : ours),
      connect: (ended) => this.#connect(process, ended),
      reload: () => {
        const turn = before.then(() => process.answerAfter(CHECK_TAKES, () => this.#reloadFor()));
        before = turn;
        return turn;
      },
    };
  }

  #reloadFor(): Result<undefined, ProxyRefusal> {
    if (this.configuration === 'invalid') {
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
      return this.#unit === 'active'
        ? this.#connectInVain(process)
        : process.answerAfter(CONNECT_PATIENCE, () => refuse('no-answer'));
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

  /** Nobody accepts, until patience or the process ends. */
  #connectInVain(process: SimProcess): ReturnType<ProxyHost['connect']> {
    return new Promise((resolve) => {
      const ended = (): void => {
        resolve(refuse('no-answer'));
      };
      const waiting: Listener = { process, worker: this.#worker, ended };
      this.#sessions.add(waiting);
      void process.answerAfter(CONNECT_PATIENCE, ended).then(() => {
        this.#sessions.delete(waiting);
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
