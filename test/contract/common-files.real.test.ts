/** Real files that two nodes compare, and what else may lie at a path. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MachineFiles } from '../../src/os/common-files.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { SimCommonFiles } from '../sim/common-files.js';
import { certificate, commonFilesContract } from './common-files.contract.js';
import { code, value } from './expected.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-ct-'));
const files = new MachineFiles(new SystemProcessHost());
let setUps = 0;

function writeBelow(below: string, name: string, text: string): string {
  const path = join(below, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

commonFilesContract('MachineFiles', () => {
  setUps += 1;
  const below = join(directory, String(setUps));
  return { files, write: (name, text) => writeBelow(below, name, text) };
});

commonFilesContract('SimCommonFiles', () => {
  const sim = new SimCommonFiles();
  return {
    files: sim,
    write: (name, text) => {
      sim.write(`/sim/${name}`, text);
      return `/sim/${name}`;
    },
  };
});

describe('what else lies at a path', () => {
  it('a pipe, a device, a directory: not read', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', directory]) {
      expect(code(await files.readText(path))).toBe('not-a-file');
    }
  });

  it('a directory with too many files', async () => {
    for (let index = 0; index <= 200; index += 1) {
      writeBelow(join(directory, 'many'), `${String(index)}.pem`, certificate('one'));
    }
    expect(code(await files.fingerprint(join(directory, 'many')))).toBe('garbled');
  });

  it('a file that somebody wrote with the same length a moment later', async () => {
    const path = writeBelow(directory, 'same', 'a');
    const before = await files.stamp(path);
    writeBelow(directory, 'same', 'b');
    expect(await files.stamp(path)).not.toBe(before);
    expect(value(await files.readText(path))).toBe('b');
  });
});
