/** The machine's own chance. */
import type { Random } from '../ports/random.js';

export class SystemRandom implements Random {
  fraction(): number {
    return Math.random();
  }
}
