import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry } from '../../../src/record/transition-line.js';
import { formatLine, readLine } from '../../../src/record/transition-line.js';
import { TRANSITION } from './given-history.js';

const ENTRY: Entry = { kind: 'transition', transition: TRANSITION };
const LINE = formatLine(ENTRY);

it('a transition is read back as it was written, on one line', () => {
  expect(LINE).not.toContain('\n');
  expect(readLine(LINE)).toEqual({ ok: true, value: { version: 1, ...ENTRY } });
});

it('what was learned later is read back, too', () => {
  const entry: Entry = {
    kind: 'announced',
    announced: { node: 'lb1', epoch: 5, number: 7, claimMs: 0.4, announceMs: 0.1 },
  };
  expect(readLine(formatLine(entry))).toMatchObject({ ok: true, value: entry });
});

it('any text survives, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (cause) => {
      const entry: Entry = { kind: 'transition', transition: { ...TRANSITION, cause } };
      expect(readLine(formatLine(entry))).toEqual({ ok: true, value: { version: 1, ...entry } });
    }),
  );
});

it('a line that was cut off anywhere is damaged', () => {
  for (let length = 0; length < LINE.length; length += 1) {
    expect(readLine(LINE.slice(0, length))).toEqual({ ok: false, error: { code: 'damaged' } });
  }
});

it('a line in which one character is another is damaged', () => {
  fc.assert(
    fc.property(fc.nat(LINE.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
      fc.pre(LINE[at] !== other);
      expect(readLine(`${LINE.slice(0, at)}${other}${LINE.slice(at + 1)}`).ok).toBe(false);
    }),
  );
});

it.each(['', 'null', '{}', '{"sum":"000000000000","entry":{}}', 'x'.repeat(100_000)])(
  'what is no line at all is damaged: %.40s',
  (line) => {
    expect(readLine(line)).toEqual({ ok: false, error: { code: 'damaged' } });
  },
);

it('a whole line of a version to come is unknown', () => {
  const later = { ...ENTRY, kind: 'drill' } as unknown as Entry;
  expect(readLine(formatLine(later))).toEqual({ ok: false, error: { code: 'unknown' } });
  const newer = formatLine({ ...ENTRY, version: 2 } as unknown as Entry);
  expect(readLine(newer)).toEqual({ ok: false, error: { code: 'unknown' } });
});
