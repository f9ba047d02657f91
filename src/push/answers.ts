/** What the other node's daemon may ask for a push, and what this one makes of it. Whoever asks may lie. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import { shown } from '../core/haproxy-text.js';
import { placeOf } from '../core/push-places.js';
import type {
  PushBeginAnswer,
  PushFileAnswer,
  PushFileAsked,
  PushSharedAnswer,
  PushStateAnswer,
  PushWellAnswer,
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
  cutWhy,
  MOST_PUSHED_FILE_BYTES,
  MOST_TEXT_SHOWN,
  readPushAsked,
  readPushBegin,
  readPushFile,
  readPushInstall,
  readPushPart,
  readPushShared,
  readPushText,
} from '../wire/pair/push.js';
import { digestOf, fingerprints, holds, textOf } from './pem.js';
import type { PushReceiver, ReceiverPorts } from './receiver.js';
import { lookAtShared } from './shared.js';
import { Staging } from './staging.js';

export interface AnswerPorts extends Pick<ReceiverPorts, 'files' | 'settings' | 'clock'> {
  readonly node: string;
  readonly receiver: PushReceiver;
  readonly accepts: () => boolean;
  /** Groups that this node is master of. */
  readonly masterOf: () => readonly string[];
  /** Whether this node pushes itself. */
  readonly isSending: () => boolean;
  /** Takes vipair.yaml over, as `vipair reload` does; why not, in a sentence. */
  readonly reload: () => Promise<string | undefined>;
}

type Answer = Promise<Result<string, string>>;

export class PushAnswers {
  readonly #ports: AnswerPorts;
  readonly #byAsk: Readonly<Record<string, (body: string) => Answer>>;

