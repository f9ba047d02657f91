/** What every SigningMemory does. */
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import type { SigningMemory } from '../../src/ports/signing-memory.js';
import { value } from './expected.js';

export interface SigningMemorySetup {
  readonly memory: SigningMemory;
  /** As the next daemon has it. */
  readonly next: () => SigningMemory;
}

export function signingMemoryContract(name: string, setUp: () => SigningMemorySetup): void {
  describe(`${name} as a memory of signatures`, () => {
    it('knows nothing at first', () => {
      expect(setUp().memory.read('eth0-51-ipv4')).toBeUndefined();
    });

    it('tells the next daemon what was kept last of each virtual router', () => {
      const { memory, next } = setUp();
      value(memory.keep('eth0-51-ipv4', millis(1_700_000_000_000.0625)));
      value(memory.keep('eth0-51-ipv4', millis(1_700_000_000_100.5)));
      value(memory.keep('eth0-51-ipv6', millis(-3.25)));
      expect(next().read('eth0-51-ipv4')).toBe(1_700_000_000_100.5);
      expect(next().read('eth0-51-ipv6')).toBe(-3.25);
      expect(next().read('eth1-51-ipv4')).toBeUndefined();
    });
  });
}
