import { describe, expect, it } from 'vitest';
import { proofOfOwnership } from '../../../src/os/rtnetlink-messages.js';

describe('what proves that an address is ours', () => {
  it.each([
    ['4.19.0-25-amd64', 'mark-or-label'],
    ['5.17.15', 'mark-or-label'],
    ['5.18.0', 'mark'],
    ['6.1.0-37-amd64', 'mark'],
    ['6.18.44-fc-v657', 'mark'],
    ['unknown', 'mark-or-label'],
  ])('Linux %s: %s', (release, proof) => {
    expect(proofOfOwnership(release)).toBe(proof);
  });
});
