/** Chance, as a port: a simulated one is seeded. */

export interface Random {
  /** From 0 up to, but not including, 1. */
  fraction(): number;
}
