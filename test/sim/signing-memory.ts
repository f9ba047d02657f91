/** What a simulated machine remembers of its signatures, until its power is gone. */
import { done } from '../../src/base/result.js';
import type { Result } from '../../src/base/result.js';
import type { Millis } from '../../src/base/time.js';
import type { SigningFailure, SigningMemory } from '../../src/ports/signing-memory.js';

export class SimSigningMemory implements SigningMemory {
  readonly #kept = new Map<string, Millis>();

  read(router: string): Millis | undefined {
    return this.#kept.get(router);
  }

  keep(router: string, ahead: Millis): Result<undefined, SigningFailure> {
    this.#kept.set(router, ahead);
    return done;
  }

  powerLoss(): void {
    this.#kept.clear();
  }
}
