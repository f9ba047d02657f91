/** Broken assumptions: they throw, nobody catches them, and the service manager restarts us. */

/** A program mistake: never the fault of the network, the operator or the kernel. */
export class BrokenAssumption extends Error {
  override readonly name = 'BrokenAssumption';
}

/** Ends every `switch` over a union, so that a new member breaks the build where it matters. */
export function unreachable(value: never): never {
  throw new BrokenAssumption(`unreachable: ${JSON.stringify(value)}`);
}

/** Throws {@link BrokenAssumption} when something that must hold does not. */
export function invariant(holds: boolean, claim: string): asserts holds {
  if (!holds) {
    throw new BrokenAssumption(claim);
  }
}
