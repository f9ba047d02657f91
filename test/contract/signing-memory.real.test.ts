/** The memory of signatures in real files: what is damaged there, and what cannot be written. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { FileSigningMemory } from '../../src/os/signing-memory.js';
import { code, value } from './expected.js';
import { signingMemoryContract } from './signing-memory.contract.js';

const root = mkdtempSync(join(tmpdir(), 'vipair-signing-'));
let made = 0;

function directory(): string {
  made += 1;
  const path = join(root, String(made));
  mkdirSync(path);
  return path;
}

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

signingMemoryContract('FileSigningMemory', () => {
  const path = directory();
  return { memory: new FileSigningMemory(path), next: () => new FileSigningMemory(path) };
});

describe('a memory of signatures in files', () => {
  it.each(['', 'NaN', '1e999', '17\n18', ' 5', '0x10', '9'.repeat(400)])(
    'takes %j for nothing',
    (text) => {
      const path = directory();
      writeFileSync(join(path, 'signed-eth0-51-ipv4'), text);
      expect(new FileSigningMemory(path).read('eth0-51-ipv4')).toBeUndefined();
    },
  );

  it('leaves one file, which only its owner reads', () => {
    const path = directory();
    value(new FileSigningMemory(path).keep('eth0-51-ipv4', millis(5)));
    expect(readdirSync(path)).toEqual(['signed-eth0-51-ipv4']);
    expect(statSync(join(path, 'signed-eth0-51-ipv4')).mode & 0o777).toBe(0o600);
  });

  it('says where it cannot write', () => {
    const memory = new FileSigningMemory(join(root, 'nowhere'));
    expect(code(memory.keep('eth0-51-ipv4', millis(5)))).toBe('not-kept');
    expect(memory.read('eth0-51-ipv4')).toBeUndefined();
  });
});
