/** Inputs made of other inputs. */
import type { Chance } from '../sim/chance.js';

/** Longer than any packet that a decoder is given: what is longer teaches nothing new. */
export const LONGEST_INPUT = 5000;

/** A changed copy of one of them. The same chance makes the same change. */
export function mutate(inputs: readonly Uint8Array[], chance: Chance): Uint8Array {
  let mutated = pick(inputs, chance).slice();
  const times = 1 + below(4, chance);
  for (let time = 0; time < times; time += 1) {
    mutated = pick(MUTATIONS, chance)(mutated, chance, inputs);
  }
  return mutated.slice(0, LONGEST_INPUT);
}

type Mutation = (
  input: Uint8Array<ArrayBuffer>,
  chance: Chance,
  inputs: readonly Uint8Array[],
) => Uint8Array<ArrayBuffer>;

/** Where off-by-one mistakes live. */
const INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 128, 254, 255];

const MUTATIONS: readonly Mutation[] = [
  (input, chance) => write(input, chance, (octet) => octet ^ (1 << below(8, chance))),
  (input, chance) => write(input, chance, () => below(256, chance)),
  (input, chance) => write(input, chance, () => pick(INTERESTING, chance)),
  (input, chance) => write(input, chance, (octet) => octet + 1),
  (input, chance) => write(input, chance, (octet) => octet - 1),
  (input, chance) => input.slice(0, below(input.length + 1, chance)),
  (input, chance) => {
    const at = below(input.length + 1, chance);
    const added = Array.from({ length: 1 + below(32, chance) }, () => below(256, chance));
    return Uint8Array.from([...input.subarray(0, at), ...added, ...input.subarray(at)]);
  },
  (input, chance) => {
    const at = below(input.length + 1, chance);
    const end = at + 1 + below(16, chance);
    return Uint8Array.from([...input.subarray(0, at), ...input.subarray(end)]);
  },
  (input, chance, inputs) => {
    const other = pick(inputs, chance);
    const at = below(Math.min(input.length, other.length) + 1, chance);
    return Uint8Array.from([...input.subarray(0, at), ...other.subarray(at)]);
  },
  (input, chance) => {
    const from = below(input.length + 1, chance);
    return Uint8Array.from([...input, ...input.subarray(from, from + 64)]);
  },
];

function write(
  input: Uint8Array<ArrayBuffer>,
  chance: Chance,
  change: (octet: number) => number,
): Uint8Array<ArrayBuffer> {
  if (input.length > 0) {
    const at = below(input.length, chance);
    input[at] = change(input[at]!);
  }
  return input;
}

function below(limit: number, chance: Chance): number {
  return Math.floor(chance.next() * limit);
}

function pick<Each>(from: readonly Each[], chance: Chance): Each {
  return from[below(from.length, chance)]!;
}
