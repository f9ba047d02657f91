import { expect, it } from 'vitest';
import { BrokenAssumption, invariant, unreachable } from '../../../src/base/unreachable.js';

it('a case nobody thought of says what it was', () => {
  expect(() => unreachable({ kind: 'new' } as never)).toThrow(
    new BrokenAssumption('unreachable: {"kind":"new"}'),
  );
});

it('an invariant that holds is silent', () => {
  expect(() => {
    invariant(Math.PI < 4, 'pi is less than four');
  }).not.toThrow();
});

it('an invariant that does not hold throws its claim, under its own name', () => {
  const broken = () => {
    invariant(Math.PI > 4, 'pi is more than four');
  };
  expect(broken).toThrow(BrokenAssumption);
  expect(broken).toThrow(
    expect.objectContaining({ name: 'BrokenAssumption', message: 'pi is more than four' }),
  );
});
