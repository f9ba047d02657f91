import { expect, it } from 'vitest';
import { corruptBytes, patternFrom } from '../../../../src/lab/hitless/pattern.js';

it('is the same however it is cut', () => {
  const whole = patternFrom(0, 200_000);
  expect(Buffer.concat([patternFrom(0, 70_001), patternFrom(70_001, 129_999)])).toEqual(whole);
  expect(corruptBytes(whole.subarray(65_000, 140_000), 65_000)).toBe(0);
});

it('tells a byte that is wrong, and a piece that is missing', () => {
  const found = Buffer.from(patternFrom(5_000, 1_000));
  found.writeUInt8(found.readUInt8(17) ^ 1, 17);
  expect(corruptBytes(found, 5_000)).toBe(1);
  expect(corruptBytes(patternFrom(4_096, 1_000), 0)).toBeGreaterThan(900);
});
