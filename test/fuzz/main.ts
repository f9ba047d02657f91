/**
 * `npm run fuzz -- [--target NAME] [--runs N] [--seed S] [--input HEX]`: every decoder of what strangers send, fed with
 * mutated inputs. What reaches something new is kept in `test/fuzz/corpus`, and fed again by the unit tests.
 */
import Table from 'cli-table3';
import { parseArgs } from 'node:util';
import { hex, readCorpus, writeCorpus } from './corpus.js';
import { Coverage } from './coverage.js';
import type { Fuzzed } from './fuzz.js';
import { fuzz } from './fuzz.js';
import { feed } from './target.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    runs: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    input: { type: 'string' },
  },
});
const chosen = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
if (chosen.length === 0) {
  throw new Error(
    `--target ${values.target ?? ''}: expected one of ${TARGETS.map(({ name }) => name).join(', ')}`,
  );
}
if (values.input === undefined) {
  explore(Number(values.runs), Number(values.seed));
} else {
  const input = Uint8Array.from(Buffer.from(values.input, 'hex'));
  for (const target of chosen) {
    console.log(`${target.name}: ${feed(target, input)}`);
  }
}

function explore(runs: number, seed: number): void {
  console.log(`seed ${String(seed)}, ${String(runs)} inputs a target`);
  const table = new Table({
    head: ['target', 'inputs', 'a second', 'outcomes', 'kept', 'source bytes reached', 'finding'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const target of chosen) {
    const coverage = new Coverage();
    const began = performance.now();
    const fuzzed = fuzz(target, { runs, seed, corpus: readCorpus(target.name), guide: coverage });
    const took = (performance.now() - began) / 1000;
    table.push([
      target.name,
      fuzzed.inputs,
      Math.round(fuzzed.inputs / took),
      fuzzed.outcomes.size,
      fuzzed.kept.length,
      coverage.bytes,
      fuzzed.finding?.broken.split('\n')[0] ?? 'none',
    ]);
    coverage.close();
    keep(target, fuzzed);
  }
  console.log(table.toString());
}

/** An input that breaks a promise is not kept by itself: it belongs into a test of what it found. */
function keep({ name }: Target, { finding, kept }: Fuzzed): void {
  if (finding === undefined) {
    writeCorpus(name, kept);
    return;
  }
  console.log(`${name}: ${finding.broken}`);
  console.log(`npm run fuzz -- --target ${name} --input ${hex(finding.input)}`);
  process.exitCode = 1;
}
