/** Real files that hold a key or a password: which are read, byte for byte, and which are refused, and how that is told. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/base/result.js';
import { KeyFiles } from '../../src/os/key-files.js';
import type { SecretRefusal, SecretSize } from '../../src/ports/secrets.js';
import { code, value } from './expected.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-ct-'));
const credentials = join(directory, 'credentials');
mkdirSync(credentials);
const keys = new KeyFiles(credentials);
const KEY: SecretSize = { from: 32, to: 64 };
const PASSWORD: SecretSize = { from: 1, to: 8 };
const LINE_END = 0x0a;

let files = 0;

function write(bytes: string | Uint8Array, mode = 0o600): string {
  files += 1;
  const path = join(directory, `secret-${String(files)}`);
  writeFileSync(path, bytes, { mode });
  return path;
}

function read(path: string, size = KEY): Promise<Result<Uint8Array, SecretRefusal>> {
  return keys.read({ kind: 'file', path }, size);
}

async function detail(path: string, size = KEY): Promise<string> {
  const found = await read(path, size);
  return found.ok ? 'read' : found.error.detail;
}

function bytes(length: number, last = 0xa5): Uint8Array {
  return new Uint8Array(length).fill(0xa5).with(length - 1, last);
}

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('a key', () => {
  it.each<[string, Uint8Array, Uint8Array]>([
    ['of 32 bytes is read as it is', bytes(32), bytes(32)],
    ['of 64 bytes is read as it is', bytes(64), bytes(64)],
    ['with a line end behind it is the same key', Uint8Array.of(...bytes(32), 10), bytes(32)],
    ['of 64 bytes with one, too', Uint8Array.of(...bytes(64), 10), bytes(64)],
    ['of 32 bytes that ends like a line is whole', bytes(32, LINE_END), bytes(32, LINE_END)],
    [
      'loses one line end, not two',
      Uint8Array.of(...bytes(32), 10, 10),
      Uint8Array.of(...bytes(32), 10),
    ],
  ])('%s', async (_name, written, expected) => {
    expect(value(await read(write(written)))).toEqual(expected);
  });

  it.each([0, 1, 31, 65, 66, 4096, 100_000])('of %i bytes is refused', async (length) => {
    const found = await read(write(new Uint8Array(length).fill(0xa5)));
    expect(code(found)).toBe('size');
    expect(found.ok ? '' : found.error.detail).toMatch(/: \d+ bytes, expected 32 to 64/u);
  });

  it('is never told', async () => {
    expect(await detail(write('a-secret-that-is-too-short'))).not.toContain('a-secret');
  });
});

describe('a password', () => {
  it.each([
    ['secret\n', 'secret'],
    ['secret', 'secret'],
    ['eightlet\n', 'eightlet'],
    ['x\n', 'x'],
  ])('%j is %j', async (written, expected) => {
    const found = value(await read(write(written), PASSWORD));
    expect(Buffer.from(found).toString()).toBe(expected);
  });

  it.each(['', '\n', 'nineteens\n'])('%j is none', async (written) => {
    expect(code(await read(write(written), PASSWORD))).toBe('size');
  });
});

describe('a file of secrets', () => {
  it.each(['600', '400'])('may have mode %s', async (mode) => {
    expect(value(await read(write(bytes(32), parseInt(mode, 8))))).toHaveLength(32);
  });

  it.each(['640', '604', '644', '660', '610', '601', '602'])(
    'may not have mode %s, and the cure is told',
    async (mode) => {
      const path = write(bytes(32));
      chmodSync(path, parseInt(mode, 8));
      expect(code(await read(path))).toBe('readable-by-others');
      expect(await detail(path)).toBe(`${path}: mode 0${mode}, expected 0600: chmod 600 ${path}`);
    },
  );

  it('belongs to root or to us', async () => {
    const path = write(bytes(32));
    chownSync(path, 65_534, 65_534);
    expect(code(await read(path))).toBe('readable-by-others');
    expect(await detail(path)).toContain('owned by user 65534, expected root');
  });

  it('is no link, wherever it leads', async () => {
    const link = join(directory, 'link');
    symlinkSync(write(bytes(32)), link);
    expect(await detail(link)).toBe(`${link}: a symbolic link, expected a regular file`);
  });

  it('is no directory, no device, and no pipe, for which nobody waits', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    for (const path of [directory, '/dev/zero', pipe]) {
      expect(code(await read(path)), path).toBe('not-a-file');
    }
  });

  it('has to be there', async () => {
    const path = join(directory, 'none');
    expect(code(await read(path))).toBe('missing');
    expect(await detail(path)).toBe(`${path}: no such file`);
    expect(await detail(join(write('x'), 'below'))).toContain('ENOTDIR');
  });
});

describe('a credential', () => {
  const credential = (name: string) => ({ kind: 'credential', name }) as const;

  it('is read from where systemd put it, in whatever mode it has it', async () => {
    writeFileSync(join(credentials, 'vrrp-key'), bytes(40), { mode: 0o440 });
    expect(value(await keys.read(credential('vrrp-key'), KEY))).toEqual(bytes(40));
  });

  it('that the unit does not load is missing', async () => {
    expect(code(await keys.read(credential('other'), KEY))).toBe('missing');
  });

  it('without a service manager is missing, and the cure is told', async () => {
    const found = await new KeyFiles(undefined).read(credential('vrrp-key'), KEY);
    expect(code(found)).toBe('missing');
    expect(found.ok ? '' : found.error.detail).toContain('LoadCredential=');
  });
});
