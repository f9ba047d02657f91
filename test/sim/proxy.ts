/** A simulated HAProxy: it outlives the daemon, dies, hangs and is started again. */
import { done, fail, ok } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import type { ProxyHost, ProxyRefusal } from '../../src/ports/proxy-host.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

const START_TAKES = millis(60);
const CHECK_TAKES = millis(25);
const ANSWER_TAKES = millis(1);
const CONNECT_PATIENCE = millis(1000);

interface Session {
  readonly process: SimProcess;
  readonly ended: () => void;
}

export class SimProxy {
  #fate: 'running' | 'hung' | 'dead' = 'dead';
  #pid = 100;
  readonly #scheduler: Scheduler;
  readonly #sessions = new Set<Session>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get serves(): boolean {
    return this.#fate === 'running';
  }

  hang(): void {
    this.#fate = this.#fate === 'running' ? 'hung' : this.#fate;
  }

  die(): void {
    this.#fate = 'dead';
    for (const { process, ended } of this.#sessions) {
      process.deliver(ended);
    }
    this.#sessions.clear();
  }

  /** No goodbye: the machine is off. */
  powerLoss(): void {
    this.#fate = 'dead';
    this.#sessions.clear();
  }

  host(process: SimProcess): ProxyHost {
    return {
      check: () => process.answerAfter(CHECK_TAKES, () => done),
      start: () => {
        this.#scheduler.after(START_TAKES, () => {
          if (process.fate !== 'gone' && this.#fate === 'dead') {
            this.#fate = 'running';
            this.#pid += 1;
          }
        });
        return process.answerAfter(millis(5), () => ok({ pid: this.#pid + 1 }));
      },
      connect: (ended) => this.#connect(process, ended),
      kill: () =>
        process.answerAfter(millis(2), () => {
          this.die();
        }),
    };
  }

  #connect(process: SimProcess, ended: () => void): ReturnType<ProxyHost['connect']> {
    const refuse = (code: ProxyRefusal['code']) => fail<ProxyRefusal>({ code, detail: code });
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
      const session: Session = { process, ended };
      this.#sessions.add(session);
      return ok({
        pid: this.#pid,
        ask: () =>
          this.#fate === 'running'
            ? process.answerAfter(ANSWER_TAKES, () => ok('simulated'))
            : new Promise<never>(() => undefined),
        close: () => {
          this.#sessions.delete(session);
        },
      });
    });
  }
}