  constructor(ports: AnswerPorts) {
    this.#ports = ports;
    this.#byAsk = {
      [ASK_PUSH_BEGIN]: (body) => this.#begin(body),
      [ASK_PUSH_FILE]: (body) => this.#file(body),
      [ASK_PUSH_PART]: (body) => this.#part(body),
      [ASK_PUSH_TEXT]: (body) => this.#text(body),
      [ASK_PUSH_CHECK]: (body) => this.#check(body),
      [ASK_PUSH_INSTALL]: (body) => this.#install(body),
      [ASK_PUSH_STATE]: (body) => this.#state(body),
      [ASK_PUSH_DROP]: (body) => this.#drop(body),
      [ASK_PUSH_SHARED]: (body) => this.#shared(body),
      [ASK_PUSH_RELOAD]: (body) => this.#reload(body),
      [ASK_PUSH_WELL]: (body) => this.#well(body),
      [ASK_PUSH_UNDO]: (body) => this.#undo(body),
    };
  }

  /** Undefined where something else is asked. */
  answer(ask: string, body: string): Answer | undefined {
    const answer = this.#byAsk[ask];
    if (answer === undefined) {
      return undefined;
    }
    const { node, accepts } = this.#ports;
    return accepts()
      ? answer(body).then((said) => (said.ok ? said : fail(cutWhy(said.error))))
      : Promise.resolve(
          fail(`${node} takes no files: set push.accept to true in its vipair.yaml, and reload`),
        );
  }

  #begin(body: string): Answer {
    const asked = readPushBegin(body);
    if (!asked.ok) {
      return Promise.resolve(asked);
    }
    const { node, receiver, masterOf, isSending } = this.#ports;
    const begun = isSending()
      ? fail(`${node} pushes its own files at the moment`)
      : receiver.begin(new Staging(asked.value));
    const answer: PushBeginAnswer = { masterOf: masterOf() };
    return Promise.resolve(begun.ok ? said(answer) : begun);
  }

  async #file(body: string): Answer {
    const asked = readPushFile(body);
    return asked.ok ? this.#expect(asked.value) : asked;
  }

  async #expect(asked: PushFileAsked): Answer {
    const { files, settings, receiver } = this.#ports;
    const place = placeOf(asked.name, settings().places);
    if (!place.ok) {
      return place;
    }
    const { path, base } = place.value;
    const there = await files.look(path, base, MOST_PUSHED_FILE_BYTES);
    if (!there.ok || there.value.kind === 'directory') {
      return there.ok ? fail(`${path} is a directory`) : there;
    }
    const staging = receiver.staging(asked.id);
    const bytes = there.value.kind === 'file' ? there.value.bytes : undefined;
    const found = staging?.expect(asked, place.value, bytes) ?? fail(FORGOTTEN);
    if (!found.ok) {
      return found;
    }
    receiver.heard();
    const certificates = bytes === undefined ? [] : fingerprints(bytes);
    const answer: PushFileAnswer = { path, found: found.value, certificates };
    return said(answer);
  }

  #part(body: string): Answer {
    const { receiver } = this.#ports;
    const part = readPushPart(body);
    const added = part.ok
      ? (receiver.staging(part.value.id)?.add(part.value) ?? fail(FORGOTTEN))
      : part;
    receiver.heard();
    return Promise.resolve(added.ok ? said({}) : added);
  }

  /** Never a key, and of a line that may hold a secret only its beginning. */
  async #text(body: string): Answer {
    const asked = readPushText(body);
    const { files, settings } = this.#ports;
    const place = asked.ok ? placeOf(asked.value.name, settings().places) : asked;
    if (!place.ok) {
      return place;
    }
    const { path, base } = place.value;
    const found = await files.look(path, base, MOST_TEXT_SHOWN);
    if (!found.ok || found.value.kind !== 'file') {
      return found.ok ? fail(`${path} is no file`) : found;
    }
    const text = shownText(found.value.bytes);
    return text === undefined ? fail(`${path} is not shown`) : said({ text });
  }

  async #check(body: string): Answer {
    const asked = readPushAsked(body);
    if (!asked.ok) {
      return asked;
    }
    const { receiver } = this.#ports;
    const checked =
      receiver.staging(asked.value.id) === undefined ? fail(FORGOTTEN) : await receiver.check();
    return checked.ok ? said({}) : checked;
  }

  async #install(body: string): Answer {
    const asked = readPushInstall(body);
    if (!asked.ok) {
      return asked;
    }
    const { receiver, masterOf, node } = this.#ports;
    const { id, to } = asked.value;
    const groups = masterOf();
    if (to === 'standby' && groups.length > 0) {
      return fail(`${node} is master of ${groups.join(', ')} by now`);
    }
    const begun = receiver.staging(id) === undefined ? fail(FORGOTTEN) : await receiver.install(id);
    return begun.ok ? said({}) : begun;
  }

  #state(body: string): Answer {
    const asked = readPushAsked(body);
    const { state } = this.#ports.receiver;
    if (!asked.ok) {
      return Promise.resolve(asked);
    }
    const isOf = state.name === 'idle' ? state.last?.id : state.id;
    if (isOf !== asked.value.id) {
      return Promise.resolve(fail(FORGOTTEN));
    }
    const answer: PushStateAnswer =
      state.name === 'idle'
        ? { state: state.name, outcome: state.last?.outcome, why: cutWhy(state.last?.why ?? '') }
        : { state: state.name };
    return Promise.resolve(said(answer));
  }

  async #shared(body: string): Answer {
    const asked = readPushShared(body);
    const { files, settings, clock } = this.#ports;
    const { places } = settings();
    const found = asked.ok ? await lookAtShared(places, files) : asked;
    if (!asked.ok || !found.ok || found.value.kind === 'directory') {
      return found.ok ? fail(`${places.shared} is a directory`) : found;
    }
    const path = places.shared;
    if (found.value.kind === 'nothing') {
      return said({ path, found: 'absent' } satisfies PushSharedAnswer);
    }
    const { bytes, changedAt } = found.value;
    const isSame = digestOf(bytes) === asked.value.digest;
    const age = millis(Math.max(0, clock.wallTime() - changedAt));
    return said({ path, found: isSame ? 'same' : 'differs', age } satisfies PushSharedAnswer);
  }

  /** It is on the disk, where the operator of this node could reload it just the same. */
  async #reload(body: string): Answer {
    const asked = readPushAsked(body);
    if (!asked.ok) {
      return asked;
    }
    const why = await this.#ports.reload();
    return said({ why: why === undefined ? undefined : cutWhy(why) } satisfies PushWellAnswer);
  }

  async #well(body: string): Answer {
    const asked = readPushAsked(body);
    const fallen = asked.ok ? await this.#ports.receiver.fallen(asked.value.id) : asked;
    return fallen.ok ? said({ why: fallen.value } satisfies PushWellAnswer) : fallen;
  }

  async #undo(body: string): Answer {
    const asked = readPushAsked(body);
    const { receiver, masterOf, node } = this.#ports;
    const groups = masterOf();
    if (groups.length > 0) {
      return fail(`${node} is master of ${groups.join(', ')}`);
    }
    const begun = asked.ok ? await receiver.takeBack(asked.value.id) : asked;
    return begun.ok ? said({}) : begun;
  }

  #drop(body: string): Answer {
    const asked = readPushAsked(body);
    const { receiver } = this.#ports;
    if (asked.ok && receiver.staging(asked.value.id) !== undefined) {
      receiver.drop();
    }
    return Promise.resolve(asked.ok ? said({}) : asked);
  }
}

/** As it may be shown to people; undefined where it may not, or is none. */
export function shownText(bytes: Uint8Array): string | undefined {
  const isText = holds(bytes) === 'text' && bytes.length <= MOST_TEXT_SHOWN;
  const text = isText ? textOf(bytes) : undefined;
  return text
    ?.split('\n')
    .map((line) => shown(line))
    .join('\n')
    .slice(0, MOST_TEXT_SHOWN);
}

function said(answer: object): Result<string, string> {
  return ok(JSON.stringify(answer));
}

const FORGOTTEN =
  'this push is not known here any more: another one has begun, or it took too long';
