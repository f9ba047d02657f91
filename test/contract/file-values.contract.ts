/** What every Files does. */
import { describe, expect, it } from 'vitest';
import type { Files } from '../../src/ports/files.js';
import { code, value } from './expected.js';

export interface FilesSetup {
  readonly files: Files;
  /** Writes a file, and tells its path. */
  readonly write: (text: string) => string;
}

export function filesContract(name: string, setUp: () => FilesSetup): void {
  describe(`${name} as files`, () => {
    it.each<readonly [string, number]>([
      ['0', 0],
      ['5\n', 5],
      [' -12 \r\n', -12],
      ['+7\n\n', 7],
      ['007', 7],
      ['999999999', 999_999_999],
    ])('%j is %d', async (text, expected) => {
      const { files, write } = setUp();
      expect(value(await files.readInteger(write(text)))).toBe(expected);
    });

    it.each([
      '',
      '\n',
      'x',
      '1 2',
      '1.5',
      '0x10',
      '1e3',
      '--1',
      '9999999999',
      `${' '.repeat(90)}1`,
    ])('%j is garbled', async (text) => {
      const { files, write } = setUp();
      expect(code(await files.readInteger(write(text)))).toBe('garbled');
    });

    it('tells a file that is missing', async () => {
      expect(code(await setUp().files.readInteger('/no/such/file'))).toBe('missing');
    });
  });
}
