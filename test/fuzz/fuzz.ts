/** Feeds a target with mutated inputs, and keeps those that reach what none before them reached. */
import { Chance } from '../sim/chance.js';
import { MOST_KEPT } from './corpus.js';
import type { Coverage } from './coverage.js';
import { mutate } from './mutate.js';
import type { Target } from './target.js';
import { feed } from './target.js';

/** What ran, as far as anybody looks; a run without it is guided by outcomes alone. */
export type Guide = Pick<Coverage, 'reachesNew' | 'absorb'>;

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** What former runs kept. */
  readonly corpus: readonly Uint8Array[];
  readonly guide?: Guide | undefined;
}

/** An input that breaks a promise. */
export interface Finding {
  readonly input: Uint8Array;
  readonly broken: string;
}

export interface Fuzzed {
  readonly inputs: number;
  readonly kept: readonly Uint8Array[];
  readonly outcomes: ReadonlyMap<string, number>;
  readonly finding: Finding | undefined;
}

/** Asking V8 takes as long as thousands of inputs. */
const BATCH = 2000;

/** Ends with the first finding. */
export function fuzz(target: Target, { runs, seed, corpus, guide }: FuzzOptions): Fuzzed {
  const fuzzing = new Fuzzing(target, guide);
  fuzzing.begin([...target.seeds, ...corpus]);
  const chance = new Chance(seed);
  while (fuzzing.inputs < runs && fuzzing.finding === undefined) {
    const size = Math.min(BATCH, runs - fuzzing.inputs);
    fuzzing.batch(Array.from({ length: size }, () => next(target, fuzzing.kept, chance)));
  }
  return fuzzing;
}

function next(target: Target, kept: readonly Uint8Array[], chance: Chance): Uint8Array {
  const input = mutate(kept, chance);
  if (chance.next() < 0.5) {
    target.mend?.(input);
  }
  return input;
}

class Fuzzing implements Fuzzed {
  inputs = 0;
  kept: Uint8Array[] = [];
  readonly outcomes = new Map<string, number>();
  finding: Finding | undefined;
  readonly #target: Target;
  readonly #guide: Guide | undefined;

  constructor(target: Target, guide: Guide | undefined) {
    this.#target = target;
    this.#guide = guide;
  }

  /** Keeps of what is given only what reaches something of its own, the shortest first. */
  begin(given: readonly Uint8Array[]): void {
    for (const input of given.toSorted((a, b) => a.length - b.length)) {
      this.batch([input]);
    }
  }

  batch(inputs: readonly Uint8Array[]): void {
    const kept = this.kept.length;
    const reachesNew = this.#reachesNew(() => {
      for (const input of inputs) {
        if (this.finding === undefined && this.#run(input)) {
          this.#keep(input);
        }
      }
    });
    if (reachesNew && this.finding === undefined) {
      this.#locate(inputs, this.kept.slice(kept));
    }
  }

  /** One of them runs what has never run: looks for it in ever smaller parts. */
  #locate(inputs: readonly Uint8Array[], known: readonly Uint8Array[]): void {
    const [only] = inputs;
    if (inputs.length <= 1) {
      this.#guide?.absorb();
      if (only !== undefined && !known.includes(only)) {
        this.#keep(only);
      }
      return;
    }
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      const isHere = this.#reachesNew(() => {
        for (const input of half) {
          feed(this.#target, input);
        }
      });
      if (isHere) {
        this.#locate(half, known);
      }
    }
  }

  #reachesNew(run: () => void): boolean {
    if (this.#guide !== undefined) {
      return this.#guide.reachesNew(run);
    }
    run();
    return false;
  }

  /** Whether its outcome is a new one. */
  #run(input: Uint8Array): boolean {
    this.inputs += 1;
    try {
      const outcome = feed(this.#target, input);
      const times = this.outcomes.get(outcome) ?? 0;
      this.outcomes.set(outcome, times + 1);
      return times === 0;
    } catch (error) {
      this.finding ??= { input, broken: error instanceof Error ? error.message : String(error) };
      return false;
    }
  }

  #keep(input: Uint8Array): void {
    if (this.kept.length < MOST_KEPT) {
      this.kept.push(input);
    }
  }
}
