/** One lasting connection to HAProxy's runtime API, in interactive mode. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { invariant } from '../base/unreachable.js';
import type { ProxyRefusal, ProxySession } from '../ports/proxy-host.js';

type Answer = Result<string, ProxyRefusal>;

interface Question {
  readonly command: string;
  readonly answer: (answer: Answer) => void;
}

/** Interactive mode frames answers: each ends in an empty line's end and the prompt. */
const PROMPT = '\n> ';
const CONNECT_DEADLINE_MS = 1_000;
const ANSWER_DEADLINE_MS = 5_000;
/** A stick table of 100,000 rows is about this long. What is longer is read to its end and refused. */
const ANSWER_CHARACTERS = 16 << 20;
const QUESTIONS = 1_024;

/**
 * One question is on its way at a time, so that the prompt can only be the end of its answer. One that was
 * given up goes on blocking the line until it is answered; a worker that never answers is a dead one.
 */
export class HaproxySession implements ProxySession {
  #pid = 0;
  readonly #socket: Socket;
  readonly #questions: Question[] = [];
  #asked: Question | undefined;
  #heard: string[] = [];
  #length = 0;
  #tail = '';
  #state: 'open' | 'closed' = 'open';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (text: string) => {
      this.#read(text);
    });
  }

  /**
   * Connects, makes sure that HAProxy answers, and from then on calls `ended` when it no longer can. `masterOf` tells the
   * master's pid from what HAProxy says of itself, or that it cannot be told.
   */
  static async open(
    path: string,
    masterOf: (info: string) => number | undefined,
    ended: () => void,
  ): Promise<Result<HaproxySession, ProxyRefusal>> {
    const socket = await dial(path);
    if (!socket.ok) {
      return socket;
    }
    const session = new HaproxySession(socket.value);
    let verified: 'not-yet' | 'yes' = 'not-yet';
    socket.value.once('close', () => {
      const lost = session.#state === 'open' && verified === 'yes';
      session.close();
      if (lost) {
        ended();
      }
    });
    const answer = await session.#verify();
    if (!answer.ok) {
      session.close();
      return answer;
    }
    const master = masterOf(answer.value);
    if (master === undefined) {
      session.close();
      return noAnswer('it does not say which process it is');
    }
    session.#pid = master;
    verified = 'yes';
    return ok(session);
  }

  /** One command in a connection of its own, as the master's socket has it: the other side closes when it has answered. */
  static async askOnce(path: string, command: string): Promise<Answer> {
    const socket = await dial(path);
    return socket.ok ? answerUntilClosed(socket.value, command) : socket;
  }

  get pid(): number {
    return this.#pid;
  }

  ask(command: string): Promise<Answer> {
    invariant(!/[;\n]/u.test(command), 'one command at a time');
    return this.#put(command, ANSWER_DEADLINE_MS);
  }

  close(): void {
    this.#state = 'closed';
    this.#socket.destroy();
    const waiting = [...(this.#asked === undefined ? [] : [this.#asked]), ...this.#questions];
    this.#asked = undefined;
    this.#questions.length = 0;
    for (const question of waiting) {
      question.answer(noAnswer('the connection has ended'));
    }
  }

  async #verify(): Promise<Answer> {
    const prompt = await this.#put('prompt', CONNECT_DEADLINE_MS);
    const answer = prompt.ok ? await this.#put('show info', CONNECT_DEADLINE_MS) : prompt;
    return !answer.ok || answer.value.startsWith('Name: HAProxy')
      ? answer
      : noAnswer('what answers is not HAProxy');
  }

  #put(command: string, withinMs: number): Promise<Answer> {
    if (this.#state === 'closed' || this.#questions.length >= QUESTIONS) {
      const why = this.#state === 'closed' ? 'the connection has ended' : 'too many questions wait';
      return Promise.resolve(noAnswer(why));
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(noAnswer(`no answer within ${String(withinMs)} ms`));
      }, withinMs);
      const answer = (outcome: Answer): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#questions.push({ command, answer });
      this.#askNext();
    });
  }

  #askNext(): void {
    if (this.#asked === undefined) {
      this.#asked = this.#questions.shift();
      if (this.#asked !== undefined) {
        this.#socket.write(`${this.#asked.command}\n`);
      }
    }
  }

  #read(text: string): void {
    this.#length += text.length;
    if (this.#length <= ANSWER_CHARACTERS) {
      this.#heard.push(text);
    }
    this.#tail = `${this.#tail}${text}`.slice(-PROMPT.length);
    if (this.#tail === PROMPT) {
      this.#finish();
    }
  }

  #finish(): void {
    const answer =
      this.#length <= ANSWER_CHARACTERS
        ? ok(this.#heard.join('').slice(0, -PROMPT.length))
        : noAnswer(`an answer of ${String(this.#length)} characters is too long`);
    const question = this.#asked;
    this.#asked = undefined;
    this.#heard = [];
    this.#length = 0;
    this.#tail = '';
    question?.answer(answer);
    this.#askNext();
  }
}

function answerUntilClosed(socket: Socket, command: string): Promise<Answer> {
  return new Promise((resolve) => {
    let heard = '';
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(noAnswer(`no answer within ${String(CONNECT_DEADLINE_MS)} ms`));
    }, CONNECT_DEADLINE_MS);
    socket.on('data', (text: string) => {
      heard = `${heard}${text}`.slice(0, ANSWER_CHARACTERS);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(heard === '' ? noAnswer('it was closed without an answer') : ok(heard));
    });
    socket.end(`${command}\n`);
  });
}

function dial(path: string): Promise<Result<Socket, ProxyRefusal>> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.setTimeout(CONNECT_DEADLINE_MS, () => {
      socket.destroy();
      resolve(noAnswer('the runtime socket does not accept'));
    });
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(ok(socket));
    });
    // Stays: an error after this ends in 'close', which is what counts.
    socket.on('error', (error) => {
      resolve(fail({ code: 'not-running', detail: error.message }));
    });
  });
}

function noAnswer(detail: string): Result<never, ProxyRefusal> {
  return fail({ code: 'no-answer', detail });
}
