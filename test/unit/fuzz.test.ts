import { describe, expect, it } from 'vitest';
import { readIpv4Packet } from '../../src/wire/ipv4-packet.js';
import { MOST_KEPT, readCorpus } from '../fuzz/corpus.js';
import { fuzz } from '../fuzz/fuzz.js';
import { ipv4Packet } from '../fuzz/packets.js';
import type { Target } from '../fuzz/target.js';
import { TARGETS } from '../fuzz/targets.js';

/** A second or so in all; `npm run fuzz` feeds millions. */
const RUNS = 4000;

describe('every decoder of what strangers send', () => {
  it.each(TARGETS)(
    '$name keeps its promises with all that was kept, and with changes of it',
    (target) => {
      const corpus = readCorpus(target.name);
      expect(corpus.length).toBeGreaterThan(0);
      expect(corpus.length).toBeLessThanOrEqual(MOST_KEPT);
      const { finding, outcomes } = fuzz(target, { runs: RUNS, seed: 1, corpus });
      expect(finding).toBeUndefined();
      expect(outcomes.size).toBeGreaterThan(1);
    },
  );

  it('finds the mistake of a decoder that trusts a length', () => {
    const packet = ipv4Packet(new Uint8Array(8), {
      source: '10.77.0.2',
      destination: '224.0.0.18',
    });
    const trusting: Target = {
      name: 'trusting',
      seeds: [packet],
      mend: undefined,
      run: (input) => {
        const read = readIpv4Packet(input);
        if (!read.ok) {
          return read.error.code;
        }
        if (read.value.hasOptions && read.value.ttl === 0) {
          throw new Error('reads behind the end');
        }
        return 'read';
      },
    };
    const { finding, inputs } = fuzz(trusting, { runs: 100_000, seed: 1, corpus: [] });
    expect(finding?.broken).toBe('reads behind the end');
    expect(inputs).toBeLessThan(100_000);
  });

  it('finds a decoder that changes its input', () => {
    const changing: Target = {
      name: 'changing',
      seeds: [Uint8Array.of(1)],
      mend: undefined,
      run: (input) => {
        input.fill(0);
        return 'read';
      },
    };
    const { finding } = fuzz(changing, { runs: 10, seed: 1, corpus: [] });
    expect(finding?.broken).toContain('the input was changed');
  });

  it('does the same with the same seed', () => {
    const [target] = TARGETS;
    const run = () => fuzz(target!, { runs: 500, seed: 7, corpus: [] }).kept;
    expect(run()).toEqual(run());
  });
});
