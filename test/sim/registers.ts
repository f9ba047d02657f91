/**
 * What operators have stated, as each machine has it on its disk: read by the judge's own eyes. Of each key the greatest
 * stamp counts, and then the node's name, wherever it was stated.
 */
import type { SimMachine } from './machine.js';

interface Line {
  readonly entry: {
    readonly register: {
      readonly key: string;
      readonly value: string;
      readonly stamp: { readonly counter: number; readonly node: string };
    };
  };
}

/** Key by key. */
export function statedOn({ intents }: SimMachine): ReadonlyMap<string, string> {
  const last = new Map<string, Line['entry']['register']>();
  for (const line of intents.lines) {
    const { register } = (JSON.parse(line) as Line).entry;
    const had = last.get(register.key);
    if (had === undefined || isLater(register.stamp, had.stamp)) {
      last.set(register.key, register);
    }
  }
  return new Map(
    [...last].map(([key, { value, stamp }]) => [
      key,
      `${value} of ${stamp.node}, ${String(stamp.counter)}`,
    ]),
  );
}

/** One line for each key of which the two have not the same. */
export function differencesOf([a, b]: readonly [SimMachine, SimMachine]): readonly string[] {
  const [here, there] = [statedOn(a), statedOn(b)];
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((key) => here.get(key) !== there.get(key))
    .map((key) => `${key}: ${here.get(key) ?? 'nothing'}, ${there.get(key) ?? 'nothing'}`);
}

type Stamp = Line['entry']['register']['stamp'];

function isLater(a: Stamp, b: Stamp): boolean {
  return a.counter === b.counter ? a.node >= b.node : a.counter > b.counter;
}
