import { describe, expect, it } from 'vitest';
import {
  cutWhy,
  MOST_PUSHED_BYTES,
  MOST_PUSHED_FILE_BYTES,
  PART_BYTES,
  readPushAsked,
  readPushBegin,
  readPushBegun,
  readPushFile,
  readPushFileFound,
  readPushInstall,
  readPushPart,
  readPushShared,
  readPushSharedFound,
  readPushState,
  readPushText,
  readPushTextSaid,
  readPushWell,
} from '../../../../src/wire/pair/push.js';

const id = 'lb1-1';
const digest = 'a'.repeat(64);
const READERS = [
  [readPushAsked, { id }, { id: '' }],
  [readPushInstall, { id, to: 'standby' }, { id, to: 'somewhere' }],
  [readPushBegin, { id, files: 1, bytes: 0 }, { id, files: 0, bytes: 0 }],
  [readPushBegin, { id, files: 250, bytes: MOST_PUSHED_BYTES }, { id, files: 251, bytes: 1 }],
  [readPushBegun, { masterOf: ['web'] }, { masterOf: Array(17).fill('web') }],
  [
    readPushFile,
    { id, name: 'a.pem', bytes: MOST_PUSHED_FILE_BYTES, digest },
    { id, name: 'a.pem', bytes: MOST_PUSHED_FILE_BYTES + 1, digest },
  ],
  [readPushFile, { id, name: 'a', bytes: 1, digest }, { id, name: 'a', bytes: 1, digest: 'xyz' }],
  [
    readPushFileFound,
    { path: '/etc/a', found: 'same', certificates: [digest] },
    { path: '/etc/a', found: 'perhaps', certificates: [] },
  ],
  [
    readPushPart,
    { id, name: 'a', at: 0, base64: Buffer.alloc(PART_BYTES, 1).toString('base64') },
    { id, name: 'a', at: 0, base64: Buffer.alloc(PART_BYTES + 1, 1).toString('base64') },
  ],
  [readPushPart, { id, name: 'a', at: 1, base64: 'AAAA' }, { id, name: 'a', at: 1, base64: '?' }],
  [readPushText, { name: 'a' }, { name: '' }],
  [readPushTextSaid, { text: '' }, {}],
  [readPushShared, { digest }, { digest: 'xyz' }],
  [
    readPushSharedFound,
    { path: '/a', found: 'differs', age: 1.5 },
    { path: '/a', found: 'same', age: -1 },
  ],
  [readPushSharedFound, { path: '/a', found: 'absent' }, { found: 'absent' }],
  [readPushWell, { why: 'down' }, { why: 1 }],
  [readPushWell, {}, []],
  [readPushState, { state: 'idle', outcome: 'kept', why: '' }, { state: 'idle', outcome: 'x' }],
] as const;

describe('what two daemons say of a push', () => {
  it.each(READERS)('is believed where it makes sense (%#)', (read, right, wrong) => {
    expect(read(JSON.stringify(right))).toEqual({ ok: true, value: right });
    expect(read(JSON.stringify(wrong)).ok).toBe(false);
    expect(read('{').ok).toBe(false);
  });

  it('a part fits into a question', () => {
    const part = { id: 'x'.repeat(128), name: 'x'.repeat(1000), at: MOST_PUSHED_FILE_BYTES };
    const base64 = Buffer.alloc(PART_BYTES).toString('base64');
    expect(JSON.stringify({ ...part, base64 }).length).toBeLessThan(16_384);
  });

  it('a reason is cut to what an answer has room for', () => {
    expect(cutWhy('short')).toBe('short');
    expect(cutWhy('x'.repeat(5000))).toHaveLength(4000);
  });
});
