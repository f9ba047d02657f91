/** Questions to the other daemon and its answers, and its questions and ours: a bounded number, in a bounded time. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { PairAnswer, PairQuestion } from '../wire/pair/question.js';
import { MOST_QUESTION } from '../wire/pair/question.js';

export interface AskRefusal {
  /** `refused`: the other daemon understood, and says no. Of the rest nothing is known of what it did. */
  readonly code: 'no-channel' | 'older' | 'no-answer' | 'too-many' | 'too-long' | 'refused';
  /** One sentence. */
  readonly detail: string;
}

/** What is made of a question of the other daemon, in JSON; a refusal is a sentence. */
export type Answerer = (ask: string, body: string) => Promise<Result<string, string>>;

export interface QuestionPorts {
  readonly clock: Clock;
  /** To whoever is at the other end now. */
  readonly say: (message: PairQuestion | PairAnswer) => void;
  readonly answer: Answerer;
}

interface Waiting {
  readonly settle: (answer: Result<string, AskRefusal>) => void;
  readonly patience: Alarm;
  /** What has come of the answer. */
  readonly parts: string[];
}

export class Questions {
  readonly #ports: QuestionPorts;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #answering = 0;
  /** Which connection this is: what was asked on one is not answered on the next. */
  #connection = 0;

  constructor(ports: QuestionPorts) {
    this.#ports = ports;
  }

  /** Resolves with the answer, or why there is none; never rejects. */
  ask(ask: string, body: string, within: Millis): Promise<Result<string, AskRefusal>> {
    if (this.#waiting.size >= MOST_WAITING) {
      return refuse('too-many', `${String(MOST_WAITING)} questions wait for an answer already`);
    }
    if (body.length > MOST_QUESTION) {
      return refuse('too-long', `a question has ${String(MOST_QUESTION)} characters at the most`);
    }
    const { clock, say } = this.#ports;
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      const patience = clock.alarm(later(clock.now(), within), () => {
        this.#settle(id, NO_ANSWER);
      });
      this.#waiting.set(id, { settle: resolve, patience, parts: [] });
      say({ kind: 'question', id, ask, body });
    });
  }

  /** An answer to something else, or one that comes too late, is passed over. */
  heardAnswer({ id, outcome, body }: PairAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      return;
    }
    waiting.parts.push(body);
    if (outcome === 'more') {
      if (waiting.parts.length >= MOST_PARTS) {
        this.#settle(
          id,
          fail({ code: 'too-long', detail: 'the answer of the other daemon is too long' }),
        );
      }
      return;
    }
    const whole = waiting.parts.join('');
    this.#settle(id, outcome === 'granted' ? ok(whole) : fail({ code: 'refused', detail: whole }));
  }

  async heardQuestion({ id, ask, body }: PairQuestion): Promise<void> {
    if (this.#answering >= MOST_WAITING) {
      this.#say(id, fail('this daemon answers too many questions already'));
      return;
    }
    const connection = this.#connection;
    this.#answering += 1;
    const answer = await this.#ports.answer(ask, body);
    this.#answering -= 1;
    if (connection === this.#connection) {
      this.#say(id, answer);
    }
  }

  /** The connection has ended: nothing more will be answered. */
  ended(): void {
    this.#connection += 1;
    for (const id of [...this.#waiting.keys()]) {
      // It may have arrived, and be carried out.
      this.#settle(id, NO_ANSWER);
    }
  }

  #say(id: number, answer: Result<string, string>): void {
    const whole = answer.ok ? answer.value : answer.error;
    if (whole.length > MOST_QUESTION * MOST_PARTS) {
      this.#say(id, fail('the answer is too long for the channel'));
      return;
    }
    const last = Math.max(0, Math.ceil(whole.length / MOST_QUESTION) - 1);
    for (let part = 0; part <= last; part += 1) {
      const body = whole.slice(part * MOST_QUESTION, (part + 1) * MOST_QUESTION);
      const ending = answer.ok ? 'granted' : 'refused';
      this.#ports.say({ kind: 'answer', id, outcome: part < last ? 'more' : ending, body });
    }
  }

  #settle(id: number, answer: Result<string, AskRefusal>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.patience.cancel();
    waiting?.settle(answer);
  }
}

function refuse(code: AskRefusal['code'], detail: string): Promise<Result<never, AskRefusal>> {
  return Promise.resolve(fail({ code, detail }));
}

/** What a pair without a channel answers to itself. */
export const NO_CHANNEL: Result<never, AskRefusal> = fail({
  code: 'no-channel',
  detail: 'the pair channel is down',
});
const NO_ANSWER: Result<never, AskRefusal> = fail({
  code: 'no-answer',
  detail: 'the other daemon does not answer',
});
/** In each direction. */
const MOST_WAITING = 8;
/** Of one answer: 80,000 characters, fewer bytes than a connection may hold back. */
const MOST_PARTS = 5;
