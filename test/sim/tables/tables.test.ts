/** Two replicators, their HAProxies and the link between them, while everything fails: both nodes come to hold the same. */
import { describe, expect, it } from 'vitest';
import { torture } from './torture.js';

const FIRST_SEED = Number(process.env['TABLES_SEED'] ?? 1);
const RUNS = Number(process.env['TABLES_RUNS'] ?? 4);

describe('stick tables under torture', () => {
  it.each(Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index))(
    'seed %i: nothing is invented, lost or sent to and fro, and both nodes agree',
    async (seed) => {
      const { broken, story } = await torture({ seed, forMs: 40_000 });
      expect(broken, story.join('\n')).toEqual([]);
    },
  );
});
