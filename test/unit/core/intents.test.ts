import { describe, expect, it } from 'vitest';
import {
  isKeepable,
  keyOf,
  readAdminState,
  readKey,
  readWeight,
  weightFor,
} from '../../../src/core/intents.js';

describe('what operators want of a server', () => {
  it('has a key for each of its aspects, which is read back', () => {
    for (const aspect of ['admin', 'weight', 'existence'] as const) {
      expect(readKey(keyOf('web/we.b-1:x', aspect))).toEqual({ server: 'web/we.b-1:x', aspect });
    }
  });

  it.each(['pause', 'server/web/admin', 'server/web/a/b/admin', 'server/web/web1/colour'])(
    '%s is none of them',
    (key) => {
      expect(readKey(key)).toBeUndefined();
    },
  );

  it('is a state that HAProxy knows', () => {
    expect(['ready', 'drain', 'maint', 'gone', ''].map(readAdminState)).toEqual([
      ...['ready', 'drain', 'maint'],
      ...[undefined, undefined],
    ]);
  });

  it.each<[string, number, number | undefined]>([
    ['0', 10, 0],
    ['256', 10, 256],
    ['257', 10, undefined],
    ['50%', 10, 5],
    ['50%', 3, 1],
    ['100%', 7, 7],
    ['0%', 7, 0],
    ['200%', 200, 256],
    ['-1', 10, undefined],
    ['5.5', 10, undefined],
    ['many', 10, undefined],
    ['1000000%', 10, undefined],
    ['', 10, undefined],
  ])('is a weight: %s of %i is %s', (text, configured, expected) => {
    const weight = readWeight(text);
    expect(weight === undefined ? undefined : weightFor(weight, configured)).toBe(expected);
  });

  it('can be kept of every server with a name that HAProxy allows and that is not endless', () => {
    expect(isKeepable('web/web1')).toBe(true);
    expect(isKeepable(`web/${'x'.repeat(200)}`)).toBe(false);
    expect(isKeepable('web')).toBe(false);
  });
});
