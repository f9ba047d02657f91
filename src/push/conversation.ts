/** One push, said to the other daemon: a question at a time, so that heartbeats wait for no more than one of them. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { PushEnd } from '../core/push-plan.js';
import type { Clock } from '../ports/clock.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { Reader } from '../wire/pair/generation.js';
import type {
  PushBeginAnswer,
  PushFileAnswer,
  PushSharedAnswer,
  PushStateAnswer,
} from '../wire/pair/push.js';
import {
  ASK_PUSH_BEGIN,
  ASK_PUSH_CHECK,
  ASK_PUSH_DROP,
  ASK_PUSH_FILE,
  ASK_PUSH_INSTALL,
  ASK_PUSH_PART,
  ASK_PUSH_RELOAD,
  ASK_PUSH_SHARED,
  ASK_PUSH_STATE,
  ASK_PUSH_TEXT,
  ASK_PUSH_UNDO,
  ASK_PUSH_WELL,
  PART_BYTES,
  readPushBegun,
  readPushFileFound,
  readPushSharedFound,
  readPushState,
  readPushTextSaid,
  readPushWell,
} from '../wire/pair/push.js';
import type { PushFile } from './collect.js';
import { digestOf } from './pem.js';

export type PushAsk = (
  ask: string,
  body: string,
  within: Millis,
) => Promise<Result<string, { readonly code: string; readonly detail: string }>>;

export class Conversation {
  readonly #id: string;
  readonly #peer: string;
  readonly #ask: PushAsk;
  readonly #clock: Clock;

  constructor(
    { id, peer }: { readonly id: string; readonly peer: string },
    { ask, clock }: { readonly ask: PushAsk; readonly clock: Clock },
  ) {
    this.#id = id;
    this.#peer = peer;
    this.#ask = ask;
    this.#clock = clock;
  }

  begin(files: readonly PushFile[]): Promise<Result<PushBeginAnswer, Refusal>> {
    const bytes = files.reduce((all, each) => all + each.bytes.length, 0);
    const body = { id: this.#id, files: files.length, bytes };
    return this.#read(ASK_PUSH_BEGIN, body, readPushBegun);
  }

  /** What is there of each, in their order. */
  async announce(files: readonly PushFile[]): Promise<Result<readonly PushFileAnswer[], Refusal>> {
    const found: PushFileAnswer[] = [];
    for (const { name, bytes } of files) {
      const body = { id: this.#id, name, bytes: bytes.length, digest: digestOf(bytes) };
      const answer = await this.#read(ASK_PUSH_FILE, body, readPushFileFound);
      if (!answer.ok) {
        return answer;
      }
      found.push(answer.value);
    }
    return ok(found);
  }

  async send(files: readonly PushFile[]): Promise<Result<undefined, Refusal>> {
    for (const { name, bytes } of files) {
      for (let at = 0; at < bytes.length; at += PART_BYTES) {
        const base64 = Buffer.from(bytes.subarray(at, at + PART_BYTES)).toString('base64');
        const sent = await this.#say(ASK_PUSH_PART, { id: this.#id, name, at, base64 });
        if (!sent.ok) {
          return sent;
        }
      }
    }
    return ok(undefined);
  }

  /** As it may be shown; undefined where it may not. */
  async text(name: string): Promise<string | undefined> {
    const said = await this.#read(ASK_PUSH_TEXT, { name }, readPushTextSaid);
    return said.ok ? said.value.text : undefined;
  }

  check(): Promise<Result<undefined, Refusal>> {
    return this.#say(ASK_PUSH_CHECK, { id: this.#id }, CHECKED_WITHIN);
  }

  /** Where the answer is lost it may have begun: what {@link ended} finds counts. */
  async install(to: 'standby' | 'active'): Promise<Result<undefined, Refusal>> {
    const begun = await this.#say(ASK_PUSH_INSTALL, { id: this.#id, to }, ANSWER_WITHIN);
    return begun.ok || begun.error.code !== 'peer-silent' ? begun : ok(undefined);
  }

  /** The other node ends it by itself; where nobody answers, it is asked again for a while. */
  async ended(): Promise<{
    readonly outcome: PushEnd['outcome'] | 'unknown';
    readonly why: string;
  }> {
    let silentSince = this.#clock.now();
    for (;;) {
      const said = await this.#read<PushStateAnswer>(
        ASK_PUSH_STATE,
        { id: this.#id },
        readPushState,
      );
      const now = this.#clock.now();
      if (said.ok && said.value.outcome !== undefined) {
        return { outcome: said.value.outcome, why: said.value.why ?? '' };
      }
      if (said.ok) {
        silentSince = now;
      } else if (said.error.code === 'peer-refused' || now > later(silentSince, SILENT_FOR)) {
        const why =
          said.error.code === 'peer-refused'
            ? `${this.#peer} does not know of the push any more: where its daemon was started again, that has put the former files back; look at vipair events there`
            : `${this.#peer} does not say what came of it: ${said.error.detail}; look at vipair events there`;
        return { outcome: 'unknown', why };
      }
      await new Promise<void>((resolve) => {
        this.#clock.alarm(later(now, ASK_EVERY), resolve);
      });
    }
  }

  /** What vipair.yaml is there. */
  shared(digest: string): Promise<Result<PushSharedAnswer, Refusal>> {
    return this.#read(ASK_PUSH_SHARED, { digest }, readPushSharedFound);
  }

  /** The other node takes its vipair.yaml over; why not, in a sentence. */
  async reload(): Promise<string | undefined> {
    const said = await this.#read(ASK_PUSH_RELOAD, { id: this.#id }, readPushWell, RELOADED_WITHIN);
    return said.ok ? said.value.why : said.error.detail;
  }

  /** What has fallen there since before it had the files; undefined: nothing. */
  async well(): Promise<string | undefined> {
    const said = await this.#read(ASK_PUSH_WELL, { id: this.#id }, readPushWell);
    return said.ok ? said.value.why : said.error.detail;
  }

  /** It begins to put back what it had before; {@link ended} tells when that is kept. */
  undo(): Promise<Result<undefined, Refusal>> {
    return this.#say(ASK_PUSH_UNDO, { id: this.#id });
  }

  async drop(): Promise<void> {
    await this.#say(ASK_PUSH_DROP, { id: this.#id });
  }

  async #read<T>(
    ask: string,
    body: object,
    reader: Reader<T>,
    within: Millis = ANSWER_WITHIN,
  ): Promise<Result<T, Refusal>> {
    const answer = await this.#ask(ask, JSON.stringify(body), within);
    if (!answer.ok) {
      return fail(this.#refusal(answer.error));
    }
    const read = reader(answer.value);
    return read.ok ? read : fail({ code: 'peer-refused', detail: read.error });
  }

  async #say(
    ask: string,
    body: object,
    within: Millis = ANSWER_WITHIN,
  ): Promise<Result<undefined, Refusal>> {
    const answer = await this.#ask(ask, JSON.stringify(body), within);
    return answer.ok ? ok(undefined) : fail(this.#refusal(answer.error));
  }

  #refusal({ code, detail }: { readonly code: string; readonly detail: string }): Refusal {
    return code === 'refused'
      ? { code: 'peer-refused', detail: `${this.#peer} refuses the push: ${detail}` }
      : { code: 'peer-silent', detail: `${this.#peer} cannot be asked: ${detail}` };
  }
}

/** The other node reads a file, at the most. */
const ANSWER_WITHIN = millis(5000);
/** Longer than HAProxy's own check may take there. */
const CHECKED_WITHIN = millis(40_000);
/** A change of both nodes at one moment takes some seconds at the most. */
const RELOADED_WITHIN = millis(20_000);
const ASK_EVERY = millis(500);
/** A daemon that is started again finds its own end of it in this time, or never. */
const SILENT_FOR = millis(15_000);
