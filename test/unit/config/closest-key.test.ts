import { describe, expect, it } from 'vitest';
import { closestKey } from '../../../src/config/closest-key.js';

const known = ['vrid', 'addresses', 'advert_interval', 'announce', 'run'];

describe('the key that was meant', () => {
  it.each([
    ['vird', 'vrid'],
    ['VRID', 'vrid'],
    ['address', 'addresses'],
    ['adresses', 'addresses'],
    ['advertInterval', 'advert_interval'],
    ['advert-interval', 'advert_interval'],
    ['advert_int', 'advert_interval'],
    ['advert', undefined],
    ['runn', 'run'],
    ['rxx', undefined],
    ['priority', undefined],
    ['', undefined],
    ['a'.repeat(10_000), undefined],
  ])('by %s is %s', (unknown, meant) => {
    expect(closestKey(unknown, known)).toBe(meant);
  });
});
