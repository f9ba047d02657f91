/** What the other node's daemon asks of a push: whoever asks may lie about places, sizes, parts and what is in them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Result } from '../../src/base/result.js';
import { fail } from '../../src/base/result.js';
import type { PushPlaces } from '../../src/core/push-places.js';
import { CONFIG_NAME, placeOf, SHARED_NAME } from '../../src/core/push-places.js';
import { areNamed, stagedCheck } from '../../src/push/staged-check.js';
import { Staging } from '../../src/push/staging.js';
import {
  ASK_PUSH_BEGIN,
  ASK_PUSH_CHECK,
  ASK_PUSH_FILE,
  ASK_PUSH_PART,
  MOST_PUSHED_BYTES,
  MOST_PUSHED_FILES,
  readPushAsked,
  readPushBegin,
  readPushFile,
  readPushPart,
} from '../../src/wire/pair/push.js';
import type { Target } from './target.js';

const PLACES: PushPlaces = {
  config: '/etc/haproxy/haproxy.cfg',
  shared: '/etc/vipair/vipair.yaml',
  directories: ['/srv/certs'],
  kept: ['/etc/haproxy/pair.key', '/srv/certs/check.sh'],
};
/** What is there already. */
const THERE = 'old';
/** A stranger says nothing longer in one breath, and each of them costs memory here until it is looked at. */
const MOST_FILE_IN_FUZZ = 100_000;

interface Sent {
  readonly name: string;
  readonly text: string;
}

/** A line for each question: what is asked, and its body. */
function asked(files: readonly Sent[], partBytes = 9000): Uint8Array {
  const id = 'lb1-1';
  const bytes = files.reduce((all, { text }) => all + text.length, 0);
  const lines = [
    [ASK_PUSH_BEGIN, { id, files: files.length, bytes }] as const,
    ...files.flatMap(({ name, text }) => [
      [ASK_PUSH_FILE, { id, name, bytes: text.length, digest: sha256(text) }] as const,
      ...partsOf(text, partBytes).map(
        (part, index) =>
          [ASK_PUSH_PART, { id, name, at: index * partBytes, base64: btoa(part) }] as const,
      ),
    ]),
    [ASK_PUSH_CHECK, { id }] as const,
  ];
  const text = lines.map(([ask, body]) => `${ask} ${JSON.stringify(body)}`).join('\n');
  return new TextEncoder().encode(text);
}

function partsOf(text: string, size: number): readonly string[] {
  const count = Math.ceil(text.length / size);
  return Array.from({ length: count }, (_, index) => text.slice(index * size, (index + 1) * size));
}

function sha256(what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('hex');
}

const QUESTIONS: Target = {
  name: 'push-questions',
  seeds: [
    asked([{ name: CONFIG_NAME, text: 'bind :443 ssl crt certs/a.pem\n' }]),
    asked(
      [
        { name: CONFIG_NAME, text: 'crt /etc/haproxy/a.pem\nmap(/srv/certs/m.map)\n' },
        { name: 'a.pem', text: 'pem' },
        { name: '/srv/certs/m.map', text: 'a b\n' },
      ],
      20,
    ),
    asked([{ name: SHARED_NAME, text: 'pair:\n' }]),
    asked([{ name: 'stranger', text: THERE }]),
    asked([{ name: '../shadow', text: '' }]),
    asked([{ name: 'pair.key', text: 'k' }]),
  ],
  // Else hardly an input would get as far as having arrived whole.
  mend: (input) => {
    const text = new TextDecoder('latin1').decode(input);
    for (const found of text.matchAll(/"name":"([^"]+)","bytes":\d+,"digest":"([0-9a-f]{64})"/gu)) {
      const [whole, name = '', digest = ''] = found;
      const parts = [...text.matchAll(/"name":"([^"]+)","at":\d+,"base64":"([^"]*)"/gu)]
        .filter((part) => part[1] === name)
        .map((part) => Buffer.from(part[2] ?? '', 'base64'));
      const right = sha256(Buffer.concat(parts));
      input.set(new TextEncoder().encode(right), found.index + whole.length - 1 - digest.length);
    }
  },
  run: (input) => {
    const text = new TextDecoder().decode(input);
    const receiver = new Receiver();
    let outcome = 'nothing';
    for (const line of text.split('\n').slice(0, MOST_LINES)) {
      const at = line.indexOf(' ');
      const said = receiver.hear(line.slice(0, Math.max(0, at)), line.slice(at + 1));
      outcome = said.ok ? 'granted' : kindOf(said.error);
    }
    return outcome;
  },
};

