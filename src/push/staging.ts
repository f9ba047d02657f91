/** What has arrived of a push, in memory: nothing of it is in its place yet. */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Place } from '../core/push-places.js';
import type { PushBeginAsked, PushFileAsked, PushPartAsked } from '../wire/pair/push.js';
import { digestOf } from './pem.js';

export interface Staged extends Place {
  readonly bytes: Uint8Array;
  /** Whether the same is there already. */
  readonly found: 'same' | 'differs' | 'absent';
}

interface Arriving extends Place {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly found: Staged['found'];
  /** How much of it has arrived, from its beginning. */
  arrived: number;
  /** Of that: worked out part by part, since the daemon has other things to do. */
  readonly hash: Hash;
  /** Once all of it is there. */
  isRight: 'yes' | 'no' | 'not known yet';
}

export class Staging {
  readonly id: string;
  readonly #announced: PushBeginAsked;
  readonly #files = new Map<string, Arriving>();
  #bytes = 0;

  constructor(announced: PushBeginAsked) {
    this.id = announced.id;
    this.#announced = announced;
  }

  /** `there`: what is at its place now. */
  expect(
    { name, bytes, digest }: PushFileAsked,
    place: Place,
    there: Uint8Array | undefined,
  ): Result<Staged['found'], string> {
    this.#bytes += bytes;
    if (this.#files.size >= this.#announced.files || this.#bytes > this.#announced.bytes) {
      return fail('there is more to it than was said at first');
    }
    if (
      this.#files.has(name) ||
      [...this.#files.values()].some(({ path }) => path === place.path)
    ) {
      return fail(`${place.path} comes twice`);
    }
    const isSame = there !== undefined && digestOf(there) === digest;
    const differs = there === undefined ? 'absent' : 'differs';
    const found = isSame ? 'same' : differs;
    this.#files.set(name, {
      ...place,
      ...{ digest, found },
      bytes: isSame ? there : new Uint8Array(bytes),
      arrived: isSame ? bytes : 0,
      hash: createHash('sha256'),
      isRight: isSame ? 'yes' : 'not known yet',
    });
    this.#judge(name);
    return ok(found);
  }

  /** In order; a part that arrives a second time is passed over. */
  add({ name, at, base64 }: PushPartAsked): Result<undefined, string> {
    const file = this.#files.get(name);
    if (file === undefined) {
      return fail('a part of a file that was not announced');
    }
    const part = Buffer.from(base64, 'base64');
    if (at + part.length <= file.arrived) {
      return done;
    }
    if (at !== file.arrived || at + part.length > file.bytes.length) {
      return fail(`${file.path}: a part does not fit`);
    }
    file.bytes.set(part, at);
    file.hash.update(part);
    file.arrived += part.length;
    this.#judge(name);
    return done;
  }

  #judge(name: string): void {
    const file = this.#files.get(name);
    if (file?.isRight === 'not known yet' && file.arrived === file.bytes.length) {
      file.isRight = file.hash.digest('hex') === file.digest ? 'yes' : 'no';
    }
  }

  /** All files, whole; else what is missing. */
  whole(): Result<readonly Staged[], string> {
    if (this.#files.size !== this.#announced.files) {
      return fail(
        `${String(this.#files.size)} of ${String(this.#announced.files)} files have arrived`,
      );
    }
    const broken = [...this.#files.values()].find(({ isRight }) => isRight !== 'yes');
    return broken === undefined
      ? ok(
          [...this.#files.values()].map(({ path, base, bytes, found }) => ({
            path,
            base,
            bytes,
            found,
          })),
        )
      : fail(`${broken.path} has not arrived whole`);
  }
}
