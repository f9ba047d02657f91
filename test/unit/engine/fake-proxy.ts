/** A proxy in the hand of a test: it answers, dies and refuses when it is told to. */
import type { Result } from '../../../src/base/result.js';
import { done, fail, ok } from '../../../src/base/result.js';
import type { ProxyHost, ProxyRefusal, ProxySession } from '../../../src/ports/proxy-host.js';

type Call = 'check' | 'start' | 'connect' | 'ask' | 'reload';

export class FakeProxy implements ProxyHost {
  readonly calls: string[] = [];
  readonly refusing = new Map<Call, ProxyRefusal>();
  /** How to say that a start has ended, or a connection: the first start's first. */
  readonly exits: ((how: string) => void)[] = [];
  readonly ends: (() => void)[] = [];
  /** Questions are kept back until the test answers them. */
  mood: 'answers' | 'hangs' = 'answers';
  readonly questions: (() => void)[] = [];
  /** Of the master of what is connected to next; each is another unless the test says otherwise. */
  master: number | undefined;
  /** What it says of itself: of the session that is asked. */
  readonly info = new Map<number, string>();
  #pid = 6;

  check(): Promise<Result<undefined, ProxyRefusal>> {
    return this.#answer('check', done);
  }

  start(exited: (how: string) => void): Promise<Result<{ readonly pid: number }, ProxyRefusal>> {
    this.exits.push(exited);
    return this.#answer('start', ok({ pid: 7 }));
  }

  connect(ended: () => void): Promise<Result<ProxySession, ProxyRefusal>> {
    this.ends.push(ended);
    this.#pid += 1;
    const number = this.#pid;
    const pid = this.master ?? number;
    const session: ProxySession = {
      pid,
      ask: async (command) => {
        const answer = this.#answer(
          'ask',
          ok(this.info.get(number) ?? 'Name: HAProxy\n'),
          `ask ${command}`,
        );
        if (this.mood === 'hangs') {
          await new Promise<void>((resolve) => this.questions.push(resolve));
        }
        return answer;
      },
      close: () => {
        this.calls.push(`close ${String(number)}`);
      },
    };
    return this.#answer('connect', ok(session));
  }

  reload(): Promise<Result<undefined, ProxyRefusal>> {
    return this.#answer('reload', done);
  }

  kill(): Promise<void> {
    this.calls.push('kill');
    return Promise.resolve();
  }

  refuse(call: Call, code: ProxyRefusal['code']): void {
    this.refusing.set(call, { code, detail: `no ${call}` });
  }

  #answer<T>(call: Call, value: T, text: string = call): Promise<T | ReturnType<typeof refused>> {
    this.calls.push(text);
    const refusal = this.refusing.get(call);
    return Promise.resolve(refusal === undefined ? value : refused(refusal));
  }
}

function refused(refusal: ProxyRefusal) {
  return fail(refusal);
}