/** As the answers of a daemon have it, without its files and its proxy. */
class Receiver {
  #staging: Staging | undefined;
  #announced = { files: 0, bytes: 0 };
  readonly #digests = new Map<string, string>();

  hear(ask: string, body: string): Result<unknown, string> {
    switch (ask) {
      case ASK_PUSH_BEGIN:
        return this.#begin(body);
      case ASK_PUSH_FILE:
        return this.#expect(body);
      case ASK_PUSH_PART: {
        const part = readPushPart(body);
        return part.ok ? (this.#of(part.value.id)?.add(part.value) ?? FORGOTTEN) : part;
      }
      case ASK_PUSH_CHECK:
        return this.#check(body);
      default:
        return fail('another question');
    }
  }

  #begin(body: string): Result<unknown, string> {
    const begun = readPushBegin(body);
    if (begun.ok) {
      assert(begun.value.files <= MOST_PUSHED_FILES && begun.value.bytes <= MOST_PUSHED_BYTES);
      this.#staging = new Staging(begun.value);
      this.#announced = begun.value;
      this.#digests.clear();
    }
    return begun;
  }

  #expect(body: string): Result<unknown, string> {
    const file = readPushFile(body);
    const place = file.ok ? placeOf(file.value.name, PLACES) : file;
    if (!file.ok || !place.ok || file.value.bytes > MOST_FILE_IN_FUZZ) {
      return place.ok ? fail('too long for here') : place;
    }
    mayLieAt(place.value.path, place.value.base);
    const there = file.value.name === 'stranger' ? new TextEncoder().encode(THERE) : undefined;
    const found = this.#of(file.value.id)?.expect(file.value, place.value, there) ?? FORGOTTEN;
    if (found.ok) {
      this.#digests.set(place.value.path, file.value.digest);
    }
    return found;
  }

  #check(body: string): Result<unknown, string> {
    const asking = readPushAsked(body);
    const whole = asking.ok ? (this.#of(asking.value.id)?.whole() ?? FORGOTTEN) : asking;
    if (!whole.ok) {
      return whole;
    }
    assert.equal(whole.value.length, this.#announced.files);
    assert(total(whole.value.map(({ bytes }) => bytes.length)) <= this.#announced.bytes);
    assert.equal(new Set(whole.value.map(({ path }) => path)).size, whole.value.length);
    for (const { path, bytes } of whole.value) {
      assert.equal(sha256(bytes), this.#digests.get(path));
    }
    const ofProxy = whole.value.filter(({ path }) => path !== PLACES.shared);
    const { files } = stagedCheck(PLACES.config, ofProxy, '/check');
    for (const { path } of files) {
      assert(path.startsWith('/check/') && !path.includes('/../'));
    }
    return areNamed(PLACES.config, ofProxy, []);
  }

  #of(id: string): Staging | undefined {
    return this.#staging?.id === id ? this.#staging : undefined;
  }
}

/** By hand: two files have their places, everything else lies below two directories, and nothing of vipair's is touched. */
function mayLieAt(path: string, base: string): void {
  assert(path.startsWith(`${base}/`), path);
  if (path !== PLACES.config && path !== PLACES.shared) {
    assert(/^\/(?:etc\/haproxy|srv\/certs)\/./u.test(path), path);
    assert(!PLACES.kept.includes(path), path);
  }
  for (const part of path.split('/').slice(1)) {
    assert(part !== '' && part !== '.' && part !== '..', path);
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

/** Without what the stranger said. */
function kindOf(error: string): string {
  return KINDS.find((each) => error.includes(each)) ?? 'another reason';
}

const KINDS = [
  'is no path',
  'lies neither',
  "a file of vipair's own",
  'more to it than was said',
  'comes twice',
  'not announced',
  'does not fit',
  'files have arrived',
  'not arrived whole',
  'is named neither',
  'not known',
  'too long for here',
  'another question',
];
const FORGOTTEN = fail('not known');
const MOST_LINES = 40;
export const PUSH_TARGETS: readonly Target[] = [QUESTIONS];
