import { expect, it } from 'vitest';
import { certificateProblem, fingerprints, holds, textOf } from '../../../src/push/pem.js';
import {
  AFTER,
  BEFORE,
  ONE,
  ONE_FINGERPRINT,
  ONE_KEY,
  TWO_KEY,
  WHILE_VALID,
} from './given-certificates.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ENCRYPTED =
  '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----';

it.each([
  ['text', 'global\n'],
  ['certificates', ONE],
  ['a key', ONE + ONE_KEY],
  ['a key', ENCRYPTED],
  ['other', 'a\0b'],
])('a file holds %s', (what, text) => {
  expect(holds(bytes(text))).toBe(what);
});

it('certificates have the fingerprint that openssl tells, and what is none has none', () => {
  expect(fingerprints(bytes(`${ONE}${ONE_KEY}`))).toEqual([ONE_FINGERPRINT]);
  expect(fingerprints(bytes(ONE.replaceAll('M', 'A')))).toEqual([]);
  expect(fingerprints(bytes('\0'))).toEqual([]);
  expect(textOf(bytes('\0'))).toBeUndefined();
});

it.each<[string, string, string | undefined, number, string | undefined]>([
  ['is right', ONE + ONE_KEY, undefined, WHILE_VALID, undefined],
  ['has expired', ONE + ONE_KEY, undefined, AFTER, 'expired on 2026-12-29'],
  ['is not valid yet', ONE + ONE_KEY, undefined, BEFORE, 'valid only from 2026-11-29 on'],
  ['has another key', ONE + TWO_KEY, undefined, WHILE_VALID, 'belongs to another certificate'],
  ['has its key beside it', ONE, ONE_KEY, WHILE_VALID, undefined],
  ['has another key beside it', ONE, TWO_KEY, WHILE_VALID, 'belongs to another certificate'],
  ['is of an authority, and old', ONE, undefined, AFTER, undefined],
  ['has a key with a passphrase', ONE + ENCRYPTED, undefined, WHILE_VALID, undefined],
  ['is none', ONE_KEY, undefined, WHILE_VALID, undefined],
  ['is nothing', '\0', '\0', WHILE_VALID, undefined],
])('a certificate %s', (_what, text, key, at, problem) => {
  const found = certificateProblem(bytes(text), key === undefined ? undefined : bytes(key), at);
  if (problem === undefined) {
    expect(found).toBeUndefined();
  } else {
    expect(found).toContain(problem);
  }
});
